-- Each outlet of the registry from $first to $last: articles that name the target sense of any of $topics, those of them
-- that are not the earliest of their story, and how many that is of 1.000 articles collected from the outlet.
WITH named AS (
    SELECT DISTINCT article_id FROM article_topics WHERE is_target AND list_contains(CAST($topics AS VARCHAR[]), topic)
), counted AS (
    SELECT
        article.outlet_id,
        count(*) AS collected,
        count(named.article_id) AS articles,
        count(*) FILTER (named.article_id IS NOT NULL AND article.article_id <> story.first_article_id) AS reprints
    FROM articles AS article
    LEFT JOIN named ON named.article_id = article.article_id
    LEFT JOIN stories AS story ON story.story_id = article.story_id
    WHERE article.counted_on BETWEEN $first AND $last
    GROUP BY article.outlet_id
)
SELECT
    outlet.outlet_id,
    outlet.name,
    outlet.governing_body,
    outlet.kind,
    outlet.tier,
    coalesce(counted.articles, 0) AS articles,
    coalesce(counted.reprints, 0) AS reprints,
    coalesce(counted.collected, 0) AS collected,
    CASE WHEN counted.collected > 0 THEN 1000.0 * counted.articles / counted.collected END AS per_1000
FROM outlets AS outlet
LEFT JOIN counted ON counted.outlet_id = outlet.outlet_id
ORDER BY outlet.name COLLATE vi, outlet.outlet_id;
