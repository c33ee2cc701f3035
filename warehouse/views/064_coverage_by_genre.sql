-- Articles that name a target, by month and genre: what the page says it is; without a label a text of fewer than 450 words
-- is tin, a longer one is not classified (report.md, Tin; bài).
CREATE OR REPLACE VIEW coverage_by_genre AS
SELECT
    strftime(article.counted_on, '%Y-%m') AS month,
    outlet.kind AS outlet_kind,
    coalesce(article.genre, CASE WHEN article.word_count < 450 THEN 'tin' ELSE 'chưa phân loại' END) AS genre,
    named.topic,
    count(*) AS articles,
    count(*) FILTER (article.genre IS NOT NULL) AS labelled
FROM article_topics AS named
JOIN articles AS article ON article.article_id = named.article_id
JOIN outlets AS outlet ON outlet.outlet_id = article.outlet_id
WHERE named.is_target
GROUP BY ALL;
