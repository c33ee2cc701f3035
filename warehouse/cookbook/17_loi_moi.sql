-- Bao nhiêu tin, bài nêu địa chỉ hoặc tổng đài của Cổng, hoặc dẫn liên kết tới Cổng?
SELECT count(*) FILTER (called.article_id IS NOT NULL) AS names_it, count(*) FILTER (article.links_to_portal) AS links_to_it, count(*) AS articles
FROM articles AS article
SEMI JOIN (SELECT article_id FROM article_topics WHERE topic = 'portal' AND is_target) AS named USING (article_id)
LEFT JOIN (SELECT DISTINCT article_id FROM article_facets WHERE kind = 'call') AS called USING (article_id);
