-- Feeds, sitemaps, section pages and robots.txt of one run, by outlet and what became of them. Parameter: run_id.
WITH crawl AS (
    -- A crawl that filled a file went on in another.
    SELECT
        outlet_id,
        bool_or(reached) AS reached,
        coalesce(flatten(list(alarms) FILTER (alarms IS NOT NULL)), []) AS alarms
    FROM crawls
    WHERE run_id = $run
    GROUP BY outlet_id
)
SELECT crawl.outlet_id, crawl.reached, crawl.alarms, source.url, source.kind, source.outcome, source.reason, source.status
FROM crawl
LEFT JOIN fetches AS source ON source.run_id = $run AND source.outlet_id = crawl.outlet_id AND source.kind <> 'page'
ORDER BY ALL
