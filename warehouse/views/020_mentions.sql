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
COMMENT ON VIEW judged_mentions IS 'Every span that the rules found in the current texts, with what the rules and what a person say of it';
COMMENT ON COLUMN judged_mentions.mention_id IS 'Version, topic, field and position';
COMMENT ON COLUMN judged_mentions.item IS 'Its short name in `diembao review`; the same in every version that holds the sentence';
COMMENT ON COLUMN judged_mentions.subject_key IS 'What a decision is keyed by: article, topic, digest of the sentence, occurrence';
COMMENT ON COLUMN judged_mentions.article_id IS 'The article';
COMMENT ON COLUMN judged_mentions.version_id IS 'Its current version';
COMMENT ON COLUMN judged_mentions.field IS 'title, sapo, body or caption';
COMMENT ON COLUMN judged_mentions.start_pos IS 'First code point in the field, from 0';
COMMENT ON COLUMN judged_mentions.end_pos IS 'Code point after the last';
COMMENT ON COLUMN judged_mentions.surface IS 'The words as printed';
COMMENT ON COLUMN judged_mentions.topic IS 'The topic named';
COMMENT ON COLUMN judged_mentions.ruled_sense IS 'Which real thing the rules say is named';
COMMENT ON COLUMN judged_mentions.ruled_confidence IS 'How sure the rules are, 0 to 1';
COMMENT ON COLUMN judged_mentions.ruled_reason IS 'Why the rules chose this sense';
COMMENT ON COLUMN judged_mentions.decided_sense IS 'What a person has decided: a sense, or none (no mention); empty: nobody has';
COMMENT ON COLUMN judged_mentions.decided_by IS 'Who';
COMMENT ON COLUMN judged_mentions.decided_at IS 'When';
COMMENT ON COLUMN judged_mentions.decided_because IS 'Why';
COMMENT ON COLUMN judged_mentions.form IS 'number, name, address or phrase';
COMMENT ON COLUMN judged_mentions.sentence IS 'The sentence, as stored';
COMMENT ON COLUMN judged_mentions.occurrence IS 'Which mention of the topic within that sentence, from 0';

-- Spans that name a topic in the current text of an article: text[start_pos:end_pos] of the field is the surface form.
CREATE OR REPLACE VIEW mentions AS
SELECT
    judged.mention_id,
    judged.article_id,
    judged.version_id,
    judged.field,
    judged.start_pos,
    judged.end_pos,
    judged.surface,
    judged.topic,
    topic.sense,
    topic.is_target,
    judged.form,
    CASE WHEN judged.decided_sense IS NULL THEN judged.ruled_confidence ELSE 1 END AS confidence,
    CASE
        WHEN judged.decided_sense IS NULL THEN judged.ruled_reason
        ELSE concat_ws(': ', 'decided by ' || judged.decided_by, judged.decided_because)
    END AS reason,
    judged.sentence,
    judged.occurrence,
    judged.ruled_sense,
    CASE WHEN judged.decided_sense IS NOT NULL THEN judged.decided_by END AS decided_by
FROM judged_mentions AS judged
JOIN topics AS topic
    ON topic.topic = judged.topic AND topic.sense = coalesce(judged.decided_sense, judged.ruled_sense);
COMMENT ON VIEW mentions IS 'Spans that name a topic in the current text of an article';
COMMENT ON COLUMN mentions.mention_id IS 'Version, topic, field and position';
COMMENT ON COLUMN mentions.article_id IS 'The article';
COMMENT ON COLUMN mentions.version_id IS 'Its current version';
COMMENT ON COLUMN mentions.field IS 'title, sapo, body or caption (in articles: captions)';
COMMENT ON COLUMN mentions.start_pos IS 'First code point in the field, from 0';
COMMENT ON COLUMN mentions.end_pos IS 'Code point after the last';
COMMENT ON COLUMN mentions.surface IS 'The words as printed';
COMMENT ON COLUMN mentions.topic IS 'The topic named';
COMMENT ON COLUMN mentions.sense IS 'Which real thing the words name';
COMMENT ON COLUMN mentions.is_target IS 'Whether figures count this sense';
COMMENT ON COLUMN mentions.form IS 'number, name, address or phrase';
COMMENT ON COLUMN mentions.confidence IS 'How sure the rules are, 0 to 1; 1 where a person has decided';
COMMENT ON COLUMN mentions.reason IS 'Why the rules chose this sense, or who decided it and why';
COMMENT ON COLUMN mentions.sentence IS 'The sentence, as stored';
COMMENT ON COLUMN mentions.occurrence IS 'Which mention of the topic within that sentence, from 0';
COMMENT ON COLUMN mentions.ruled_sense IS 'Which real thing the rules say is named';
COMMENT ON COLUMN mentions.decided_by IS 'Who decided the sense; empty: the rules did';
