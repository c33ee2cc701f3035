-- Articles that name a target, by month and the most prominent place that names it.
CREATE OR REPLACE VIEW coverage_by_prominence AS
SELECT
    strftime(article.counted_on, '%Y-%m') AS month,
    outlet.kind AS outlet_kind,
    named.topic,
    named.prominence,
    count(*) AS articles
FROM article_topics AS named
JOIN articles AS article ON article.article_id = named.article_id
JOIN outlets AS outlet ON outlet.outlet_id = article.outlet_id
WHERE named.is_target
GROUP BY ALL;
