-- Capture and recapture: what feeds and sitemaps announce, each for itself, and how much of it is the same tells how much
-- there is in all (Lincoln and Petersen, with Chapman's correction). An UPPER BOUND of recall, never recall: both are fed
-- by one CMS, so that what it tells neither of is not in the estimate.
CREATE OR REPLACE VIEW recall_estimate AS
WITH told AS (
    -- Each page once, however many runs and addresses told of it; what is no article of the outlet is none of its pages.
    SELECT
        page.outlet_id,
        page.article_id,
        coalesce(bool_or(list_contains(page.announced_by, 'feed')), false) AS by_feed,
        coalesce(bool_or(list_contains(page.announced_by, 'sitemap')), false) AS by_sitemap,
        coalesce(min(page.announced_at), min(crawl.crawl_time)) AS told_at
    FROM fetches AS page
    JOIN crawls AS crawl ON crawl.archive_file = page.archive_file
    WHERE page.kind = 'page' AND coalesce(page.reason, '') NOT IN ('foreign_host', 'not_an_article_address')
    GROUP BY page.outlet_id, page.article_id
), counted AS (
    SELECT
        strftime(coalesce(article.counted_at, told.told_at) AT TIME ZONE 'Asia/Ho_Chi_Minh', '%Y-%m') AS month,
        told.outlet_id,
        count(*) FILTER (told.by_feed) AS by_feed,
        count(*) FILTER (told.by_sitemap) AS by_sitemap,
        count(*) FILTER (told.by_feed AND told.by_sitemap) AS by_both,
        count(article.article_id) AS collected
    FROM told
    LEFT JOIN articles AS article ON article.article_id = told.article_id
    WHERE told.by_feed OR told.by_sitemap
    GROUP BY ALL
)
SELECT
    month,
    outlet_id,
    by_feed,
    by_sitemap,
    by_both,
    CASE WHEN by_both > 0 THEN (by_feed + 1.0) * (by_sitemap + 1) / (by_both + 1) - 1 END AS estimate,
    collected,
    CASE WHEN by_both > 0 THEN 100.0 * collected / ((by_feed + 1.0) * (by_sitemap + 1) / (by_both + 1) - 1) END AS recall
FROM counted;
