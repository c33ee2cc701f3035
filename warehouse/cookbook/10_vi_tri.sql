-- Chủ đề được nêu ở tiêu đề, sa-pô, đầu bài, thân bài hay chú thích ảnh?
SELECT topic, prominence, count(*) AS articles
FROM article_topics
WHERE is_target
GROUP BY ALL
ORDER BY topic, articles DESC;
