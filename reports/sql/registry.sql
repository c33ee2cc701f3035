-- The outlets of the registry.
SELECT
    count(*) AS outlets,
    count(*) FILTER (kind = 'press') AS press,
    count(*) FILTER (kind = 'press' AND tier = 'central') AS central,
    count(*) FILTER (kind = 'press' AND tier = 'ministry') AS ministry,
    count(*) FILTER (kind = 'press' AND tier = 'local') AS local_press,
    count(*) FILTER (kind = 'own') AS own,
    count(*) FILTER (kind = 'aggregator') AS aggregators,
    count(core_document) AS core,
    string_agg(DISTINCT core_document, '; ' ORDER BY core_document) AS core_documents
FROM outlets;
