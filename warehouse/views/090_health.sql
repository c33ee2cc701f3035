-- The runs, and how each outlet did in its last one.
CREATE OR REPLACE VIEW runs AS
WITH pages AS (
    SELECT
        run_id,
        count(*) FILTER (kind = 'page' AND announced) AS announced,
        count(*) FILTER (kind = 'page' AND announced AND outcome = 'new') AS new,
        count(*) FILTER (kind = 'page' AND announced AND outcome = 'changed') AS changed,
        count(*) FILTER (kind = 'page' AND announced AND outcome = 'unchanged') AS unchanged,
        count(*) FILTER (kind = 'page' AND announced AND outcome = 'withdrawn') AS withdrawn,
        count(*) FILTER (kind = 'page' AND announced AND outcome = 'failed') AS failed,
        count(*) FILTER (kind = 'page' AND announced AND outcome = 'deferred') AS deferred,
        count(*) FILTER (kind = 'page' AND announced AND outcome = 'refused') AS refused,
        count(*) FILTER (kind = 'page' AND announced AND outcome = 'not_in_archive') AS not_in_archive
    FROM fetches
    GROUP BY run_id
)
SELECT
    crawl.run_id,
    any_value(crawl.mode) AS mode,
    max(crawl.crawl_time) AS crawl_time,
    min(crawl.started_at) AS started_at,
    max(crawl.ended_at) AS ended_at,
    count(DISTINCT crawl.outlet_id) AS outlets,
    count(DISTINCT crawl.outlet_id) FILTER (crawl.reached) AS outlets_reached,
    CASE count(DISTINCT crawl.outlet_id) FILTER (crawl.reached)
        WHEN count(DISTINCT crawl.outlet_id) THEN 'ok'
        WHEN 0 THEN 'failed'
        ELSE 'partial'
    END AS state,
    coalesce(any_value(pages.announced), 0) AS announced,
    coalesce(any_value(pages.new), 0) AS new,
    coalesce(any_value(pages.changed), 0) AS changed,
    coalesce(any_value(pages.unchanged), 0) AS unchanged,
    coalesce(any_value(pages.withdrawn), 0) AS withdrawn,
    coalesce(any_value(pages.failed), 0) AS failed,
    coalesce(any_value(pages.deferred), 0) AS deferred,
    coalesce(any_value(pages.refused), 0) AS refused,
    coalesce(any_value(pages.not_in_archive), 0) AS not_in_archive
FROM crawls AS crawl
LEFT JOIN pages ON pages.run_id = crawl.run_id
GROUP BY crawl.run_id;
COMMENT ON VIEW runs IS 'Each collection run: when, how many outlets answered, and what became of the pages they announced';
COMMENT ON COLUMN runs.run_id IS 'The run';
COMMENT ON COLUMN runs.mode IS 'live, or replay of an archive';
COMMENT ON COLUMN runs.crawl_time IS 'The time the crawl went by';
COMMENT ON COLUMN runs.started_at IS 'By the clock';
COMMENT ON COLUMN runs.ended_at IS 'By the clock';
COMMENT ON COLUMN runs.outlets IS 'Outlets asked';
COMMENT ON COLUMN runs.outlets_reached IS 'Outlets that answered';
COMMENT ON COLUMN runs.state IS 'ok: all answered; partial: some; failed: none';
COMMENT ON COLUMN runs.announced IS 'Pages announced: the sum of the columns behind this one';
COMMENT ON COLUMN runs.new IS 'Articles seen for the first time';
COMMENT ON COLUMN runs.changed IS 'Known articles with another text';
COMMENT ON COLUMN runs.unchanged IS 'Known articles with the same text, or not yet due for another look';
COMMENT ON COLUMN runs.withdrawn IS 'Known articles found gone twice';
COMMENT ON COLUMN runs.failed IS 'Pages that could not be had or read';
COMMENT ON COLUMN runs.deferred IS 'Pages left for the next night';
COMMENT ON COLUMN runs.refused IS 'Pages we must or will not fetch';
COMMENT ON COLUMN runs.not_in_archive IS 'Pages that a replayed archive does not hold';

