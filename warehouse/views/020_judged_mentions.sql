-- Every span that the rules found in the current text of an article, with what the rules and what a person say of it.
CREATE OR REPLACE VIEW judged_mentions AS
WITH found AS (
    SELECT
        mention.*,
        head.article_id,
        concat_ws('|', head.article_id, mention.topic, sha256(mention.sentence)[:16], mention.occurrence) AS subject_key
    FROM version_mentions AS mention
    JOIN article_heads AS head ON head.version_id = mention.version_id
)
SELECT
    found.mention_id,
    'm' || sha256(found.subject_key)[:9] AS item,
    found.subject_key,
    found.article_id,
    found.version_id,
    found.field,
    found.start_pos,
    found.end_pos,
    found.surface,
    found.topic,
    found.sense AS ruled_sense,
    found.confidence AS ruled_confidence,
    found.reason AS ruled_reason,
    -- A sense that the configuration no longer has can't be counted: the rules speak again.
    CASE WHEN known.sense IS NOT NULL OR decided.decision = 'none' THEN decided.decision END AS decided_sense,
    decided.decided_by,
    decided.decided_at,
    decided.reason AS decided_because,
    found.form,
    found.sentence,
    found.occurrence
FROM found
LEFT JOIN decisions AS decided ON decided.subject = 'mention' AND decided.subject_key = found.subject_key
LEFT JOIN topics AS known ON known.topic = found.topic AND known.sense = decided.decision;
