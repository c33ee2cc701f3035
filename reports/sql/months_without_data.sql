-- The months from $since to $last in which nothing at all was collected of outlets of $kinds: they are not zero.
SELECT strftime(month.day, '%m/%Y') AS month
FROM range(CAST($since AS TIMESTAMP), CAST($last AS TIMESTAMP) + INTERVAL 1 DAY, INTERVAL 1 MONTH) AS month(day)
WHERE NOT EXISTS (
    SELECT 1
    FROM articles AS article
    JOIN outlets AS outlet ON outlet.outlet_id = article.outlet_id
    WHERE list_contains(CAST($kinds AS VARCHAR[]), outlet.kind)
      AND article.counted_on BETWEEN CAST(month.day AS DATE) AND last_day(CAST(month.day AS DATE))
)
ORDER BY month.day;
