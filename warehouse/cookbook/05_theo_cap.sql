-- Báo trung ương, báo ngành và báo địa phương đưa bao nhiêu?
SELECT month, tier, topic, sum(articles) AS articles
FROM coverage_by_outlet
GROUP BY ALL
ORDER BY month, tier, topic;
