-- In a copy of the writer's database: what is known of each article, in the order of time and without its long texts, and
-- the texts of articles that name a topic, to search in.
CREATE TABLE article_facts AS
SELECT article.* EXCLUDE (sapo, body, captions, folded), version.text_no
FROM articles AS article
JOIN article_versions AS version ON version.version_id = article.version_id
ORDER BY article.counted_at, article.article_id;

CREATE TABLE topic_texts AS
SELECT article.article_id, article.counted_on, version.folded
FROM articles AS article
JOIN article_versions AS version ON version.version_id = article.version_id
WHERE article.article_id IN (SELECT article_id FROM article_topics);
