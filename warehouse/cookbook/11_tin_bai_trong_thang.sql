-- Danh mục tin, bài có nội dung chính về một chủ đề trong tháng 7/2021, kèm câu trích dẫn?
SELECT article.counted_on, outlet.name, article.title, named.sentence, article.url
FROM article_topics AS named
JOIN articles AS article USING (article_id)
JOIN outlets AS outlet USING (outlet_id)
WHERE named.is_target AND named.focus AND strftime(article.counted_on, '%Y-%m') = '2021-07'
ORDER BY article.counted_at;
