-- Những bộ, ngành, địa phương, doanh nghiệp nào được nêu cùng chủ đề?
SELECT label.value_label AS agency, count(*) AS articles
FROM article_facets AS facet
JOIN facet_values AS label USING (kind, value)
WHERE facet.kind = 'agency'
GROUP BY ALL
ORDER BY articles DESC, agency;
