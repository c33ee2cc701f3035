-- Past months that a backfill asked for: the articles that the outlet's own sitemaps list for the month, and how many of them
-- are held, however they came. Each once, whatever its addresses; what is no article address is not counted. The list is the
-- outlet's, as it was when it was asked: what the outlet has taken down is not in it. `under way` until every sitemap of the
-- month was read and every page tried; then `whole`, or `with gaps`. `undated`: no sitemap names the month, and its pages are
-- those that give a time in it; how many there are in all is not known.
CREATE OR REPLACE VIEW backfill_months AS
WITH listed AS (
    SELECT
        fetched.outlet_id,
        fetched.article_id,
        min(fetched.listed_month) AS month,
        max_by(fetched.outcome, (crawl.crawl_time, fetched.archive_file)) AS outcome,
        max_by(fetched.status, (crawl.crawl_time, fetched.archive_file)) AS status,
        min(crawl.crawl_time) AS first_at,
        max(crawl.crawl_time) AS last_at
    FROM fetches AS fetched
    JOIN crawls AS crawl ON crawl.archive_file = fetched.archive_file
    WHERE fetched.kind = 'page' AND fetched.listed_month IS NOT NULL
      AND coalesce(fetched.reason, '') NOT IN ('not_an_article_address', 'foreign_host')
    GROUP BY fetched.outlet_id, fetched.article_id
), pages AS (
    SELECT
        listed.outlet_id,
        listed.month,
        count(*) AS listed,
        count(article.article_id) AS held,
        count(*) FILTER (article.article_id IS NULL AND listed.outcome = 'failed' AND listed.status IN (404, 410)) AS gone,
        count(*) FILTER (article.article_id IS NULL AND listed.outcome = 'deferred') AS left_over,
        min(listed.first_at) AS first_asked_at,
        max(listed.last_at) AS last_asked_at
    FROM listed
    LEFT JOIN article_heads AS article ON article.article_id = listed.article_id
    GROUP BY ALL
), each_sitemap AS (
    SELECT
        fetched.outlet_id,
        fetched.listed_month AS month,
        fetched.url,
        bool_or(fetched.outcome = 'ok') AS was_read,
        max_by(fetched.outcome, (crawl.crawl_time, fetched.archive_file)) AS outcome,
        max_by(fetched.reason, (crawl.crawl_time, fetched.archive_file)) AS reason
    FROM fetches AS fetched
    JOIN crawls AS crawl ON crawl.archive_file = fetched.archive_file
    WHERE fetched.kind = 'sitemap' AND fetched.listed_month IS NOT NULL
    GROUP BY ALL
), sitemaps AS (
    SELECT
        outlet_id,
        month,
        count(*) AS sitemaps,
        count(*) FILTER (was_read) AS sitemaps_read,
        count(*) FILTER (outcome = 'failed' OR (outcome = 'ok' AND reason IS NOT NULL)) AS sitemaps_faulty
    FROM each_sitemap
    GROUP BY ALL
)
SELECT
    month,
    outlet_id,
    coalesce(sitemaps.sitemaps, 0) AS sitemaps,
    coalesce(sitemaps.sitemaps_read, 0) AS sitemaps_read,
    coalesce(pages.listed, 0) AS listed,
    coalesce(pages.held, 0) AS held,
    coalesce(pages.gone, 0) AS gone,
    coalesce(pages.left_over, 0) AS left_over,
    coalesce(pages.listed, 0) - coalesce(pages.held, 0) - coalesce(pages.gone, 0) - coalesce(pages.left_over, 0) AS failed,
    CASE WHEN pages.listed > 0 THEN 100.0 * pages.held / pages.listed END AS share,
    CASE
        WHEN sitemaps.sitemaps IS NULL THEN 'undated'
        WHEN coalesce(pages.left_over, 0) > 0 OR sitemaps.sitemaps_read < sitemaps.sitemaps THEN 'under way'
        WHEN coalesce(pages.held, 0) = coalesce(pages.listed, 0) AND coalesce(sitemaps.sitemaps_faulty, 0) = 0 THEN 'whole'
        ELSE 'with gaps'
    END AS state,
    pages.first_asked_at,
    pages.last_asked_at
FROM pages
FULL JOIN sitemaps USING (outlet_id, month);
