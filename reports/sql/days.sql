-- Each day from $first to $last: articles of the press that name the target sense of any topic, and `collected`, all of the
-- press that day, on any subject: 0 means that there is no evidence.
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
SELECT CAST(every.day AS DATE) AS day, coalesce(told.articles, 0) AS articles, coalesce(told.collected, 0) AS collected
FROM unnest(generate_series(CAST($first AS TIMESTAMP), CAST($last AS TIMESTAMP), INTERVAL 1 DAY)) AS every (day)
LEFT JOIN told ON told.day = CAST(every.day AS DATE)
ORDER BY 1;
