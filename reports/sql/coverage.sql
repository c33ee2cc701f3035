-- Lượt đăng and tin, bài không trùng that name the target sense of any of $topics, published from $first to $last (days
-- in Vietnam) by outlets of $kinds; where $outlets is not empty, by these outlets alone.
-- `collected` counts all articles of the same outlets and days, on any subject: 0 means that there is no evidence.
WITH chosen AS (
    SELECT article.article_id, article.story_id, article.counted_at
    FROM articles AS article
    JOIN outlets AS outlet ON outlet.outlet_id = article.outlet_id
    WHERE article.counted_on BETWEEN $first AND $last
      AND list_contains(CAST($kinds AS VARCHAR[]), outlet.kind)
      AND (CAST($outlets AS VARCHAR[]) IS NULL OR list_contains(CAST($outlets AS VARCHAR[]), article.outlet_id))
), named AS (
    -- An article that names both topics is one article.
    SELECT article_id, bool_or(focus) AS focus
    FROM article_topics
    WHERE is_target AND list_contains(CAST($topics AS VARCHAR[]), topic)
    GROUP BY article_id
)
SELECT
    count(named.article_id) AS articles,
    count(DISTINCT chosen.story_id) FILTER (
        named.article_id IS NOT NULL AND story.first_on BETWEEN $first AND $last
    ) AS stories,
    count(*) FILTER (named.focus) AS focus_articles,
    count(*) FILTER (NOT named.focus) AS passing_articles,
    count(*) AS collected
FROM chosen
LEFT JOIN named ON named.article_id = chosen.article_id
LEFT JOIN stories AS story ON story.story_id = chosen.story_id;
