-- Texts outside any archive become articles of one version each. Reads the temporary table incoming (rows.TEXTS).
CREATE OR REPLACE TEMP TABLE described AS
SELECT *, nextval('text_numbers') AS text_no FROM incoming;

INSERT INTO article_versions BY NAME
SELECT
    article_id AS version_id, article_id, told_at AS captured_at, '' AS archive_file, 0 AS archive_offset, body,
    [] AS authors, '' AS layout, 0 AS word_count, body_hash, text_no
FROM described;

INSERT INTO article_heads BY NAME
SELECT
    article_id, '' AS outlet_id, '' AS url, article_id AS version_id, text_no, told_at AS first_seen_at,
    told_at AS last_seen_at, told_at AS published_at
FROM described;

INSERT INTO story_pending SELECT article_id, 'touched' FROM described;
