-- By outlet and month: articles on each topic's target sense, beside all that was collected of the outlet.
CREATE OR REPLACE VIEW share_of_voice AS
WITH collected AS (
    SELECT outlet_id, strftime(counted_on, '%Y-%m') AS month, count(*) AS collected FROM articles GROUP BY ALL
)
SELECT
    collected.month,
    collected.outlet_id,
    outlet.kind AS outlet_kind,
    topic.topic,
    coalesce(named.articles, 0) AS articles,
    collected.collected,
    1000.0 * coalesce(named.articles, 0) / collected.collected AS per_1000,
    followed.completeness,
    followed.collection
FROM collected
JOIN outlets AS outlet ON outlet.outlet_id = collected.outlet_id
CROSS JOIN (SELECT DISTINCT topic FROM topics) AS topic
LEFT JOIN outlet_months AS followed ON followed.outlet_id = collected.outlet_id AND followed.month = collected.month
LEFT JOIN coverage_by_outlet AS named
    ON named.outlet_id = collected.outlet_id AND named.month = collected.month AND named.topic = topic.topic;
