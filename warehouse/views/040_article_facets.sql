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
COMMENT ON VIEW article_facets IS 'What else an article about a target is about, in its current text, with the words that show it';
COMMENT ON COLUMN article_facets.article_id IS 'The article';
COMMENT ON COLUMN article_facets.kind IS 'activity (of the plan), service, payment, audience, agency, quoted or call';
COMMENT ON COLUMN article_facets.value IS 'The activity, field, group or agency';
COMMENT ON COLUMN article_facets.field IS 'title, sapo, body or caption; empty where only a person says so';
COMMENT ON COLUMN article_facets.start_pos IS 'First code point in the field, from 0';
COMMENT ON COLUMN article_facets.end_pos IS 'Code point after the last';
COMMENT ON COLUMN article_facets.surface IS 'The words as printed';
COMMENT ON COLUMN article_facets.decided_by IS 'Who confirmed it; empty: the rules alone';

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
COMMENT ON VIEW tones IS 'Sentences about a target that may carry criticism, proposed by cues; none is quoted before a person has confirmed it';
COMMENT ON COLUMN tones.item IS 'Its short name in `diembao review`';
COMMENT ON COLUMN tones.subject_key IS 'What a decision is keyed by: article, topic, digest of the sentence';
COMMENT ON COLUMN tones.article_id IS 'The article';
COMMENT ON COLUMN tones.topic IS 'The topic that the sentence is about';
COMMENT ON COLUMN tones.field IS 'title, sapo, body or caption';
COMMENT ON COLUMN tones.start_pos IS 'Where the target is named first in it: first code point in the field, from 0';
COMMENT ON COLUMN tones.end_pos IS 'Code point after the last';
COMMENT ON COLUMN tones.sentence IS 'The sentence, as stored';
COMMENT ON COLUMN tones.tone IS 'criticism or neutral, as a person has decided; empty: nobody has';
COMMENT ON COLUMN tones.decided_by IS 'Who';
COMMENT ON COLUMN tones.decided_at IS 'When';
COMMENT ON COLUMN tones.decided_because IS 'Why';
