-- What else an article about a target is about (kinds of facets.yaml), in its current text, with the words that show it; a
-- person's yes or no overrides the rules. Tone is no facet: it stays inside until a person confirms it (tones).
CREATE OR REPLACE VIEW article_facets AS
WITH found AS (
    SELECT head.article_id, facet.kind, facet.value, facet.field, facet.start_pos, facet.end_pos, facet.surface
    FROM version_facets AS facet
    JOIN article_heads AS head ON head.version_id = facet.version_id
    WHERE facet.kind <> 'tone'
), decided AS (
    SELECT
        split_part(decision.subject_key, '|', 1) AS article_id,
        split_part(decision.subject_key, '|', 2) AS kind,
        split_part(decision.subject_key, '|', 3) AS value,
        decision.decision,
        decision.decided_by
    FROM decisions AS decision
    WHERE decision.subject = 'facet'
)
SELECT
    coalesce(found.article_id, decided.article_id) AS article_id,
    coalesce(found.kind, decided.kind) AS kind,
    coalesce(found.value, decided.value) AS value,
    found.field,
    found.start_pos,
    found.end_pos,
    found.surface,
    decided.decided_by
FROM found
FULL JOIN decided
    ON decided.article_id = found.article_id AND decided.kind = found.kind AND decided.value = found.value
WHERE coalesce(decided.decision, 'yes') = 'yes'
  AND coalesce(found.article_id, decided.article_id) IN (SELECT article_id FROM article_topics WHERE is_target);
