-- Each feed, sitemap and section page on the days that it was asked for: that of the crawl, the one before, and the days of
-- the pages that the crawl announced. What a replayed archive does not hold was never asked. Sitemaps that only the outlet
-- itself names (in robots.txt, in an index) count where they answer: many of them have been dead for years. A backfill follows
-- no day: its sitemaps are left out.
CREATE OR REPLACE VIEW source_days AS
WITH crawl_days AS (
    SELECT archive_file, CAST(crawl_time AT TIME ZONE 'Asia/Ho_Chi_Minh' AS DATE) - unnest([0, 1]) AS day FROM crawls
    UNION
    SELECT
        page.archive_file,
        CAST(coalesce(article.counted_at, page.announced_at, crawl.crawl_time) AT TIME ZONE 'Asia/Ho_Chi_Minh' AS DATE) AS day
    FROM fetches AS page
    JOIN crawls AS crawl ON crawl.archive_file = page.archive_file
    LEFT JOIN articles AS article ON article.article_id = page.article_id
    WHERE page.kind = 'page' AND page.announced
)
SELECT
    source.outlet_id,
    source.url,
    days.day,
    bool_or(source.outcome = 'ok') AS answered,
    bool_and(source.outcome = 'refused') AS refused,
    bool_and(source.outcome = 'not_in_archive') AS not_in_archive
FROM fetches AS source
JOIN crawl_days AS days ON days.archive_file = source.archive_file
JOIN crawls AS crawl ON crawl.archive_file = source.archive_file
WHERE source.kind IN ('feed', 'sitemap', 'section') AND (source.listed OR source.outcome = 'ok') AND crawl.mode <> 'backfill'
GROUP BY ALL;
