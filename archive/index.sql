-- Raise user_version with any change here: an index of another version is made anew from the WARC files.
PRAGMA user_version = 3;

CREATE TABLE IF NOT EXISTS files (
    file    TEXT PRIMARY KEY,  -- relative to the workspace
    run     TEXT,              -- NULL for archives made elsewhere
    outlet  TEXT,
    mode    TEXT,
    now     TEXT,              -- the time the crawl went by, ISO 8601 in UTC
    reached INTEGER,           -- whether any source or page answered
    fresh   INTEGER            -- pages got for the first time
) STRICT;

CREATE TABLE IF NOT EXISTS captures (
    url     TEXT NOT NULL,     -- normalised
    kind    TEXT,
    time    TEXT NOT NULL,
    status  INTEGER NOT NULL,
    digest  TEXT,
    revisit INTEGER NOT NULL,  -- 1: the payload lies in an earlier record
    good    INTEGER NOT NULL,  -- 1: it is the page that was asked for, as far as the crawler could tell
    file    TEXT NOT NULL,
    offset  INTEGER NOT NULL,
    PRIMARY KEY (file, offset)
) STRICT;

CREATE INDEX IF NOT EXISTS captures_by_url ON captures (url, time);
CREATE INDEX IF NOT EXISTS files_by_run ON files (run);

-- How each source answered in each live crawl, and each backfill.
CREATE TABLE IF NOT EXISTS source_looks (
    file          TEXT NOT NULL,
    url           TEXT NOT NULL,
    now           TEXT NOT NULL,
    outcome       TEXT NOT NULL,
    reason        TEXT,
    items         INTEGER,
    unknown       INTEGER,           -- of its items, how many the archive did not hold yet
    newest        TEXT,
    etag          TEXT,
    last_modified TEXT,
    PRIMARY KEY (file, url)
) STRICT;

CREATE INDEX IF NOT EXISTS source_looks_by_url ON source_looks (url, now);

-- Pages that a live crawl, or a backfill, was told of and did not get.
CREATE TABLE IF NOT EXISTS left_over (
    file           TEXT NOT NULL,
    url            TEXT NOT NULL,
    outlet         TEXT NOT NULL,
    now            TEXT NOT NULL,
    announced_time TEXT,
    put_off        INTEGER NOT NULL,  -- 1: it was not tried
    PRIMARY KEY (file, url)
) STRICT;

CREATE INDEX IF NOT EXISTS left_over_by_outlet ON left_over (outlet, now);
CREATE INDEX IF NOT EXISTS left_over_by_url ON left_over (url, now);

-- Where an announced address led.
CREATE TABLE IF NOT EXISTS redirects (
    file      TEXT NOT NULL,
    url       TEXT NOT NULL,
    final_url TEXT NOT NULL,
    PRIMARY KEY (file, url)
) STRICT;

CREATE INDEX IF NOT EXISTS redirects_by_url ON redirects (url);
