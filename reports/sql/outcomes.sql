-- What units reported by hand of the plan's outcomes: of each the newest value up to the month of the report.
SELECT indicator, month, value, unit, document, dated
FROM outcomes
WHERE month <= $month
QUALIFY row_number() OVER (PARTITION BY indicator ORDER BY month DESC, dated DESC, position DESC) = 1
ORDER BY min(position) OVER (PARTITION BY indicator);
