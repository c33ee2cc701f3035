-- Feeds and sitemaps of one run, by outlet and what became of them. Parameter: run_id.
SELECT crawl.outlet_id, crawl.reached, source.url, source.kind, source.outcome, source.reason
FROM crawls AS crawl
LEFT JOIN fetches AS source ON source.archive_file = crawl.archive_file AND source.kind IN ('feed', 'sitemap', 'robots')
WHERE crawl.run_id = $run
ORDER BY ALL
