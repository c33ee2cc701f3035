-- The articles that a question names: by id or normal address (with `www.` or without), or all that count for a topic in a month of Vietnam.
SELECT
    article.article_id, article.url, outlet.name AS outlet, outlet.kind AS outlet_kind, article.title,
    article.counted_at::VARCHAR AS counted_at, article.dated_by, article.story_id, article.archive_file, article.archive_offset, article.payload_digest, article.layout
FROM articles AS article
JOIN outlets AS outlet USING (outlet_id)
WHERE article.article_id = $article OR replace(article.url, '://www.', '://') = replace($article, '://www.', '://')
   OR ($topic IS NOT NULL AND strftime(article.counted_on, '%Y-%m') = $month AND article.article_id IN (
        SELECT article_id FROM article_topics WHERE topic = $topic AND is_target))
ORDER BY outlet.kind <> 'press', outlet.kind, article.counted_at, article.article_id;
