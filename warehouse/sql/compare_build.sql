-- What a build is made of.
SELECT
    (SELECT list(DISTINCT fingerprint ORDER BY fingerprint) FROM processed_files) AS rules,
    (SELECT count(*) FROM articles) AS articles,
    (SELECT count(*) FROM mentions) AS mentions,
    (SELECT count(*) FROM reviews) AS decisions;
