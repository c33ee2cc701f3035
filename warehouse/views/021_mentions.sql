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
