-- What the database stands on: the fingerprints of the rules that read the archive (one, unless a change of rules was cut
-- off half way), and the last decision and the last crawl in it.
SELECT
    (SELECT coalesce(string_agg(DISTINCT fingerprint, '+' ORDER BY fingerprint), '') FROM processed_files) AS rules,
    (SELECT max(decided_at) FROM reviews) AS decided_until,
    (SELECT max(ended_at) FROM crawls) AS collected_until;
