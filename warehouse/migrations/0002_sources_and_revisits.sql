-- Section pages as sources, revisit records, and the alarms of a crawl. All of it comes from the archive, so the files are
-- read again.
DROP TABLE feeds;
CREATE TABLE feeds (
    outlet_id VARCHAR NOT NULL,
    url       VARCHAR NOT NULL,
    kind      VARCHAR NOT NULL CHECK (kind IN ('feed', 'sitemap', 'section')),
    label     VARCHAR,
    verified  VARCHAR,
    PRIMARY KEY (outlet_id, url)
);
COMMENT ON TABLE feeds IS 'Feeds, sitemaps and section pages of the registry';
COMMENT ON COLUMN feeds.outlet_id IS 'The outlet that serves it';
COMMENT ON COLUMN feeds.url IS 'Its address';
COMMENT ON COLUMN feeds.kind IS 'feed, sitemap or section';
COMMENT ON COLUMN feeds.label IS 'The section it covers, as the outlet names it';
COMMENT ON COLUMN feeds.verified IS 'How and when it was seen alive; empty: switched off';

DROP TABLE fetches;
CREATE TABLE fetches (
    archive_file VARCHAR NOT NULL,
    run_id       VARCHAR NOT NULL,
    outlet_id    VARCHAR NOT NULL,
    url          VARCHAR NOT NULL,
    kind         VARCHAR NOT NULL CHECK (kind IN ('page', 'feed', 'sitemap', 'section', 'robots')),
    article_id   VARCHAR,
    announced    BOOLEAN NOT NULL,
    relook       BOOLEAN NOT NULL,
    announced_at TIMESTAMPTZ,
    listed       BOOLEAN NOT NULL,
    items        INTEGER,
    newest_at    TIMESTAMPTZ,
    crawled      VARCHAR NOT NULL,
    outcome      VARCHAR NOT NULL,
    reason       VARCHAR,
    status       INTEGER,
    PRIMARY KEY (archive_file, kind, url)
);
COMMENT ON TABLE fetches IS 'Every source asked and every page announced in a run, with its one outcome';
COMMENT ON COLUMN fetches.archive_file IS 'Archive file of the run and outlet';
COMMENT ON COLUMN fetches.run_id IS 'The run';
COMMENT ON COLUMN fetches.outlet_id IS 'The outlet';
COMMENT ON COLUMN fetches.url IS 'Address asked for';
COMMENT ON COLUMN fetches.kind IS 'page, feed, sitemap, section or robots';
COMMENT ON COLUMN fetches.article_id IS 'The article of the page, where it was fetched or known';
COMMENT ON COLUMN fetches.announced IS 'Whether a source announced it, in this run or in an earlier one that did not get it; false: only looked at again';
COMMENT ON COLUMN fetches.relook IS 'Whether a known page was fetched again';
COMMENT ON COLUMN fetches.announced_at IS 'Time the source gave for the page';
COMMENT ON COLUMN fetches.listed IS 'Of sources: whether the registry names it; others were found in a robots.txt or a sitemap index';
COMMENT ON COLUMN fetches.items IS 'Of sources: items announced in all';
COMMENT ON COLUMN fetches.newest_at IS 'Of sources: time of the newest item';
COMMENT ON COLUMN fetches.crawled IS 'What the crawler saw: fetched, known, failed, deferred, refused, not_in_archive; of sources: ok, failed, refused, waiting (it failed for days and is asked less often), not_in_archive';
COMMENT ON COLUMN fetches.outcome IS 'Of pages: new, changed, unchanged, withdrawn, failed, deferred, refused, not_in_archive; of sources as crawled';
COMMENT ON COLUMN fetches.reason IS 'Why, in a word';
COMMENT ON COLUMN fetches.status IS 'HTTP status';

ALTER TABLE captures ADD COLUMN revisit BOOLEAN DEFAULT false;
COMMENT ON COLUMN captures.revisit IS 'Whether the page was byte for byte what an earlier capture holds';
ALTER TABLE crawls ADD COLUMN alarms VARCHAR[];
COMMENT ON COLUMN crawls.alarms IS 'What made the crawl a bad one, a sentence each';
ALTER TABLE outlets ADD COLUMN beyond_reach VARCHAR;
COMMENT ON COLUMN outlets.beyond_reach IS 'Why the outlet is ngoài khả năng theo dõi; empty: it is followed';
DELETE FROM processed_files;
