-- Loads crawl logs, gives each announced page its one outcome, and brings the articles' heads up to date. What was judged
-- before is judged again wherever an article of it is touched, so that the order of loading does not matter.
-- Reads the temporary tables incoming_crawls (rows.CRAWLS), incoming_fetches (rows.FETCHES), incoming_files, and
-- touched, touched_captures and held_texts of load_captures.sql.
DELETE FROM crawls WHERE archive_file IN (SELECT archive_file FROM incoming_files);
INSERT INTO crawls BY NAME SELECT * FROM incoming_crawls;

-- Every look at a page: the version it showed, and whether it was then gone for the second time, 20 hours apart.
-- A look that failed otherwise (a time-out, an error page) says nothing and is left out.
CREATE OR REPLACE TEMP TABLE looks AS
WITH telling AS (
    SELECT *, status IN (404, 410) AS gone
    FROM touched_captures
    WHERE version_id IS NOT NULL OR status IN (404, 410)
)
SELECT
    article_id, archive_file, archive_offset, captured_at, version_id, gone,
    gone AND coalesce(lag(gone) OVER previous, false)
        AND captured_at - lag(captured_at) OVER previous >= INTERVAL 20 HOURS AS withdrawn,
    lag(version_id IGNORE NULLS) OVER previous AS version_before
FROM telling
WINDOW previous AS (PARTITION BY article_id ORDER BY captured_at, archive_file, archive_offset);

CREATE OR REPLACE TEMP TABLE judged_before AS
SELECT rowid AS fetch_row, *
FROM fetches
WHERE archive_file IN (SELECT archive_file FROM incoming_files) OR article_id IN (SELECT article_id FROM touched);

-- All that is known of how the touched articles were announced.
CREATE OR REPLACE TEMP TABLE unjudged AS
SELECT * FROM incoming_fetches
UNION ALL BY NAME
SELECT
    * EXCLUDE (fetch_row, outcome, reason),
    CASE WHEN crawled NOT IN ('fetched', 'known') THEN reason END AS reason
FROM judged_before
WHERE archive_file NOT IN (SELECT archive_file FROM incoming_files);

CREATE OR REPLACE TEMP TABLE judged AS
SELECT * EXCLUDE (fetch_row) FROM judged_before WHERE false
UNION ALL BY NAME (
WITH own_look AS (
    SELECT *
    FROM looks
    QUALIFY row_number() OVER (PARTITION BY archive_file, article_id ORDER BY archive_offset) = 1
), earlier AS (
    -- What was known of a page that was left alone: whether it had ever been read, and whether it was gone by then.
    SELECT
        fetched.archive_file,
        fetched.article_id,
        max_by(look.withdrawn, (look.captured_at, look.archive_offset)) AS withdrawn,
        bool_or(look.version_id IS NOT NULL) AS was_read
    FROM unjudged AS fetched
    JOIN crawls AS crawl ON crawl.archive_file = fetched.archive_file
    JOIN looks AS look ON look.article_id = fetched.article_id AND look.captured_at <= crawl.crawl_time
    WHERE fetched.crawled = 'known'
    GROUP BY ALL
), unread AS (
    SELECT archive_file, article_id, any_value(problem) AS problem
    FROM touched_captures
    WHERE problem IS NOT NULL
    GROUP BY ALL
), ranked AS (
    -- Two addresses may lead to one article: it is new once.
    SELECT *, row_number() OVER (PARTITION BY archive_file, article_id, crawled ORDER BY url) AS twin FROM unjudged
)
SELECT
    ranked.* EXCLUDE (reason, twin),
    CASE
        WHEN ranked.kind <> 'page' THEN ranked.crawled
        WHEN own_look.withdrawn AND own_look.version_before IS NOT NULL THEN 'withdrawn'
        WHEN ranked.crawled = 'known' AND earlier.withdrawn THEN 'withdrawn'
        WHEN ranked.crawled = 'known' AND coalesce(earlier.was_read, false) THEN 'unchanged'
        WHEN ranked.crawled = 'known' THEN 'failed'
        WHEN ranked.crawled = 'fetched' AND own_look.version_id IS NULL THEN 'failed'
        WHEN ranked.crawled <> 'fetched' THEN ranked.crawled
        WHEN own_look.version_before = own_look.version_id OR ranked.twin > 1 THEN 'unchanged'
        WHEN own_look.version_before IS NULL THEN 'new'
        ELSE 'changed'
    END AS outcome,
    CASE
        WHEN ranked.crawled = 'fetched' AND own_look.version_id IS NULL THEN coalesce(unread.problem, 'not_read')
        WHEN ranked.crawled = 'known' AND NOT coalesce(earlier.was_read, false) THEN 'never_read'
        ELSE ranked.reason
    END AS reason
FROM ranked
LEFT JOIN own_look ON own_look.archive_file = ranked.archive_file AND own_look.article_id = ranked.article_id
LEFT JOIN earlier ON earlier.archive_file = ranked.archive_file AND earlier.article_id = ranked.article_id
LEFT JOIN unread ON unread.archive_file = ranked.archive_file AND unread.article_id = ranked.article_id
);

