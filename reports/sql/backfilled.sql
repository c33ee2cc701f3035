-- Of the days $first to $last, what backfills collected: articles that the outlets' own sitemaps list for the whole months in
-- it, how many of them are held, and for how many outlets there is more to come.
SELECT
    count(DISTINCT outlet_id) AS outlets,
    coalesce(sum(listed), 0)::BIGINT AS listed,
    coalesce(sum(held), 0)::BIGINT AS held,
    100.0 * sum(held) / nullif(sum(listed), 0) AS percent,
    count(DISTINCT outlet_id) FILTER (state = 'under way') AS outlets_under_way
FROM backfill_months
WHERE strptime(month, '%Y-%m') >= $first AND last_day(strptime(month, '%Y-%m')) <= $last;
