-- Replaces all that the files of this batch said by what they say now.
-- Reads the temporary tables incoming (rows.CAPTURES), incoming_files (rows.FILES) and incoming_fetches (rows.FETCHES).
CREATE OR REPLACE TEMP TABLE touched AS
SELECT article_id FROM captures WHERE archive_file IN (SELECT archive_file FROM incoming_files)
UNION
SELECT article_id FROM incoming
UNION
SELECT article_id FROM incoming_fetches WHERE article_id IS NOT NULL;

-- A file that is read again was read by other rules: what they changed of the texts can matter to any story.
INSERT INTO story_pending
SELECT article_id, 'forced' FROM article_heads
WHERE EXISTS (SELECT 1 FROM incoming_files SEMI JOIN processed_files USING (archive_file))
ON CONFLICT DO UPDATE SET look = 'forced';

DELETE FROM captures WHERE archive_file IN (SELECT archive_file FROM incoming_files);
INSERT INTO captures BY NAME
SELECT
    archive_file, archive_offset, article_id, outlet_id, url, captured_at, status, payload_digest, revisit, problem, version_id,
    layout, unread
FROM incoming;

-- All captures of the touched articles, looked up once among all that there are. A revisit shows what the capture with
-- its payload shows, whichever of the two files was loaded first.
CREATE OR REPLACE TEMP TABLE touched_captures AS
WITH found AS MATERIALIZED (
    SELECT rowid AS capture_row, * FROM captures WHERE article_id IN (SELECT article_id FROM touched)
), held AS (
    SELECT article_id, payload_digest, any_value(version_id) AS version_id, any_value(problem) AS problem
    FROM found
    WHERE NOT revisit AND status = 200
    GROUP BY ALL
)
SELECT found.* REPLACE (
    CASE WHEN found.revisit THEN held.version_id ELSE found.version_id END AS version_id,
    CASE
        WHEN found.revisit AND held.article_id IS NULL THEN 'payload_not_held'
        WHEN found.revisit THEN held.problem
        ELSE found.problem
    END AS problem
)
FROM found
LEFT JOIN held ON held.article_id = found.article_id AND held.payload_digest = found.payload_digest;

UPDATE captures SET version_id = touched_captures.version_id, problem = touched_captures.problem
FROM touched_captures WHERE touched_captures.revisit AND captures.rowid = touched_captures.capture_row;

CREATE OR REPLACE TEMP TABLE held_texts AS
SELECT version_id, article_id, text_no, captured_at, archive_file, archive_offset, published_at
FROM article_versions
WHERE article_id IN (SELECT article_id FROM touched);

-- A version is described by its earliest capture, whatever the order of loading.
CREATE OR REPLACE TEMP TABLE described AS
SELECT candidate.*, nextval('text_numbers') AS text_no
FROM (
    SELECT * FROM incoming WHERE version_id IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY version_id ORDER BY captured_at, archive_file, archive_offset) = 1
) AS candidate
LEFT JOIN held_texts AS known ON known.version_id = candidate.version_id
WHERE known.version_id IS NULL
   OR (candidate.captured_at, candidate.archive_file, candidate.archive_offset)
      <= (known.captured_at, known.archive_file, known.archive_offset)
ORDER BY candidate.captured_at, candidate.version_id;

CREATE OR REPLACE TEMP TABLE obsolete AS
SELECT version_id, text_no FROM held_texts
WHERE version_id IN (SELECT version_id FROM described)
   OR version_id NOT IN (SELECT version_id FROM touched_captures WHERE version_id IS NOT NULL);

DELETE FROM version_mentions WHERE version_id IN (SELECT version_id FROM obsolete);
DELETE FROM version_facets WHERE version_id IN (SELECT version_id FROM obsolete);
DELETE FROM version_sketches WHERE text_no IN (SELECT text_no FROM obsolete);
DELETE FROM version_sentences WHERE text_no IN (SELECT text_no FROM obsolete);
DELETE FROM article_versions WHERE text_no IN (SELECT text_no FROM obsolete);
DELETE FROM held_texts WHERE text_no IN (SELECT text_no FROM obsolete);

INSERT INTO article_versions BY NAME
SELECT
    version_id, article_id, captured_at, archive_file, archive_offset, payload_digest, title, sapo, body, captions,
    authors, section, published_at, modified_at, canonical_url, layout, word_count, body_hash,
    kicker, kinds, credit, section_path, tags, genre, language, links,
    fold(concat_ws(' ', title, sapo, body)) AS folded, text_no
FROM described;

INSERT INTO held_texts BY NAME
SELECT version_id, article_id, text_no, captured_at, archive_file, archive_offset, published_at FROM described;

INSERT INTO version_mentions BY NAME
SELECT
    version_id || ':' || mention.topic || ':' || mention.field || ':' || mention.start_pos AS mention_id,
    version_id,
    mention.field, mention.start_pos, mention.end_pos, mention.surface, mention.topic, mention.sense, mention.form,
    mention.confidence, mention.reason, mention.sentence, mention.occurrence
FROM (SELECT version_id, unnest(mentions) AS mention FROM described);

INSERT INTO version_facets BY NAME
SELECT version_id, facet.kind, facet.value, facet.field, facet.start_pos, facet.end_pos, facet.surface
FROM (SELECT version_id, unnest(facets) AS facet FROM described);

DELETE FROM archive_damages WHERE archive_file IN (SELECT archive_file FROM incoming_files);
INSERT INTO archive_damages BY NAME
SELECT archive_file, damage.archive_offset, damage.what
FROM (SELECT archive_file, unnest(damages) AS damage FROM incoming_files);

DELETE FROM processed_files WHERE archive_file IN (SELECT archive_file FROM incoming_files);
INSERT INTO processed_files BY NAME
SELECT archive_file, fingerprint, captures, len(damages) AS damages FROM incoming_files;
