-- How complete the collection behind the days $first to $last is, by outlet; the row without an outlet is all together.
-- A page belongs to the day of its article, else to the day its source gave, else to the day it was asked for.
-- A crawl covers the period where it announced a page of it, or ran in it or on the day after.
-- A day of an outlet was watched where a page of that day was announced, where a live crawl on the day after had an
-- answer from every source it asked, or where a replay did and the day lies between the first and the last page that it
-- announced (design.md, Replay: what an archive announces is its window). What a replayed archive does not hold was never
-- asked. Sitemaps that only the outlet itself names (in robots.txt, in an index) count where they answer: many of them have
-- been dead for years.
-- `complete` needs $complete_from percent of the pages, $watched_from percent of the days, and no silent source.
WITH asked AS (
    SELECT
        fetched.*,
        crawl.mode,
        CAST(crawl.crawl_time AS DATE) AS crawl_day,
        CAST(coalesce(article.counted_at, fetched.announced_at, crawl.crawl_time) AS DATE) AS page_day
    FROM fetches AS fetched
    JOIN crawls AS crawl ON crawl.archive_file = fetched.archive_file
    LEFT JOIN articles AS article ON article.article_id = fetched.article_id
), pages AS (
    -- A page is announced many nights running: it is one page, and collected if any night had it.
    SELECT
        outlet_id,
        url,
        min(page_day) AS page_day,
        bool_or(outcome IN ('new', 'changed', 'unchanged', 'withdrawn')) AS collected
    FROM asked
    WHERE kind = 'page' AND announced
    GROUP BY outlet_id, url
), pages_by_outlet AS (
    SELECT outlet_id, count(*) AS announced, count(*) FILTER (collected) AS collected
    FROM pages
    WHERE page_day BETWEEN $first AND $last
    GROUP BY outlet_id
), covering AS (
    SELECT DISTINCT archive_file
    FROM asked
    WHERE crawl_day BETWEEN $first AND $last + 1
       OR (kind = 'page' AND announced AND page_day BETWEEN $first AND $last)
), sources AS (
    SELECT
        outlet_id,
        url,
        bool_or(outcome = 'ok') AS answered,
        bool_and(outcome = 'refused') AS refused,
        bool_and(outcome = 'not_in_archive') AS not_in_archive
    FROM asked
    WHERE kind IN ('feed', 'sitemap', 'section') AND (listed OR outcome = 'ok') AND archive_file IN (SELECT archive_file FROM covering)
    GROUP BY outlet_id, url
), sources_by_outlet AS (
    SELECT
        outlet_id,
        count(*) AS sources,
        count(*) FILTER (NOT answered AND NOT not_in_archive) AS sources_silent,
        count(*) FILTER (refused) AS sources_refused,
        count(*) FILTER (not_in_archive) AS sources_not_in_archive
    FROM sources
    GROUP BY outlet_id
), good_crawls AS (
    SELECT outlet_id, archive_file, any_value(mode) AS mode, any_value(crawl_day) AS crawl_day
    FROM asked
    WHERE kind IN ('feed', 'sitemap', 'section') AND (listed OR outcome = 'ok') AND outcome <> 'not_in_archive'
    GROUP BY outlet_id, archive_file
    HAVING bool_and(outcome = 'ok')
), replayed_windows AS (
    SELECT page.outlet_id, unnest(generate_series(min(page.page_day), max(page.page_day), INTERVAL 1 DAY)) AS day
    FROM asked AS page
    JOIN good_crawls AS good ON good.archive_file = page.archive_file AND good.mode = 'replay'
    WHERE page.kind = 'page' AND page.announced
    GROUP BY page.outlet_id, page.archive_file
), watched AS (
    SELECT outlet_id, page_day AS day FROM pages
    UNION
    SELECT outlet_id, crawl_day - 1 AS day FROM good_crawls WHERE mode = 'live'
    UNION
    SELECT outlet_id, CAST(day AS DATE) AS day FROM replayed_windows
), watched_by_outlet AS (
    SELECT outlet_id, count(DISTINCT day) AS watched_days
    FROM watched
    WHERE day BETWEEN $first AND $last
    GROUP BY outlet_id
), switched_on AS (
    SELECT outlet_id, count(*) AS sources_switched_on FROM feeds WHERE verified IS NOT NULL GROUP BY outlet_id
), by_outlet AS (
    SELECT
        outlet.outlet_id,
        coalesce(pages_by_outlet.announced, 0) AS announced,
        coalesce(pages_by_outlet.collected, 0) AS collected,
        coalesce(sources_by_outlet.sources, 0) AS sources,
        coalesce(sources_by_outlet.sources_silent, 0) AS sources_silent,
        coalesce(sources_by_outlet.sources_refused, 0) AS sources_refused,
        coalesce(sources_by_outlet.sources_not_in_archive, 0) AS sources_not_in_archive,
        coalesce(watched_by_outlet.watched_days, 0) AS watched_days,
        coalesce(switched_on.sources_switched_on, 0) AS sources_switched_on
    FROM outlets AS outlet
    LEFT JOIN pages_by_outlet ON pages_by_outlet.outlet_id = outlet.outlet_id
    LEFT JOIN sources_by_outlet ON sources_by_outlet.outlet_id = outlet.outlet_id
    LEFT JOIN watched_by_outlet ON watched_by_outlet.outlet_id = outlet.outlet_id
    LEFT JOIN switched_on ON switched_on.outlet_id = outlet.outlet_id
), judged AS (
    SELECT
        *,
        announced > 0
            AND 100.0 * collected / announced >= $complete_from
            AND 100.0 * watched_days / ($last - $first + 1) >= $watched_from
            AND sources > sources_not_in_archive
            AND sources_silent = 0 AS complete,
        -- Nothing to ask, or nothing that may be asked.
        (sources = 0 AND sources_switched_on = 0) OR (sources > 0 AND sources_refused = sources) AS out_of_reach,
        sources = 0 AND announced = 0 AS not_asked
    FROM by_outlet
)
SELECT
    outlet_id,
    sum(announced)::BIGINT AS announced,
    sum(collected)::BIGINT AS collected,
    CASE WHEN sum(announced) > 0 THEN 100.0 * sum(collected) / sum(announced) END AS percent,
    sum(sources)::BIGINT AS sources,
    sum(sources_silent)::BIGINT AS sources_silent,
    sum(sources_not_in_archive)::BIGINT AS sources_not_in_archive,
    min(watched_days) AS watched_days,
    bool_and(complete) AS complete,
    bool_and(out_of_reach) AS out_of_reach,
    bool_and(not_asked) AS not_asked,
    count(*) AS outlets,
    count(*) FILTER (complete) AS outlets_complete,
    count(*) FILTER (NOT complete AND NOT out_of_reach AND NOT not_asked) AS outlets_with_gaps,
    count(*) FILTER (not_asked AND NOT out_of_reach) AS outlets_not_asked,
    count(*) FILTER (out_of_reach) AS outlets_out_of_reach
FROM judged
GROUP BY GROUPING SETS ((outlet_id), ())
ORDER BY outlet_id NULLS LAST;
