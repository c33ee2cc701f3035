-- Tin, bài nào đã thay đổi sau khi được thu thập lần đầu?
SELECT article.url, count(*) AS versions, min(version.captured_at) AS first_seen, max(version.captured_at) AS last_changed
FROM article_versions AS version
JOIN articles AS article USING (article_id)
GROUP BY article.url
HAVING count(*) > 1
ORDER BY versions DESC, article.url;
