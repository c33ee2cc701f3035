CREATE TABLE IF NOT EXISTS files (
    file    TEXT PRIMARY KEY,  -- relative to the workspace
    run     TEXT,              -- NULL for archives made elsewhere or salvaged without a log
    outlet  TEXT,
    mode    TEXT,
    now     TEXT,              -- the time the crawl went by, ISO 8601 in UTC
    complete INTEGER           -- whether the crawl left nothing to try again
) STRICT;

CREATE TABLE IF NOT EXISTS captures (
    url    TEXT NOT NULL,      -- normalised
    kind   TEXT,
    time   TEXT NOT NULL,
    status INTEGER NOT NULL,
    digest TEXT,
    file   TEXT NOT NULL,
    offset INTEGER NOT NULL,
    PRIMARY KEY (file, offset)
) STRICT;

CREATE INDEX IF NOT EXISTS captures_by_url ON captures (url, time);
