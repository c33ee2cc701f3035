-- Tin, bài nào chỉ nêu tên Chương trình mà không nêu số, ký hiệu Nghị quyết?
SELECT article.counted_on, article.outlet_id, article.title, article.url
FROM article_topics AS named
JOIN articles AS article USING (article_id)
WHERE named.topic = 'nq68' AND named.is_target AND named.phrase_only
ORDER BY article.counted_at DESC;
