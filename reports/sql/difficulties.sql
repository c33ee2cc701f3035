-- Difficulties that articles of $first to $last tell of, as people wrote them down, with a sentence of each article; and
-- those whose article is not held (article_id NULL), whatever the period.
SELECT
    told.position,
    told.article,
    told.difficulty,
    told.agency,
    told.reply,
    article.article_id,
    article.title,
    article.url,
    article.counted_at,
    outlet.name AS outlet_name,
    (
        SELECT arg_min(mention.sentence, (NOT named.is_target, mention.field <> 'body', mention.start_pos))
        FROM mentions AS mention
        JOIN article_topics AS named USING (article_id, topic, sense)
        WHERE mention.article_id = article.article_id
    ) AS sentence
FROM difficulties AS told
LEFT JOIN articles AS article ON told.article IN (article.article_id, article.url)
LEFT JOIN outlets AS outlet ON outlet.outlet_id = article.outlet_id
WHERE article.article_id IS NULL OR article.counted_on BETWEEN $first AND $last
ORDER BY told.position;
