-- Cơ quan nào được dẫn lời, với câu chữ nào?
SELECT label.value_label AS agency, facet.surface, article.title, article.url
FROM article_facets AS facet
JOIN facet_values AS label USING (kind, value)
JOIN articles AS article USING (article_id)
WHERE facet.kind = 'quoted'
ORDER BY agency, article.counted_at;
