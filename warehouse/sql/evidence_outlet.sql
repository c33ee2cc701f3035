-- All that an outlet announced for a month and all that is held of it, a row a page: what became of it, where it is
-- archived, and which topics it counts for. A page without an article belongs to the day that its source or its crawl gives.
WITH asked AS (
    SELECT
        fetched.url, fetched.article_id, fetched.outcome, fetched.reason, fetched.announced_at, crawl.crawl_time,
        coalesce(article.counted_on, CAST(coalesce(fetched.announced_at, crawl.crawl_time) AT TIME ZONE 'Asia/Ho_Chi_Minh' AS DATE)) AS day
    FROM fetches AS fetched
    JOIN crawls AS crawl ON crawl.archive_file = fetched.archive_file
    LEFT JOIN articles AS article ON article.article_id = fetched.article_id
    WHERE fetched.kind = 'page' AND fetched.announced AND fetched.outlet_id = $outlet
), pages AS (
    SELECT
        url,
        any_value(article_id) AS article_id,
        min(day) AS day,
        min(announced_at) AS announced_at,
        count(*) AS nights_announced,
        arg_max(outcome, crawl_time) AS last_outcome,
        arg_max(reason, crawl_time) AS last_reason
    FROM asked GROUP BY url
), held AS (
    SELECT * FROM articles
    WHERE outlet_id = $outlet AND strftime(counted_on, '%Y-%m') = $month
), named AS (
    SELECT article_id, string_agg(topic, ' ' ORDER BY topic) AS topics FROM article_topics WHERE is_target GROUP BY article_id
)
SELECT
    coalesce(held.counted_on, pages.day) AS day,
    coalesce(held.url, pages.url) AS url,
    held.title,
    held.counted_at,
    held.dated_by,
    pages.announced_at,
    coalesce(pages.nights_announced, 0) AS nights_announced,
    coalesce(pages.last_outcome, 'held, not announced') AS last_outcome,
    pages.last_reason,
    coalesce(named.topics, '') AS counted_for,
    held.withdrawn_at,
    held.article_id,
    held.archive_file,
    held.archive_offset,
    held.payload_digest
FROM pages
FULL JOIN held ON held.article_id = pages.article_id
LEFT JOIN named ON named.article_id = held.article_id
WHERE strftime(coalesce(held.counted_on, pages.day), '%Y-%m') = $month
ORDER BY day, url;
