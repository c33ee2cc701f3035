-- Feeds and sitemaps that were asked for the days $first to $last and never answered; covering crawls as in
-- completeness.sql. What a replayed archive doesn't hold was never asked and isn't here. `times_asked` counts the crawls.
WITH asked AS (
    SELECT
        fetched.*,
        CAST(crawl.crawl_time AS DATE) AS crawl_day,
        CAST(coalesce(article.counted_at, fetched.announced_at, crawl.crawl_time) AS DATE) AS page_day
    FROM fetches AS fetched
    JOIN crawls AS crawl ON crawl.archive_file = fetched.archive_file
    LEFT JOIN articles AS article ON article.article_id = fetched.article_id
), covering AS (
    SELECT DISTINCT archive_file
    FROM asked
    WHERE crawl_day BETWEEN $first AND $last + 1
       OR (kind = 'page' AND announced AND page_day BETWEEN $first AND $last)
)
SELECT
    asked.outlet_id,
    asked.url,
    outlet.name,
    count(*) AS times_asked,
    arg_max(coalesce(asked.reason, asked.outcome), (asked.crawl_day, asked.archive_file)) AS last_reason
FROM asked
JOIN outlets AS outlet ON outlet.outlet_id = asked.outlet_id
WHERE asked.kind IN ('feed', 'sitemap', 'section') AND asked.listed AND asked.outcome <> 'not_in_archive'
  AND asked.archive_file IN (SELECT archive_file FROM covering)
GROUP BY asked.outlet_id, asked.url, outlet.name
HAVING bool_and(asked.outcome <> 'ok')
ORDER BY outlet.name COLLATE vi, asked.url;
