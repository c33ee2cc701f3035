-- Each collection run: when, how many outlets answered, and what became of the pages they announced.
CREATE OR REPLACE VIEW runs AS
WITH pages AS (
    SELECT
        run_id,
        count(*) FILTER (kind = 'page' AND announced) AS announced,
        count(*) FILTER (kind = 'page' AND announced AND outcome = 'new') AS new,
        count(*) FILTER (kind = 'page' AND announced AND outcome = 'changed') AS changed,
        count(*) FILTER (kind = 'page' AND announced AND outcome = 'unchanged') AS unchanged,
        count(*) FILTER (kind = 'page' AND announced AND outcome = 'withdrawn') AS withdrawn,
        count(*) FILTER (kind = 'page' AND announced AND outcome = 'failed') AS failed,
        count(*) FILTER (kind = 'page' AND announced AND outcome = 'deferred') AS deferred,
        count(*) FILTER (kind = 'page' AND announced AND outcome = 'refused') AS refused,
        count(*) FILTER (kind = 'page' AND announced AND outcome = 'not_in_archive') AS not_in_archive
    FROM fetches
    GROUP BY run_id
)
SELECT
    crawl.run_id,
    any_value(crawl.mode) AS mode,
    max(crawl.crawl_time) AS crawl_time,
    min(crawl.started_at) AS started_at,
    max(crawl.ended_at) AS ended_at,
    count(DISTINCT crawl.outlet_id) AS outlets,
    count(DISTINCT crawl.outlet_id) FILTER (crawl.reached) AS outlets_reached,
    CASE count(DISTINCT crawl.outlet_id) FILTER (crawl.reached)
        WHEN count(DISTINCT crawl.outlet_id) THEN 'ok'
        WHEN 0 THEN 'failed'
        ELSE 'partial'
    END AS state,
    coalesce(any_value(pages.announced), 0) AS announced,
    coalesce(any_value(pages.new), 0) AS new,
    coalesce(any_value(pages.changed), 0) AS changed,
    coalesce(any_value(pages.unchanged), 0) AS unchanged,
    coalesce(any_value(pages.withdrawn), 0) AS withdrawn,
    coalesce(any_value(pages.failed), 0) AS failed,
    coalesce(any_value(pages.deferred), 0) AS deferred,
    coalesce(any_value(pages.refused), 0) AS refused,
    coalesce(any_value(pages.not_in_archive), 0) AS not_in_archive
FROM crawls AS crawl
LEFT JOIN pages ON pages.run_id = crawl.run_id
GROUP BY crawl.run_id;
