-- How each outlet did in its last crawl of its news, and what is known of it in all. Backfills of past months, whose pages are
-- older than its layouts may be, say nothing of it.
CREATE OR REPLACE VIEW outlet_health AS
WITH each_crawl AS (
    -- A crawl that filled a file went on in another.
    SELECT
        outlet_id,
        run_id,
        max(crawl_time) AS crawl_time,
        max_by(finish, ended_at) AS finish,
        bool_or(reached) AS reached,
        flatten(list(alarms) FILTER (alarms IS NOT NULL)) AS alarms
    FROM crawls WHERE mode <> 'backfill' GROUP BY outlet_id, run_id
), crawl AS (
    SELECT * FROM each_crawl QUALIFY row_number() OVER (PARTITION BY outlet_id ORDER BY crawl_time DESC, run_id DESC) = 1
), pages AS (
    SELECT
        outlet_id,
        run_id,
        count(*) FILTER (kind = 'page' AND announced) AS announced,
        count(*) FILTER (kind = 'page' AND announced AND outcome IN ('new', 'changed', 'unchanged', 'withdrawn')) AS collected,
        count(*) FILTER (kind = 'page' AND announced AND outcome = 'failed') AS failed,
        count(*) FILTER (kind NOT IN ('page', 'robots') AND outcome = 'ok') AS sources_alive,
        count(*) FILTER (kind NOT IN ('page', 'robots') AND outcome = 'ok' AND status = 304) AS sources_unchanged,
        count(*) FILTER (kind NOT IN ('page', 'robots') AND outcome <> 'waiting') AS sources_asked,
        count(*) FILTER (kind NOT IN ('page', 'robots') AND outcome = 'waiting') AS sources_waiting
    FROM fetches GROUP BY outlet_id, run_id
), texts AS (
    SELECT
        outlet_id,
        max(counted_at) AS newest_article_at,
        count(*) FILTER (dated_by <> 'page') AS without_time,
        count(*) FILTER (layout = 'fallback') AS on_fallback,
        count(*) AS articles
    FROM articles GROUP BY outlet_id
), last_read AS (
    -- The pages of the last day that any was looked at.
    SELECT
        outlet_id,
        count(*) AS pages,
        count(*) FILTER (misfit) AS misfits,
        max_by(url, captured_at) FILTER (misfit) AS misfit,
        count(*) FILTER (list_contains(unread, 'sapo')) AS bare,
        max_by(url, captured_at) FILTER (list_contains(unread, 'sapo')) AS bare_one
    FROM (
        SELECT *, layout = 'fallback' OR list_contains(unread, 'published') AS misfit
        FROM captures
        WHERE layout IS NOT NULL AND archive_file NOT IN (SELECT archive_file FROM crawls WHERE mode = 'backfill')
        QUALIFY captured_at > max(captured_at) OVER (PARTITION BY outlet_id) - INTERVAL 1 DAY
    )
    GROUP BY outlet_id
), drift AS (
    -- A single page in a template of its own (a video, a long read) is none, nor are some pages without a standfirst.
    SELECT
        last_read.outlet_id,
        CASE
            WHEN misfits * 10 >= pages AND misfits > 0
                THEN format('the layouts fail on {} of the {} pages read last; look at {}', misfits, pages, misfit)
            WHEN bare * 2 >= pages AND bare > 1
                THEN format('no standfirst was found on {} of the {} pages read last; look at {}', bare, pages, bare_one)
        END AS drift
    FROM last_read JOIN outlets USING (outlet_id)
    WHERE outlets.layouts > 0
), good AS (
    SELECT outlet_id, max(crawl_time) AS last_reached_at FROM each_crawl WHERE reached GROUP BY outlet_id
)
SELECT
    outlet.outlet_id,
    outlet.name,
    crawl.crawl_time AS last_crawl_at,
    good.last_reached_at,
    crawl.finish,
    CASE
        WHEN outlet.beyond_reach IS NOT NULL THEN 'beyond reach'
        WHEN NOT crawl.reached THEN 'not reached'
        WHEN len(crawl.alarms) > 0 THEN 'alarms'
        WHEN drift.drift IS NOT NULL THEN 'drift'
        WHEN crawl.outlet_id IS NULL THEN 'never crawled'
        ELSE 'ok'
    END AS state,
    CASE WHEN outlet.beyond_reach IS NOT NULL THEN [outlet.beyond_reach] ELSE coalesce(crawl.alarms, []) END AS alarms,
    drift.drift,
    pages.sources_asked,
    pages.sources_alive,
    pages.sources_unchanged,
    pages.sources_waiting,
    pages.announced,
    pages.collected,
    pages.failed,
    -- Where a source answered that nothing has changed, its pages were not announced again, and are held.
    CASE
        WHEN pages.announced > 0 AND pages.sources_unchanged = 0 THEN 100.0 * pages.collected / pages.announced
    END AS completeness,
    coalesce(texts.articles, 0) AS articles,
    texts.newest_article_at,
    coalesce(texts.without_time, 0) AS without_time,
    coalesce(texts.on_fallback, 0) AS on_fallback
FROM outlets AS outlet
LEFT JOIN crawl ON crawl.outlet_id = outlet.outlet_id
LEFT JOIN pages ON pages.outlet_id = crawl.outlet_id AND pages.run_id = crawl.run_id
LEFT JOIN texts ON texts.outlet_id = outlet.outlet_id
LEFT JOIN drift ON drift.outlet_id = outlet.outlet_id
LEFT JOIN good ON good.outlet_id = outlet.outlet_id;
