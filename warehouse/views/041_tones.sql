-- Sentences about a target that may carry criticism or a complaint, as cues propose, with what a person says of each.
CREATE OR REPLACE VIEW tones AS
WITH found AS (
    SELECT
        head.article_id, facet.value AS topic, facet.field, facet.start_pos, facet.end_pos, facet.surface AS sentence,
        concat_ws('|', head.article_id, facet.value, sha256(facet.surface)[:16]) AS subject_key
    FROM version_facets AS facet
    JOIN article_heads AS head ON head.version_id = facet.version_id
    WHERE facet.kind = 'tone'
)
SELECT
    't' || sha256(found.subject_key)[:9] AS item,
    found.subject_key, found.article_id, found.topic, found.field, found.start_pos, found.end_pos, found.sentence,
    decided.decision AS tone, decided.decided_by, decided.decided_at, decided.reason AS decided_because
FROM found
LEFT JOIN decisions AS decided ON decided.subject = 'tone' AND decided.subject_key = found.subject_key
SEMI JOIN (SELECT article_id, topic FROM article_topics WHERE is_target) AS target
    ON target.article_id = found.article_id AND target.topic = found.topic;
