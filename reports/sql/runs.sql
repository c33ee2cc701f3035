-- The runs behind the days $first to $last; covering crawls as in completeness.sql.
WITH asked AS (
    SELECT
        fetched.*,
        CAST(crawl.crawl_time AS DATE) AS crawl_day,
        CAST(coalesce(article.counted_at, fetched.announced_at, crawl.crawl_time) AS DATE) AS page_day
    FROM fetches AS fetched
    JOIN crawls AS crawl ON crawl.archive_file = fetched.archive_file
    LEFT JOIN articles AS article ON article.article_id = fetched.article_id
), covering AS (
    SELECT archive_file
    FROM crawls
    WHERE CAST(crawl_time AS DATE) BETWEEN $first AND $last + 1
    UNION
    SELECT archive_file
    FROM asked
    WHERE kind = 'page' AND announced AND page_day BETWEEN $first AND $last
), runs_of_period AS (
    SELECT run_id, bool_and(reached) AS all_reached, bool_or(reached) AS any_reached, max(crawl_time) AS crawl_time
    FROM crawls
    WHERE archive_file IN (SELECT archive_file FROM covering)
    GROUP BY run_id
)
SELECT
    count(*) AS runs,
    count(*) FILTER (all_reached) AS runs_ok,
    count(*) FILTER (any_reached AND NOT all_reached) AS runs_partial,
    count(*) FILTER (NOT any_reached) AS runs_failed,
    min(crawl_time) AS first_crawl,
    max(crawl_time) AS last_crawl
FROM runs_of_period;
