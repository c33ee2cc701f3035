-- Texts outside any archive become articles of one version each. Reads the temporary table incoming (rows.TEXTS).
INSERT INTO article_versions BY NAME
SELECT
    article_id AS version_id, article_id, told_at AS captured_at, '' AS archive_file, 0 AS archive_offset, body, [] AS authors,
    '' AS layout, 0 AS word_count, body_hash
FROM incoming;

INSERT INTO article_heads BY NAME
SELECT
    article_id, '' AS outlet_id, '' AS url, article_id AS version_id, told_at AS first_seen_at, told_at AS last_seen_at,
    told_at AS published_at
FROM incoming;

INSERT INTO version_sketches BY NAME
SELECT article_id AS version_id, article_id, body_hash, bands FROM incoming WHERE bands IS NOT NULL;

INSERT INTO version_sentences BY NAME
SELECT version_id, said.sentence, said.words
FROM (SELECT article_id AS version_id, unnest(sentences) AS said FROM incoming);

INSERT INTO story_pending SELECT article_id, 'touched' FROM incoming;
