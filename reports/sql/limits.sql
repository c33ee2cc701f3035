-- What weakens the figures of $first to $last: of all articles collected, those first seen more than $late_days days
-- after $last; of those that name the target sense of any of $topics, the ones not dated by their page, the ones gone from
-- their address, and the ones read without a layout of the outlet.
WITH named AS (
    SELECT DISTINCT article_id FROM article_topics WHERE is_target AND list_contains(CAST($topics AS VARCHAR[]), topic)
)
SELECT
    count(*) AS collected,
    count(*) FILTER (CAST(article.first_seen_at AS DATE) > $last + CAST($late_days AS INTEGER)) AS collected_late,
    min(CAST(article.first_seen_at AS DATE)) AS first_collected_on,
    max(CAST(article.first_seen_at AS DATE)) AS last_collected_on,
    count(named.article_id) AS articles,
    count(*) FILTER (named.article_id IS NOT NULL AND article.dated_by = 'announced') AS dated_by_source,
    count(*) FILTER (named.article_id IS NOT NULL AND article.dated_by = 'first_seen') AS dated_by_collection,
    count(*) FILTER (named.article_id IS NOT NULL AND article.withdrawn_at IS NOT NULL) AS withdrawn,
    count(*) FILTER (named.article_id IS NOT NULL AND article.layout = 'fallback') AS read_without_layout
FROM articles AS article
LEFT JOIN named ON named.article_id = article.article_id
WHERE article.counted_on BETWEEN $first AND $last;
