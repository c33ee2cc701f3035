-- Of lines that are older than corrections it is 0, as load_journal fills in.
ALTER TABLE reports_sent ADD COLUMN revision INTEGER DEFAULT 0;

-- What units reported of the plan's outcomes, and what became of difficulties that the press told of.
CREATE TABLE outcomes (
    position  INTEGER PRIMARY KEY,
    indicator VARCHAR NOT NULL,
    month     VARCHAR NOT NULL,
    value     VARCHAR NOT NULL,
    unit      VARCHAR NOT NULL,
    document  VARCHAR NOT NULL,
    dated     DATE NOT NULL
);

CREATE TABLE difficulties (
    position   INTEGER PRIMARY KEY,
    article    VARCHAR NOT NULL,
    difficulty VARCHAR NOT NULL,
    agency     VARCHAR NOT NULL,
    reply      VARCHAR NOT NULL
);

-- The past month whose sitemap lists a page, or that a sitemap lists: what a backfill is measured by.
ALTER TABLE fetches ADD COLUMN listed_month VARCHAR;

-- Views are made anew where they are not those of the program's files. Some databases of schema 5 have it already.
CREATE TABLE IF NOT EXISTS views_made (digest VARCHAR NOT NULL);
