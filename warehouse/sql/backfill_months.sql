-- How far the backfill of some outlets and months has come. `elsewhere`: of the articles held, those whose own date lies in
-- another month than that whose sitemap lists them. Parameters: outlets, months.
WITH elsewhere AS (
    SELECT listed.outlet_id, listed.month, count(*) AS articles
    FROM (
        SELECT fetched.outlet_id, fetched.article_id, min(fetched.listed_month) AS month
        FROM fetches AS fetched
        WHERE fetched.kind = 'page' AND fetched.listed_month IS NOT NULL
        GROUP BY ALL
    ) AS listed
    JOIN articles AS article ON article.article_id = listed.article_id
    WHERE strftime(article.counted_on, '%Y-%m') <> listed.month
    GROUP BY ALL
)
SELECT
    found.outlet_id,
    found.month,
    found.sitemaps,
    found.sitemaps_read,
    found.listed,
    found.held,
    found.gone,
    found.left_over,
    found.failed,
    found.share,
    found.state,
    coalesce(elsewhere.articles, 0) AS elsewhere
FROM backfill_months AS found
LEFT JOIN elsewhere ON elsewhere.outlet_id = found.outlet_id AND elsewhere.month = found.month
WHERE list_contains($outlets, found.outlet_id) AND list_contains($months, found.month)
ORDER BY found.outlet_id, found.month;
