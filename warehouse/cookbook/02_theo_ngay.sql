-- Ngày nào có nhiều lượt tin, bài về Cổng Dịch vụ công quốc gia nhất?
SELECT day, sum(articles) AS articles
FROM coverage_daily
WHERE topic = 'portal' AND is_target
GROUP BY day
ORDER BY articles DESC, day
LIMIT 20;
