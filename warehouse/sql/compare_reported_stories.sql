-- Stories of the figures of the days $first to $last as they were frozen and as they are; `regrouped`: the difference that joining, parting
-- and beginning in another month makes among the articles that stayed.
WITH now AS (
    SELECT
        outlet.kind AS outlet_kind, named.topic, named.sense, named.article_id,
        CASE WHEN story.first_on BETWEEN $first AND $last THEN fact.story_id END AS story_id
    FROM article_topics AS named
    JOIN articles AS fact ON fact.article_id = named.article_id
    JOIN outlets AS outlet ON outlet.outlet_id = fact.outlet_id
    JOIN stories AS story ON story.story_id = fact.story_id
    WHERE fact.counted_on BETWEEN $first AND $last
), both_times AS (
    SELECT
        outlet_kind, topic, sense,
        now.article_id IS NOT NULL AND was.article_id IS NOT NULL AS stayed,
        CASE WHEN was.story_begins THEN was.story_id END AS old_story,
        now.story_id AS new_story
    FROM frozen AS was
    FULL JOIN now USING (outlet_kind, topic, sense, article_id)
)
SELECT
    outlet_kind, topic, sense,
    count(DISTINCT new_story) - count(DISTINCT old_story) AS difference,
    count(DISTINCT new_story) FILTER (stayed) - count(DISTINCT old_story) FILTER (stayed) AS regrouped
FROM both_times
GROUP BY outlet_kind, topic, sense
ORDER BY outlet_kind, topic, sense;
