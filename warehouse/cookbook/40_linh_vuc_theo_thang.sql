-- Mỗi lĩnh vực dịch vụ có bao nhiêu lượt đăng và tin, bài không trùng qua từng tháng?
SELECT month, value_label AS service, sum(articles) AS articles, sum(stories) AS stories
FROM coverage_by_facet
WHERE kind = 'service'
GROUP BY ALL
ORDER BY month, articles DESC, service;
