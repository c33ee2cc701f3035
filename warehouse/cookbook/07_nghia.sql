-- “Nghị quyết 68” và “cổng dịch vụ công” trong báo chí là những văn bản, cổng nào?
SELECT topic, sense, count(*) AS articles, sum(mentions) AS mentions
FROM article_topics
GROUP BY ALL
ORDER BY topic, articles DESC;
