-- Tìm “dịch vụ công” trong tin, bài về chủ đề, gõ không dấu?
SELECT article.counted_on, article.outlet_id, article.title, article.url
FROM topic_texts AS text
JOIN articles AS article USING (article_id)
WHERE contains(text.folded, fold('dich vu cong'))
ORDER BY article.counted_at DESC;
