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
COMMENT ON VIEW stories IS 'Articles with the same text are one story; the earliest is not necessarily the origin';
COMMENT ON COLUMN stories.story_id IS 'The story';
COMMENT ON COLUMN stories.first_at IS 'Time of its earliest article';
COMMENT ON COLUMN stories.first_on IS 'Day of it in Vietnam';
COMMENT ON COLUMN stories.last_at IS 'Time of its latest article';
COMMENT ON COLUMN stories.articles IS 'Articles in it';
COMMENT ON COLUMN stories.outlets IS 'Outlets in it';
COMMENT ON COLUMN stories.first_article_id IS 'Its earliest article';
COMMENT ON COLUMN stories.origin_article_id IS 'The article that the others are taken from: as a person has decided, else the earliest';
