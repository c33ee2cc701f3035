-- What grouping a night into stories needs of the nights before; text to search without diacritics; what was reported,
-- missed and done by hand. Sentences, sketches and folded text come from the archive, so the files are read again.
CREATE SEQUENCE text_numbers;
ALTER TABLE article_versions ADD COLUMN text_no BIGINT DEFAULT nextval('text_numbers');
ALTER TABLE article_versions ADD COLUMN folded VARCHAR USING COMPRESSION zstd;

-- Texts are numbered as they come, so that a night's lie together and are found without a look at all others.
ALTER TABLE article_heads ADD COLUMN text_no BIGINT;

CREATE TABLE version_sketches (
    text_no    BIGINT PRIMARY KEY,
    article_id VARCHAR NOT NULL,
    body_hash  VARCHAR NOT NULL,
    words      INTEGER NOT NULL,
    bands      UINTEGER[] NOT NULL
);

CREATE TABLE version_sentences (
    text_no  BIGINT NOT NULL,
    sentence UBIGINT NOT NULL,
    words    USMALLINT NOT NULL
);

-- The text and time of each article as it was last grouped.
ALTER TABLE story_members ADD COLUMN text_no BIGINT;
ALTER TABLE story_members ADD COLUMN story_at TIMESTAMPTZ;

CREATE TABLE story_pending (
    article_id VARCHAR PRIMARY KEY,
    look       VARCHAR NOT NULL CHECK (look IN ('touched', 'forced', 'links'))
);

CREATE TABLE story_links (
    earlier_id VARCHAR NOT NULL,
    later_id   VARCHAR NOT NULL,
    shared     VARCHAR NOT NULL CHECK (shared IN ('text', 'sentences', 'some')),
    PRIMARY KEY (earlier_id, later_id)
);

-- How an article came: a crawl of past months is a backfill.
ALTER TABLE article_heads ADD COLUMN collection VARCHAR DEFAULT 'live';
DROP TABLE crawls;
CREATE TABLE crawls (
    archive_file VARCHAR PRIMARY KEY,
    run_id       VARCHAR NOT NULL,
    outlet_id    VARCHAR NOT NULL,
    mode         VARCHAR NOT NULL CHECK (mode IN ('live', 'replay', 'backfill')),
    crawl_time   TIMESTAMPTZ NOT NULL,
    started_at   TIMESTAMPTZ NOT NULL,
    ended_at     TIMESTAMPTZ NOT NULL,
    finish       VARCHAR NOT NULL,
    reached      BOOLEAN NOT NULL,
    alarms       VARCHAR[]
);

CREATE TABLE missed_urls (
    entry_id   VARCHAR PRIMARY KEY,
    added_at   TIMESTAMPTZ NOT NULL,
    added_by   VARCHAR NOT NULL,
    url        VARCHAR NOT NULL,
    outlet_id  VARCHAR,
    article_id VARCHAR,
    topic      VARCHAR NOT NULL,
    seen_on    DATE,
    note       VARCHAR
);
-- Its hosts: by them the outlet of an address that a person found is known, also where it joined the registry later.
ALTER TABLE outlets ADD COLUMN hosts VARCHAR[];
-- Which kinds of sources announced a page: what two of them share tells what both overlook.
ALTER TABLE fetches ADD COLUMN announced_by VARCHAR[];

CREATE TABLE thresholds (
    complete_from DOUBLE NOT NULL,
    watched_from  DOUBLE NOT NULL
);

CREATE TABLE plan_entries (
    activity_id VARCHAR NOT NULL,
    position    INTEGER NOT NULL,
    month       VARCHAR NOT NULL,
    result      VARCHAR NOT NULL,
    unit        VARCHAR NOT NULL,
    document    VARCHAR NOT NULL,
    dated       DATE NOT NULL,
    PRIMARY KEY (activity_id, position)
);

CREATE TABLE reported_figures (
    report_id       VARCHAR NOT NULL,
    report          VARCHAR NOT NULL,
    period          VARCHAR NOT NULL,
    reported_at     TIMESTAMPTZ NOT NULL,
    figure          VARCHAR NOT NULL,
    value           DOUBLE,
    rules           VARCHAR NOT NULL,
    database_digest VARCHAR NOT NULL,
    PRIMARY KEY (report_id, figure)
);

CREATE TABLE reported_articles (
    report_id    VARCHAR NOT NULL,
    topic        VARCHAR NOT NULL,
    sense        VARCHAR NOT NULL,
    is_target    BOOLEAN NOT NULL,
    outlet_kind  VARCHAR NOT NULL,
    article_id   VARCHAR NOT NULL,
    version_id   VARCHAR NOT NULL,
    story_id     VARCHAR NOT NULL,
    story_begins BOOLEAN NOT NULL,
    PRIMARY KEY (report_id, topic, sense, article_id)
);
ALTER TABLE reports_sent ADD COLUMN report_id VARCHAR;
DELETE FROM processed_files;
