-- Những trang nào không lấy được, vì sao?
SELECT run_id, outlet_id, reason, count(*) AS pages, any_value(url) AS example
FROM fetches
WHERE kind = 'page' AND outcome = 'failed'
GROUP BY ALL
ORDER BY pages DESC, run_id, outlet_id, reason;
