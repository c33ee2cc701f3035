-- Báo chí nêu những lĩnh vực dịch vụ công nào, theo tháng?
SELECT strftime(article.counted_on, '%Y-%m') AS month, label.value_label AS service, count(*) AS articles
FROM article_facets AS facet
JOIN facet_values AS label USING (kind, value)
JOIN articles AS article USING (article_id)
WHERE facet.kind = 'service'
GROUP BY ALL
ORDER BY month, articles DESC, service;
