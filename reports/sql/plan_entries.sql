-- What units reported by hand of the plan's activities, up to the month of the report.
SELECT activity_id, position, month, result, unit, document, dated
FROM plan_entries
WHERE month <= $month
ORDER BY activity_id, month, position;
