-- $articles articles over $nights nights, as the loads of these nights would have left them. Reads the tables
-- sample_sentences (sentence), sample_naming (sentence, surface, topic, sense, form) and busy_outlets (outlet_id), all
-- numbered by n from 0. Texts are eight to eleven sentences drawn from the sample; 2 % hold one that names a topic.
-- Digests of sentences and sketches are drawn, too: a night reads them, and compares them with its own.
CREATE OR REPLACE TEMP TABLE drawn AS
WITH sizes AS (
    SELECT
        (SELECT count(*) FROM sample_sentences) AS sentences, (SELECT count(*) FROM sample_naming) AS naming,
        (SELECT count(*) FROM busy_outlets) AS outlets
), numbered AS (
    SELECT
        range AS n,
        left(sha256(range::VARCHAR), 16) AS article_id,
        range * $nights // $articles AS night,
        range % 50 = 7 AS names,
        hash(range) % naming AS naming_n,
        hash(range, 'o') % outlets AS outlet_n,
        list_transform(range(8 + (hash(range, 'l') % 4)::BIGINT), lambda k: hash(range, k) % sentences) AS picks
    FROM range($articles), sizes
)
SELECT
    numbered.*,
    outlet.outlet_id,
    TIMESTAMPTZ '2020-11-01 00:00+07' + night * INTERVAL 1 DAY + to_seconds((hash(numbered.n, 't') % 86400)::BIGINT) AS told_at
FROM numbered JOIN busy_outlets AS outlet ON outlet.n = numbered.outlet_n;

CREATE OR REPLACE TEMP TABLE texts AS
SELECT
    drawn.n, any_value(drawn.article_id) AS article_id,
    string_agg(said.sentence, chr(10)) AS body
FROM (SELECT n, article_id, unnest(picks) AS pick FROM drawn) AS drawn
JOIN sample_sentences AS said ON said.n = drawn.pick
GROUP BY drawn.n;

CREATE OR REPLACE TEMP TABLE named AS
SELECT drawn.n, naming.*
FROM drawn JOIN sample_naming AS naming ON naming.n = drawn.naming_n
WHERE drawn.names;

INSERT INTO article_versions BY NAME
SELECT
    drawn.article_id || '-' || left(md5(drawn.article_id), 12) AS version_id,
    drawn.article_id,
    drawn.told_at + INTERVAL 2 HOURS AS captured_at,
    format('archive/{}-{}.warc.gz', drawn.night, drawn.outlet_id) AS archive_file,
    1000 * drawn.n AS archive_offset,
    'sha1:' || drawn.article_id AS payload_digest,
    split_part(text.body, chr(10), 1) AS title,
    split_part(text.body, chr(10), 2) AS sapo,
    coalesce(named.sentence || chr(10), '') || text.body AS body,
    ['Phóng viên ' || (drawn.n % 400)] AS authors,
    'Mục ' || (drawn.n % 12) AS section,
    drawn.told_at AS published_at,
    'bench' AS layout,
    350 AS word_count,
    drawn.article_id AS body_hash,
    fold(concat_ws(' ', split_part(text.body, chr(10), 1), coalesce(named.sentence || chr(10), '') || text.body)) AS folded,
    ['Mục ' || (drawn.n % 12)] AS section_path,
    CASE WHEN drawn.n % 3 = 0 THEN 'tin' END AS genre,
    CASE WHEN drawn.n % 5 = 0 THEN 'TTXVN' END AS credit,
    'vi' AS language,
    [] AS tags, [] AS kinds, [] AS links
FROM drawn
JOIN texts AS text ON text.n = drawn.n
LEFT JOIN named ON named.n = drawn.n
ORDER BY drawn.n;

INSERT INTO captures BY NAME
SELECT archive_file, archive_offset, article_id, regexp_extract(archive_file, '-(.*)\.warc', 1) AS outlet_id,
    'https://bench/' || article_id AS url, captured_at, 200 AS status, payload_digest, version_id, false AS revisit, layout
FROM article_versions;

INSERT INTO version_mentions BY NAME
SELECT
    version.version_id || ':' || named.topic || ':body:' || strpos(named.sentence, named.surface) AS mention_id,
    version.version_id, 'body' AS field, strpos(named.sentence, named.surface) - 1 AS start_pos,
    strpos(named.sentence, named.surface) - 1 + len(named.surface) AS end_pos,
    named.surface, named.topic, named.sense, named.form, 0.9 AS confidence, 'drawn' AS reason, named.sentence, 0 AS occurrence
FROM named JOIN drawn ON drawn.n = named.n JOIN article_versions AS version ON version.article_id = drawn.article_id;

INSERT INTO version_facets BY NAME
SELECT version_id, 'service' AS kind, CASE WHEN hash(version_id) % 2 = 0 THEN 'land' ELSE 'tax' END AS value, field,
    start_pos, end_pos, surface
FROM version_mentions;

INSERT INTO article_heads BY NAME
SELECT article_id, regexp_extract(archive_file, '-(.*)\.warc', 1) AS outlet_id, 'https://bench/' || article_id AS url, version_id,
    text_no, captured_at AS first_seen_at, captured_at AS last_seen_at, published_at, 'live' AS collection
FROM article_versions;

INSERT INTO version_sketches BY NAME
SELECT text_no, article_id, body_hash, 180 AS words, list_transform(range(64), lambda k: (hash(text_no, k) % 4294967296)::UINTEGER) AS bands
FROM article_versions;

INSERT INTO version_sentences BY NAME
SELECT text_no, hash(text_no, k) AS sentence, 18 AS words FROM article_versions, range(10) AS sentences(k);

-- Three in ten are reprints of the article before.
INSERT INTO story_members BY NAME
SELECT
    article_id,
    CASE WHEN hash(article_id) % 10 < 3 THEN lag(article_id, 1, article_id) OVER (ORDER BY text_no) ELSE article_id END AS story_id,
    text_no, published_at AS story_at
FROM article_versions;

INSERT INTO crawls BY NAME
SELECT
    archive_file, split_part(split_part(archive_file, '/', 2), '-', 1) AS run_id, any_value(regexp_extract(archive_file, '-(.*)\.warc', 1)) AS outlet_id,
    'live' AS mode, max(captured_at) AS crawl_time, min(captured_at) AS started_at, max(captured_at) AS ended_at,
    'finished' AS finish, true AS reached, [] AS alarms
FROM article_versions GROUP BY archive_file;
UPDATE crawls SET run_id = strftime(crawl_time, '%Y%m%dT013000Z') || '-' || run_id;

-- Each page is announced on three nights.
INSERT INTO fetches BY NAME
WITH announced AS (
    SELECT article_id, archive_file, outlet_id, url, captured_at, unnest([0, 1, 2]) AS later
    FROM captures
)
SELECT crawl.archive_file, crawl.run_id, announced.outlet_id, announced.url, 'page' AS kind, announced.article_id, true AS announced,
    false AS relook, announced.captured_at AS announced_at, false AS listed,
    CASE WHEN later = 0 THEN 'fetched' ELSE 'known' END AS crawled,
    CASE WHEN later = 0 THEN 'new' ELSE 'unchanged' END AS outcome, 200 AS status
FROM announced
JOIN crawls AS crawl
    ON crawl.archive_file = format(
        'archive/{}-{}.warc.gz', split_part(split_part(announced.archive_file, '/', 2), '-', 1)::INTEGER + later, announced.outlet_id
    );
INSERT INTO processed_files SELECT archive_file, 'bench', 500, 0 FROM crawls;
