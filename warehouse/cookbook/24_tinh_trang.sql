-- Cơ quan nào không truy cập được, có cảnh báo hoặc đã thay đổi giao diện?
SELECT outlet_id, name, state, last_reached_at, alarms, drift, completeness
FROM outlet_health
WHERE state NOT IN ('ok', 'never crawled')
ORDER BY state, outlet_id;
