-- Articles that name a target, by month, outlet and the section that the page names.
CREATE OR REPLACE VIEW coverage_by_section AS
SELECT
    strftime(article.counted_on, '%Y-%m') AS month,
    article.outlet_id,
    coalesce(article.section, '') AS section,
    named.topic,
    count(*) AS articles
FROM article_topics AS named
JOIN articles AS article ON article.article_id = named.article_id
WHERE named.is_target
GROUP BY ALL;
