-- How complete the collection behind the days $first to $last is, by outlet; the row without an outlet is all together.
-- What belongs to a day, and when it was watched: outlet_days and source_days.
-- An outlet of which nothing was asked then, and articles came later all the same, was collected `in_retrospect`.
-- `complete` needs $complete_from percent of the pages, $watched_from percent of the days, and no silent source.
WITH days_by_outlet AS (
    SELECT
        outlet_id,
        sum(announced)::BIGINT AS announced,
        sum(collected)::BIGINT AS collected,
        count(*) FILTER (watched) AS watched_days
    FROM outlet_days
    WHERE day BETWEEN $first AND $last
    GROUP BY outlet_id
), sources AS (
    SELECT
        outlet_id,
        url,
        bool_or(answered) AS answered,
        bool_and(refused) AS refused,
        bool_and(not_in_archive) AS not_in_archive
    FROM source_days
    WHERE day BETWEEN $first AND $last
    GROUP BY outlet_id, url
), sources_by_outlet AS (
    SELECT
        outlet_id,
        count(*) AS sources,
        count(*) FILTER (NOT answered AND NOT not_in_archive) AS sources_silent,
        count(*) FILTER (refused) AS sources_refused,
        count(*) FILTER (not_in_archive) AS sources_not_in_archive
    FROM sources
    GROUP BY outlet_id
), retrospective AS (
    SELECT DISTINCT outlet_id FROM articles WHERE counted_on BETWEEN $first AND $last AND collection <> 'live'
), switched_on AS (
    SELECT outlet_id, count(*) AS sources_switched_on FROM feeds WHERE verified IS NOT NULL GROUP BY outlet_id
), by_outlet AS (
    SELECT
        outlet.outlet_id,
        outlet.beyond_reach,
        coalesce(days_by_outlet.announced, 0) AS announced,
        coalesce(days_by_outlet.collected, 0) AS collected,
        coalesce(sources_by_outlet.sources, 0) AS sources,
        coalesce(sources_by_outlet.sources_silent, 0) AS sources_silent,
        coalesce(sources_by_outlet.sources_refused, 0) AS sources_refused,
        coalesce(sources_by_outlet.sources_not_in_archive, 0) AS sources_not_in_archive,
        coalesce(days_by_outlet.watched_days, 0) AS watched_days,
        coalesce(switched_on.sources_switched_on, 0) AS sources_switched_on
    FROM outlets AS outlet
    LEFT JOIN days_by_outlet ON days_by_outlet.outlet_id = outlet.outlet_id
    LEFT JOIN sources_by_outlet ON sources_by_outlet.outlet_id = outlet.outlet_id
    LEFT JOIN switched_on ON switched_on.outlet_id = outlet.outlet_id
), judged AS (
    SELECT
        *,
        followed_completely(
            outlet_id NOT IN (SELECT outlet_id FROM retrospective), announced, collected, watched_days, $last - $first + 1,
            sources, sources_not_in_archive, sources_silent, $complete_from, $watched_from
        ) AS complete,
        beyond_following(beyond_reach, sources, sources_switched_on, sources_refused) AS out_of_reach,
        sources = 0 AND announced = 0 AND outlet_id NOT IN (SELECT outlet_id FROM retrospective) AS not_asked,
        sources = 0 AND announced = 0 AND outlet_id IN (SELECT outlet_id FROM retrospective) AS in_retrospect
    FROM by_outlet
)
SELECT
    outlet_id,
    sum(announced)::BIGINT AS announced,
    sum(collected)::BIGINT AS collected,
    CASE WHEN sum(announced) > 0 THEN 100.0 * sum(collected) / sum(announced) END AS percent,
    sum(sources)::BIGINT AS sources,
    sum(sources_silent)::BIGINT AS sources_silent,
    sum(sources_not_in_archive)::BIGINT AS sources_not_in_archive,
    min(watched_days) AS watched_days,
    bool_and(complete) AS complete,
    bool_and(out_of_reach) AS out_of_reach,
    bool_and(not_asked) AS not_asked,
    bool_and(in_retrospect) AS in_retrospect,
    count(*) AS outlets,
    count(*) FILTER (complete) AS outlets_complete,
    count(*) FILTER (NOT complete AND NOT out_of_reach AND NOT not_asked AND NOT in_retrospect) AS outlets_with_gaps,
    count(*) FILTER (not_asked AND NOT out_of_reach) AS outlets_not_asked,
    count(*) FILTER (in_retrospect AND NOT out_of_reach) AS outlets_in_retrospect,
    count(*) FILTER (out_of_reach) AS outlets_out_of_reach
FROM judged
GROUP BY GROUPING SETS ((outlet_id), ())
ORDER BY outlet_id NULLS LAST;
