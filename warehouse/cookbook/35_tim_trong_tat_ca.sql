-- Tìm một cụm từ trong toàn bộ tin, bài đã thu thập, gõ có dấu hoặc không dấu?
SELECT counted_on, outlet_id, title, url
FROM articles
WHERE contains(folded, fold('Chuyển đổi số'))
ORDER BY counted_at DESC
LIMIT 100;
