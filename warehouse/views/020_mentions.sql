-- Spans that name a topic in the current text of an article: text[start_pos:end_pos] of the field is the surface form.
CREATE OR REPLACE VIEW mentions AS
SELECT
    mention.mention_id,
    head.article_id,
    mention.version_id,
    mention.field,
    mention.start_pos,
    mention.end_pos,
    mention.surface,
    mention.topic,
    mention.sense,
    topic.is_target,
    mention.form,
    mention.confidence,
    mention.reason,
    mention.sentence,
    mention.occurrence
FROM version_mentions AS mention
JOIN article_heads AS head ON head.version_id = mention.version_id
JOIN topics AS topic ON topic.topic = mention.topic AND topic.sense = mention.sense;
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
COMMENT ON COLUMN mentions.confidence IS 'How sure the rules are, 0 to 1';
COMMENT ON COLUMN mentions.reason IS 'Why the rules chose this sense';
COMMENT ON COLUMN mentions.sentence IS 'The sentence, as stored';
COMMENT ON COLUMN mentions.occurrence IS 'Which mention of the topic within that sentence, from 0';
