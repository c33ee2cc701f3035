-- Tin, bài nào đã thay đổi sau khi được thu thập lần đầu?
WITH changed AS (
    SELECT article_id, count(*) AS versions, min(captured_at) AS first_seen, max(captured_at) AS last_changed
    FROM article_versions
    GROUP BY article_id
    HAVING count(*) > 1
)
SELECT article.url, changed.versions, changed.first_seen, changed.last_changed
FROM changed
JOIN articles AS article USING (article_id)
ORDER BY changed.versions DESC, article.url;