-- What is judged as before stays where it is: a row that moves costs far more than one that is compared.
CREATE OR REPLACE TEMP TABLE judged_alike AS
FROM judged INTERSECT SELECT * EXCLUDE (fetch_row) FROM judged_before;

DELETE FROM fetches WHERE rowid IN (
    SELECT fetch_row FROM judged_before ANTI JOIN judged_alike USING (archive_file, kind, url)
);
INSERT INTO fetches BY NAME
FROM judged ANTI JOIN judged_alike USING (archive_file, kind, url);

CREATE OR REPLACE TEMP TABLE heads_before AS
SELECT * FROM article_heads WHERE article_id IN (SELECT article_id FROM touched);

CREATE OR REPLACE TEMP TABLE heads AS
SELECT * FROM heads_before WHERE false
UNION ALL BY NAME (
WITH seen AS (
    SELECT
        article_id,
        min(captured_at) FILTER (version_id IS NOT NULL) AS first_seen_at,
        min_by(archive_file, (captured_at, archive_file, archive_offset)) FILTER (version_id IS NOT NULL) AS first_file,
        max(captured_at) FILTER (version_id IS NOT NULL) AS last_seen_at,
        max_by(version_id, (captured_at, archive_file, archive_offset)) FILTER (version_id IS NOT NULL) AS version_id,
        min(captured_at) FILTER (withdrawn) AS gone_at
    FROM looks
    GROUP BY article_id
), announced AS (
    SELECT article_id, min(announced_at) AS announced_at FROM unjudged WHERE article_id IS NOT NULL GROUP BY article_id
), printed AS (
    SELECT article_id, min(published_at) AS published_at FROM held_texts GROUP BY article_id
), address AS (
    -- With and without `www.` is one article: it has the address that was asked first.
    SELECT article_id, min_by(outlet_id, (captured_at, url)) AS outlet_id, min_by(url, (captured_at, url)) AS url
    FROM touched_captures
    GROUP BY article_id
)
SELECT
    seen.article_id,
    address.outlet_id,
    address.url,
    seen.version_id,
    text.text_no,
    seen.first_seen_at,
    seen.last_seen_at,
    CASE WHEN seen.gone_at > seen.last_seen_at THEN seen.gone_at END AS withdrawn_at,
    announced.announced_at,
    printed.published_at,
    CASE WHEN crawl.mode IS NULL THEN 'import' WHEN crawl.mode = 'backfill' THEN 'backfill' ELSE 'live' END AS collection
FROM seen
JOIN address ON address.article_id = seen.article_id
JOIN held_texts AS text ON text.version_id = seen.version_id
LEFT JOIN announced ON announced.article_id = seen.article_id
LEFT JOIN printed ON printed.article_id = seen.article_id
LEFT JOIN crawls AS crawl ON crawl.archive_file = seen.first_file
WHERE seen.version_id IS NOT NULL
);

CREATE OR REPLACE TEMP TABLE heads_alike AS
FROM heads INTERSECT FROM heads_before;

DELETE FROM article_heads WHERE article_id IN (SELECT article_id FROM heads_before ANTI JOIN heads_alike USING (article_id));
INSERT INTO article_heads BY NAME
FROM heads ANTI JOIN heads_alike USING (article_id);

-- Grouping looks at them again where text or time has changed.
INSERT INTO story_pending
SELECT article_id, 'touched' FROM touched WHERE article_id NOT IN (SELECT article_id FROM heads_alike)
ON CONFLICT DO NOTHING;
