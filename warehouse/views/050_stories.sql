-- Articles with the same text are one story; it belongs to the month of its earliest article.
CREATE OR REPLACE VIEW stories AS
SELECT
    member.story_id,
    min(article.counted_at) AS first_at,
    min(article.counted_on) AS first_on,
    max(article.counted_at) AS last_at,
    count(*) AS articles,
    count(DISTINCT article.outlet_id) AS outlets,
    arg_min(article.article_id, (article.counted_at, article.article_id)) AS first_article_id,
    coalesce(
        arg_max(origin.subject_key, origin.decided_at), arg_min(article.article_id, (article.counted_at, article.article_id))
    ) AS origin_article_id
FROM story_of AS member
JOIN articles AS article ON article.article_id = member.article_id
LEFT JOIN decisions AS origin
    ON origin.subject = 'origin' AND origin.subject_key = member.article_id AND origin.decision = 'yes'
GROUP BY member.story_id;
