-- Each outlet by day: what its sources announced and what of it is held, and whether the day was watched. A page belongs to
-- the day of its article, else to the day its source gave, else to the day it was asked for; announced many nights running
-- it is one page, and held if any night had it. A day was watched where a page of it was announced, where a live crawl on
-- the day after had an answer from every source it asked, or where a replay did and the day lies between the first and the
-- last page it announced (design.md, Replay: what an archive announces is its window). A person's word on a day comes first. What a
-- backfill's sitemaps list is measured by backfill_months, and watches no day.
CREATE OR REPLACE VIEW outlet_days AS
WITH asked AS (
    SELECT
        fetched.outlet_id,
        fetched.archive_file,
        fetched.url,
        crawl.mode,
        CAST(coalesce(article.counted_at, fetched.announced_at, crawl.crawl_time) AT TIME ZONE 'Asia/Ho_Chi_Minh' AS DATE) AS day,
        fetched.outcome IN ('new', 'changed', 'unchanged', 'withdrawn') AS collected
    FROM fetches AS fetched
    JOIN crawls AS crawl ON crawl.archive_file = fetched.archive_file
    LEFT JOIN articles AS article ON article.article_id = fetched.article_id
    WHERE fetched.kind = 'page' AND fetched.announced AND crawl.mode <> 'backfill'
), pages AS (
    SELECT outlet_id, url, min(day) AS day, bool_or(collected) AS collected FROM asked GROUP BY outlet_id, url
), good_crawls AS (
    SELECT
        source.outlet_id,
        source.archive_file,
        any_value(crawl.mode) AS mode,
        any_value(CAST(crawl.crawl_time AT TIME ZONE 'Asia/Ho_Chi_Minh' AS DATE)) AS day
    FROM fetches AS source
    JOIN crawls AS crawl ON crawl.archive_file = source.archive_file
    WHERE source.kind IN ('feed', 'sitemap', 'section') AND (source.listed OR source.outcome = 'ok')
      AND source.outcome <> 'not_in_archive' AND crawl.mode <> 'backfill'
    GROUP BY source.outlet_id, source.archive_file
    HAVING bool_and(source.outcome = 'ok')
), replayed AS (
    SELECT asked.outlet_id, unnest(generate_series(min(asked.day), max(asked.day), INTERVAL 1 DAY)) AS day
    FROM asked
    JOIN good_crawls AS good ON good.archive_file = asked.archive_file AND good.mode = 'replay'
    GROUP BY asked.outlet_id, asked.archive_file
), watched AS (
    SELECT outlet_id, day FROM pages
    UNION
    SELECT outlet_id, day - 1 FROM good_crawls WHERE mode = 'live'
    UNION
    SELECT outlet_id, CAST(day AS DATE) FROM replayed
), counted AS (
    SELECT outlet_id, day, count(*) AS announced, count(*) FILTER (collected) AS collected FROM pages GROUP BY ALL
), held AS (
    SELECT outlet_id, counted_on AS day, count(*) AS articles FROM articles GROUP BY ALL
), decided AS (
    SELECT split_part(subject_key, '|', 1) AS outlet_id, CAST(split_part(subject_key, '|', 2) AS DATE) AS day, decision
    FROM decisions WHERE subject = 'day'
), days AS (
    SELECT outlet_id, day FROM watched
    UNION SELECT outlet_id, day FROM held
    UNION SELECT outlet_id, day FROM decided
)
SELECT
    days.outlet_id,
    days.day,
    coalesce(counted.announced, 0) AS announced,
    CASE decided.decision
        WHEN 'complete' THEN coalesce(counted.announced, 0)
        ELSE coalesce(counted.collected, 0)
    END AS collected,
    coalesce(held.articles, 0) AS articles,
    CASE decided.decision
        WHEN 'complete' THEN true
        WHEN 'incomplete' THEN false
        ELSE watched.day IS NOT NULL
    END AS watched,
    decided.decision IS NOT NULL AS decided
FROM days
LEFT JOIN watched ON watched.outlet_id = days.outlet_id AND watched.day = days.day
LEFT JOIN counted ON counted.outlet_id = days.outlet_id AND counted.day = days.day
LEFT JOIN held ON held.outlet_id = days.outlet_id AND held.day = days.day
LEFT JOIN decided ON decided.outlet_id = days.outlet_id AND decided.day = days.day;