CREATE OR REPLACE VIEW outlet_health AS
WITH each_crawl AS (
    -- A crawl that filled a file went on in another.
    SELECT
        outlet_id,
        run_id,
        max(crawl_time) AS crawl_time,
        max_by(finish, ended_at) AS finish,
        bool_or(reached) AS reached,
        flatten(list(alarms) FILTER (alarms IS NOT NULL)) AS alarms
    FROM crawls GROUP BY outlet_id, run_id
), crawl AS (
    SELECT * FROM each_crawl QUALIFY row_number() OVER (PARTITION BY outlet_id ORDER BY crawl_time DESC, run_id DESC) = 1
), pages AS (
    SELECT
        outlet_id,
        run_id,
        count(*) FILTER (kind = 'page' AND announced) AS announced,
        count(*) FILTER (kind = 'page' AND announced AND outcome IN ('new', 'changed', 'unchanged', 'withdrawn')) AS collected,
        count(*) FILTER (kind = 'page' AND announced AND outcome = 'failed') AS failed,
        count(*) FILTER (kind NOT IN ('page', 'robots') AND outcome = 'ok') AS sources_alive,
        count(*) FILTER (kind NOT IN ('page', 'robots') AND outcome = 'ok' AND status = 304) AS sources_unchanged,
        count(*) FILTER (kind NOT IN ('page', 'robots') AND outcome <> 'waiting') AS sources_asked,
        count(*) FILTER (kind NOT IN ('page', 'robots') AND outcome = 'waiting') AS sources_waiting
    FROM fetches GROUP BY outlet_id, run_id
), texts AS (
    SELECT
        outlet_id,
        max(counted_at) AS newest_article_at,
        count(*) FILTER (dated_by <> 'page') AS without_time,
        count(*) FILTER (layout = 'fallback') AS on_fallback,
        count(*) AS articles
    FROM articles GROUP BY outlet_id
), last_read AS (
    -- The pages of the last day that any was looked at.
    SELECT
        outlet_id,
        count(*) AS pages,
        count(*) FILTER (misfit) AS misfits,
        max_by(url, captured_at) FILTER (misfit) AS misfit,
        count(*) FILTER (list_contains(unread, 'sapo')) AS bare,
        max_by(url, captured_at) FILTER (list_contains(unread, 'sapo')) AS bare_one
    FROM (
        SELECT *, layout = 'fallback' OR list_contains(unread, 'published') AS misfit
        FROM captures WHERE layout IS NOT NULL
        QUALIFY captured_at > max(captured_at) OVER (PARTITION BY outlet_id) - INTERVAL 1 DAY
    )
    GROUP BY outlet_id
), drift AS (
    -- A single page in a template of its own (a video, a long read) is none, nor are some pages without a standfirst.
    SELECT
        last_read.outlet_id,
        CASE
            WHEN misfits * 10 >= pages AND misfits > 0
                THEN format('the layouts fail on {} of the {} pages read last; look at {}', misfits, pages, misfit)
            WHEN bare * 2 >= pages AND bare > 1
                THEN format('no standfirst was found on {} of the {} pages read last; look at {}', bare, pages, bare_one)
        END AS drift
    FROM last_read JOIN outlets USING (outlet_id)
    WHERE outlets.layouts > 0
), good AS (
    SELECT outlet_id, max(crawl_time) AS last_reached_at FROM each_crawl WHERE reached GROUP BY outlet_id
)
SELECT
    outlet.outlet_id,
    outlet.name,
    crawl.crawl_time AS last_crawl_at,
    good.last_reached_at,
    crawl.finish,
    CASE
        WHEN outlet.beyond_reach IS NOT NULL THEN 'beyond reach'
        WHEN NOT crawl.reached THEN 'not reached'
        WHEN len(crawl.alarms) > 0 THEN 'alarms'
        WHEN drift.drift IS NOT NULL THEN 'drift'
        WHEN crawl.outlet_id IS NULL THEN 'never crawled'
        ELSE 'ok'
    END AS state,
    CASE WHEN outlet.beyond_reach IS NOT NULL THEN [outlet.beyond_reach] ELSE coalesce(crawl.alarms, []) END AS alarms,
    drift.drift,
    pages.sources_asked,
    pages.sources_alive,
    pages.sources_unchanged,
    pages.sources_waiting,
    pages.announced,
    pages.collected,
    pages.failed,
    -- Where a source answered that nothing has changed, its pages were not announced again, and are held.
    CASE
        WHEN pages.announced > 0 AND pages.sources_unchanged = 0 THEN 100.0 * pages.collected / pages.announced
    END AS completeness,
    coalesce(texts.articles, 0) AS articles,
    texts.newest_article_at,
    coalesce(texts.without_time, 0) AS without_time,
    coalesce(texts.on_fallback, 0) AS on_fallback
