-- Articles and stories about a target, by month and facet: fields of service, payments, audience, agencies, activities.
CREATE OR REPLACE VIEW coverage_by_facet AS
SELECT
    strftime(article.counted_on, '%Y-%m') AS month,
    facet.kind,
    facet.value,
    label.value_label,
    outlet.kind AS outlet_kind,
    count(DISTINCT facet.article_id) AS articles,
    count(DISTINCT article.story_id) AS stories
FROM article_facets AS facet
JOIN articles AS article ON article.article_id = facet.article_id
JOIN outlets AS outlet ON outlet.outlet_id = article.outlet_id
LEFT JOIN facet_values AS label ON label.kind = facet.kind AND label.value = facet.value
GROUP BY ALL;
