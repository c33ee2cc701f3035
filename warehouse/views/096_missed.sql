-- Coverage that people found, and why we had not counted it, as of now: the first reason that holds.
CREATE OR REPLACE VIEW missed AS
WITH entry AS (
    -- An outlet that joined the registry after the entry was made is known by its host.
    SELECT found.* EXCLUDE (outlet_id), outlet.outlet_id, outlet.beyond_reach
    FROM missed_urls AS found
    LEFT JOIN outlets AS outlet
        ON outlet.outlet_id = found.outlet_id OR list_contains(outlet.hosts, split_part(split_part(found.url, '://', 2), '/', 1))
    QUALIFY row_number() OVER (PARTITION BY found.entry_id ORDER BY outlet.outlet_id <> found.outlet_id) = 1
), address AS (
    -- With and without `www.`: a page is fetched under one of them.
    SELECT entry_id, unnest([url, replace(url, '://www.', '://'), replace(replace(url, '://www.', '://'), '://', '://www.')]) AS url
    FROM missed_urls
), same AS (
    -- The articles that the entry may be: by its identity, and by where its address led.
    SELECT entry_id, article_id FROM missed_urls WHERE article_id IS NOT NULL
    UNION
    SELECT address.entry_id, page.article_id
    FROM address JOIN fetches AS page ON page.url = address.url AND page.kind = 'page'
    WHERE page.article_id IS NOT NULL
    UNION
    SELECT address.entry_id, capture.article_id FROM address JOIN captures AS capture ON capture.url = address.url
), held AS (
    SELECT
        same.entry_id,
        min(article.article_id) AS article_id,
        bool_or(coalesce(named.is_target, false)) AS counted,
        string_agg(DISTINCT named.sense, ', ' ORDER BY named.sense) AS senses
    FROM same
    JOIN missed_urls AS found ON found.entry_id = same.entry_id
    JOIN article_heads AS article ON article.article_id = same.article_id
    LEFT JOIN article_topics AS named ON named.article_id = article.article_id AND named.topic = found.topic
    GROUP BY same.entry_id
), last_fetch AS (
    SELECT same.entry_id, page.crawled, page.reason
    FROM same
    JOIN fetches AS page ON page.article_id = same.article_id AND page.kind = 'page'
    JOIN crawls AS crawl ON crawl.archive_file = page.archive_file
    QUALIFY row_number() OVER (PARTITION BY same.entry_id ORDER BY crawl.crawl_time DESC, page.archive_file DESC, page.url) = 1
), last_look AS (
    SELECT same.entry_id, capture.problem
    FROM same
    JOIN captures AS capture ON capture.article_id = same.article_id
    QUALIFY row_number() OVER (
        PARTITION BY same.entry_id ORDER BY capture.captured_at DESC, capture.archive_file DESC, capture.archive_offset DESC
    ) = 1
), followed AS (
    SELECT outlet_id FROM feeds WHERE verified IS NOT NULL
    UNION
    SELECT outlet_id FROM crawls
)
SELECT
    entry.entry_id,
    entry.added_at,
    entry.added_by,
    entry.url,
    entry.topic,
    entry.seen_on,
    entry.note,
    entry.outlet_id,
    coalesce(held.article_id, entry.article_id) AS article_id,
    CASE
        WHEN entry.outlet_id IS NULL THEN 'outlet not in the registry'
        WHEN held.counted THEN 'counted'
        WHEN held.entry_id IS NOT NULL THEN concat_ws(': ', 'held, but topic not found', held.senses)
        WHEN entry.beyond_reach IS NOT NULL THEN 'outlet beyond reach'
        WHEN entry.outlet_id NOT IN (SELECT outlet_id FROM followed) THEN 'outlet not followed'
        WHEN last_fetch.crawled IS NULL AND last_look.entry_id IS NULL THEN 'never announced'
        WHEN last_fetch.crawled IN ('deferred', 'refused', 'failed', 'not_in_archive')
            THEN concat_ws(': ', last_fetch.crawled, last_fetch.reason)
        ELSE concat_ws(': ', 'not read', coalesce(last_look.problem, last_fetch.reason))
    END AS why
FROM entry
LEFT JOIN held ON held.entry_id = entry.entry_id
LEFT JOIN last_fetch ON last_fetch.entry_id = entry.entry_id
LEFT JOIN last_look ON last_look.entry_id = entry.entry_id;
