-- Outcomes of the pages of one run, by outlet, announced or not, known and fetched again or not. Parameter: run_id.
SELECT outlet_id, announced, relook, outcome, coalesce(reason, '') AS reason, count(*) AS pages
FROM fetches
WHERE run_id = $run AND kind = 'page'
GROUP BY ALL
ORDER BY ALL
