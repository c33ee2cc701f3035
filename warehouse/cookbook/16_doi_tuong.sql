-- Tin, bài nói với người dân, doanh nghiệp hay cán bộ, công chức?
SELECT label.value_label AS audience, count(*) AS articles
FROM article_facets AS facet
JOIN facet_values AS label USING (kind, value)
WHERE facet.kind = 'audience'
GROUP BY ALL
ORDER BY articles DESC;
