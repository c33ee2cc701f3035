-- Outcomes of the pages of one run, by outlet; announced pages and mere re-looks apart. Parameter: run_id.
SELECT outlet_id, announced, outcome, coalesce(reason, '') AS reason, count(*) AS pages
FROM fetches
WHERE run_id = $run AND kind = 'page'
GROUP BY ALL
ORDER BY ALL
