-- Tìm “dịch vụ công” trong tin, bài về chủ đề, gõ không dấu?
SELECT article.counted_on, article.outlet_id, article.title, article.url
FROM articles AS article
SEMI JOIN (SELECT article_id FROM article_topics) AS named USING (article_id)
WHERE contains(replace(lower(strip_accents(concat_ws(' ', article.title, article.sapo, article.body))), 'đ', 'd'), 'dich vu cong')
ORDER BY article.counted_at DESC;