FROM outlets AS outlet
LEFT JOIN crawl ON crawl.outlet_id = outlet.outlet_id
LEFT JOIN pages ON pages.outlet_id = crawl.outlet_id AND pages.run_id = crawl.run_id
LEFT JOIN texts ON texts.outlet_id = outlet.outlet_id
LEFT JOIN drift ON drift.outlet_id = outlet.outlet_id
LEFT JOIN good ON good.outlet_id = outlet.outlet_id;
COMMENT ON VIEW outlet_health IS 'How each outlet did in its last crawl, and what is known of it in all';
COMMENT ON COLUMN outlet_health.outlet_id IS 'The outlet';
COMMENT ON COLUMN outlet_health.name IS 'Official name';
COMMENT ON COLUMN outlet_health.last_crawl_at IS 'Its last crawl; empty: never crawled';
COMMENT ON COLUMN outlet_health.last_reached_at IS 'The last crawl in which it answered';
COMMENT ON COLUMN outlet_health.finish IS 'Why the last crawl ended';
COMMENT ON COLUMN outlet_health.state IS 'ok; drift (its layouts no longer fit its pages); alarms; not reached; never crawled; beyond reach (ngoài khả năng theo dõi)';
COMMENT ON COLUMN outlet_health.alarms IS 'What was wrong with the last crawl, a sentence each; or why the outlet is beyond reach';
COMMENT ON COLUMN outlet_health.drift IS 'Where a tenth of the pages read on the last day do not fit the outlet''s layouts (read by the general fallback, or without their printed time), or half have no standfirst: how many, and one to look at';
COMMENT ON COLUMN outlet_health.sources_asked IS 'Feeds, sitemaps and section pages asked';
COMMENT ON COLUMN outlet_health.sources_alive IS 'Of these, how many answered';
COMMENT ON COLUMN outlet_health.sources_unchanged IS 'Of these, how many answered that nothing has changed (304)';
COMMENT ON COLUMN outlet_health.sources_waiting IS 'Sources that failed for days and were not asked this time';
COMMENT ON COLUMN outlet_health.announced IS 'Pages announced';
COMMENT ON COLUMN outlet_health.collected IS 'Of these, held in the archive';
COMMENT ON COLUMN outlet_health.failed IS 'Of these, failed';
COMMENT ON COLUMN outlet_health.completeness IS 'Mức độ đầy đủ: collected of announced, in percent; empty where a source only answered that nothing has changed';
COMMENT ON COLUMN outlet_health.articles IS 'Articles held in all';
COMMENT ON COLUMN outlet_health.newest_article_at IS 'Time of the newest of them';
COMMENT ON COLUMN outlet_health.without_time IS 'Articles whose page gives no time';
COMMENT ON COLUMN outlet_health.on_fallback IS 'Articles read without a layout of the outlet';

CREATE OR REPLACE VIEW unresolved_mentions AS
SELECT mention.*, article.outlet_id, article.url, article.counted_at
FROM mentions AS mention
JOIN articles AS article ON article.article_id = mention.article_id
JOIN topics AS topic ON topic.topic = mention.topic AND topic.sense = mention.sense
WHERE topic.undecided;
COMMENT ON VIEW unresolved_mentions IS 'Mentions whose sense the rules can''t decide; counted apart until a person decides';
COMMENT ON COLUMN unresolved_mentions.mention_id IS 'Version, topic, field and position';
COMMENT ON COLUMN unresolved_mentions.article_id IS 'The article';
COMMENT ON COLUMN unresolved_mentions.version_id IS 'Its current version';
COMMENT ON COLUMN unresolved_mentions.field IS 'title, sapo, body or caption (in articles: captions)';
COMMENT ON COLUMN unresolved_mentions.start_pos IS 'First code point in the field, from 0';
COMMENT ON COLUMN unresolved_mentions.end_pos IS 'Code point after the last';
COMMENT ON COLUMN unresolved_mentions.surface IS 'The words as printed';
COMMENT ON COLUMN unresolved_mentions.topic IS 'The topic named';
COMMENT ON COLUMN unresolved_mentions.sense IS 'Which real thing the words name';
COMMENT ON COLUMN unresolved_mentions.is_target IS 'Whether figures count this sense';
COMMENT ON COLUMN unresolved_mentions.form IS 'number, name, address or phrase';
COMMENT ON COLUMN unresolved_mentions.confidence IS 'How sure the rules are, 0 to 1';
COMMENT ON COLUMN unresolved_mentions.reason IS 'Why the rules chose this sense';
COMMENT ON COLUMN unresolved_mentions.sentence IS 'The sentence, as stored';
COMMENT ON COLUMN unresolved_mentions.occurrence IS 'Which mention of the topic within that sentence, from 0';
COMMENT ON COLUMN unresolved_mentions.ruled_sense IS 'Which real thing the rules say is named';
COMMENT ON COLUMN unresolved_mentions.decided_by IS 'Who decided the sense; empty: the rules did';
COMMENT ON COLUMN unresolved_mentions.outlet_id IS 'The outlet that published it';
COMMENT ON COLUMN unresolved_mentions.url IS 'Address of the article';
COMMENT ON COLUMN unresolved_mentions.counted_at IS 'The time that puts the article into a day or month';
