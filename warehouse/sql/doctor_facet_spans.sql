-- facets whose words do not stand where the text should have them
-- A tone's place is the mention's, its words are the whole sentence.
WITH facets AS (
    SELECT version_id, kind, surface, substr(
        CASE field WHEN 'title' THEN title WHEN 'sapo' THEN sapo WHEN 'body' THEN body ELSE captions END,
        start_pos + 1,
        end_pos - start_pos
    ) AS words
    FROM version_facets
    JOIN article_versions USING (version_id)
)
SELECT count(*), min(version_id)
FROM facets
WHERE CASE kind WHEN 'tone' THEN contains(surface, words) ELSE surface = words END IS NOT true;
