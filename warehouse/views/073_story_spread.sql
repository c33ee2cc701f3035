-- Stories that name a target: who published first, and how long it took to spread.
CREATE OR REPLACE VIEW story_spread AS
WITH told AS (
    SELECT DISTINCT story.story_id, found.topic
    FROM article_topics AS found
    JOIN story_of AS story ON story.article_id = found.article_id
    WHERE found.is_target
)
SELECT
    told.story_id,
    told.topic,
    story.first_at,
    first_article.outlet_id AS first_outlet_id,
    story.articles,
    story.outlets,
    date_diff('minute', story.first_at, story.last_at) / 60.0 AS hours_to_last,
    (
        SELECT date_diff('minute', story.first_at, quantile_disc(article.counted_at, 0.5)) / 60.0
        FROM articles AS article WHERE article.story_id = told.story_id
    ) AS hours_to_half
FROM told
JOIN stories AS story ON story.story_id = told.story_id
JOIN articles AS first_article ON first_article.article_id = story.first_article_id;
