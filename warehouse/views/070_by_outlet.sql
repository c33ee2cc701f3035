-- By outlet and month: articles on each topic's target sense, beside all that was collected of the outlet.
CREATE OR REPLACE VIEW share_of_voice AS
WITH collected AS (
    SELECT outlet_id, strftime(counted_on, '%Y-%m') AS month, count(*) AS collected FROM articles GROUP BY ALL
), named AS (
    SELECT article.outlet_id, strftime(article.counted_on, '%Y-%m') AS month, found.topic, count(*) AS articles
    FROM article_topics AS found
    JOIN articles AS article ON article.article_id = found.article_id
    WHERE found.is_target
    GROUP BY ALL
)
SELECT
    collected.month,
    collected.outlet_id,
    outlet.kind AS outlet_kind,
    topic.topic,
    coalesce(named.articles, 0) AS articles,
    collected.collected,
    1000.0 * coalesce(named.articles, 0) / collected.collected AS per_1000
FROM collected
JOIN outlets AS outlet ON outlet.outlet_id = collected.outlet_id
CROSS JOIN (SELECT DISTINCT topic FROM topics) AS topic
LEFT JOIN named ON named.outlet_id = collected.outlet_id AND named.month = collected.month AND named.topic = topic.topic;

CREATE OR REPLACE VIEW coverage_by_outlet AS
SELECT
    strftime(article.counted_on, '%Y-%m') AS month,
    article.outlet_id,
    outlet.name AS outlet_name,
    outlet.kind AS outlet_kind,
    outlet.tier,
    named.topic,
    count(*) AS articles,
    count(*) FILTER (article.article_id <> story.first_article_id) AS reprints,
    count(*) FILTER (named.focus) AS focus_articles
FROM article_topics AS named
JOIN articles AS article ON article.article_id = named.article_id
JOIN outlets AS outlet ON outlet.outlet_id = article.outlet_id
JOIN stories AS story ON story.story_id = article.story_id
WHERE named.is_target
GROUP BY ALL;
