-- In the published database: articles and their versions share the long texts. A question that asks for none of them
-- reads the short table alone but for its numbers.
ALTER TABLE article_versions RENAME TO article_texts;

CREATE VIEW article_versions AS
SELECT * EXCLUDE (text_no) FROM article_texts;

CREATE VIEW articles AS
SELECT fact.* EXCLUDE (text_no), text.sapo, text.body, text.captions, text.folded
FROM article_facts AS fact
LEFT JOIN article_texts AS text ON text.text_no = fact.text_no;
