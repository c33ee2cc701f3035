-- Each day from $first to $last: articles of the press that name the target sense of any topic, and whether anything
-- is known of the day: an article of the press on any subject is held, or an outlet of the press was watched.
WITH named AS (
    SELECT DISTINCT article_id FROM article_topics WHERE is_target
), told AS (
    SELECT article.counted_on AS day, count(named.article_id) AS articles, count(*) AS collected
    FROM articles AS article
    JOIN outlets AS outlet ON outlet.outlet_id = article.outlet_id AND outlet.kind = 'press'
    LEFT JOIN named ON named.article_id = article.article_id
    WHERE article.counted_on BETWEEN $first AND $last
    GROUP BY article.counted_on
)
SELECT
    CAST(every.day AS DATE) AS day,
    coalesce(told.articles, 0) AS articles,
    coalesce(told.collected, 0) > 0 OR watched.day IS NOT NULL AS known
FROM unnest(generate_series(CAST($first AS TIMESTAMP), CAST($last AS TIMESTAMP), INTERVAL 1 DAY)) AS every (day)
LEFT JOIN told ON told.day = CAST(every.day AS DATE)
LEFT JOIN (
    SELECT DISTINCT seen.day
    FROM outlet_days AS seen
    JOIN outlets AS outlet ON outlet.outlet_id = seen.outlet_id AND outlet.kind = 'press'
    WHERE seen.watched
) AS watched ON watched.day = CAST(every.day AS DATE)
ORDER BY 1;
