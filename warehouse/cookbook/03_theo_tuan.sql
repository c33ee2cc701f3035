-- Số lượt tin, bài theo tuần của từng chủ đề?
SELECT date_trunc('week', day) AS week, topic, sum(articles) AS articles
FROM coverage_daily
WHERE is_target
GROUP BY ALL
ORDER BY week, topic;
