-- How completely each outlet was followed in each month, from the first to the last month with anything to show. Complete:
-- enough of the pages held, enough of the days watched (thresholds, from config/report.yaml), and no source silent.
CREATE OR REPLACE VIEW outlet_months AS
WITH span AS (
    SELECT date_trunc('month', min(day)) AS first_month, date_trunc('month', max(day)) AS last_month FROM outlet_days
), months AS (
    SELECT CAST(unnest(generate_series(first_month, last_month, INTERVAL 1 MONTH)) AS DATE) AS first_day FROM span
), by_day AS (
    SELECT
        outlet_id,
        CAST(date_trunc('month', day) AS DATE) AS first_day,
        sum(announced)::BIGINT AS announced,
        sum(collected)::BIGINT AS collected,
        sum(articles)::BIGINT AS articles,
        count(*) FILTER (watched) AS watched_days
    FROM outlet_days GROUP BY ALL
), sources AS (
    SELECT
        outlet_id,
        CAST(date_trunc('month', day) AS DATE) AS first_day,
        url,
        bool_or(answered) AS answered,
        bool_and(refused) AS refused,
        bool_and(not_in_archive) AS not_in_archive
    FROM source_days GROUP BY ALL
), by_source AS (
    SELECT
        outlet_id,
        first_day,
        count(*) AS sources,
        count(*) FILTER (NOT answered AND NOT not_in_archive) AS sources_silent,
        count(*) FILTER (refused) AS sources_refused,
        count(*) FILTER (not_in_archive) AS sources_not_in_archive
    FROM sources GROUP BY ALL
), how AS (
    SELECT
        outlet_id,
        CAST(date_trunc('month', counted_on) AS DATE) AS first_day,
        string_agg(DISTINCT collection, '+' ORDER BY collection) AS collection
    FROM articles GROUP BY ALL
), switched_on AS (
    SELECT outlet_id, count(*) AS sources FROM feeds WHERE verified IS NOT NULL GROUP BY outlet_id
), counted AS (
    SELECT
        months.first_day,
        CAST(months.first_day + INTERVAL 1 MONTH AS DATE) - months.first_day AS days,
        outlet.*,
        coalesce(by_day.announced, 0) AS announced,
        coalesce(by_day.collected, 0) AS collected,
        coalesce(by_day.articles, 0) AS articles,
        coalesce(by_day.watched_days, 0) AS watched_days,
        coalesce(by_source.sources, 0) AS sources,
        coalesce(by_source.sources_silent, 0) AS sources_silent,
        coalesce(by_source.sources_refused, 0) AS sources_refused,
        coalesce(by_source.sources_not_in_archive, 0) AS sources_not_in_archive,
        coalesce(switched_on.sources, 0) AS sources_on,
        how.collection
    FROM months
    CROSS JOIN outlets AS outlet
    LEFT JOIN by_day ON by_day.outlet_id = outlet.outlet_id AND by_day.first_day = months.first_day
    LEFT JOIN by_source ON by_source.outlet_id = outlet.outlet_id AND by_source.first_day = months.first_day
    LEFT JOIN how ON how.outlet_id = outlet.outlet_id AND how.first_day = months.first_day
    LEFT JOIN switched_on ON switched_on.outlet_id = outlet.outlet_id
)
SELECT
    strftime(first_day, '%Y-%m') AS month,
    outlet_id,
    kind AS outlet_kind,
    tier,
    core_document IS NOT NULL AS core,
    announced,
    collected,
    -- What came by a backfill or an import has no feed of its time to be measured by.
    CASE WHEN announced > 0 AND coalesce(collection, 'live') = 'live' THEN 100.0 * collected / announced END AS completeness,
    articles,
    days,
    watched_days,
    sources,
    sources_silent,
    collection,
    followed_completely(
        coalesce(collection, 'live') = 'live', announced, collected, watched_days, days,
        sources, sources_not_in_archive, sources_silent, threshold.complete_from, threshold.watched_from
    ) AS complete,
    beyond_following(beyond_reach, sources, sources_on, sources_refused) AS out_of_reach
FROM counted CROSS JOIN thresholds AS threshold;
