-- Tin, bài nào được đăng lại nhiều nhất, ở bao nhiêu cơ quan?
SELECT story.articles, story.outlets, story.first_on, article.outlet_id AS origin, article.title
FROM stories AS story
JOIN articles AS article ON article.article_id = story.origin_article_id
WHERE story.articles > 1
ORDER BY story.articles DESC, story.first_at;
