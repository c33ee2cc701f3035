-- Báo chí nêu những khoản thanh toán nào trên Cổng?
SELECT label.value_label AS payment, count(*) AS articles
FROM article_facets AS facet
JOIN facet_values AS label USING (kind, value)
WHERE facet.kind = 'payment'
GROUP BY ALL
ORDER BY articles DESC, payment;
