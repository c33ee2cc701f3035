-- What a person may look at: mentions and sentences proposed as criticism, with all that is needed to decide.
-- Undecided first, of these what the rules leave open, then the least sure.
SELECT
    item, kind, topic, ruled, confidence, because, decided, decided_by, sentence, surface, article_id, outlet_id, url, title,
    counted_on, options, subject_key
FROM (
    SELECT
        judged.item,
        'mention' AS kind,
        judged.topic,
        judged.ruled_sense AS ruled,
        judged.ruled_confidence AS confidence,
        judged.ruled_reason AS because,
        judged.decided_sense AS decided,
        judged.decided_by,
        judged.sentence,
        judged.surface,
        judged.article_id,
        (SELECT list(sense ORDER BY is_target DESC, sense) FROM topics WHERE topics.topic = judged.topic) || ['none'] AS options,
        CASE WHEN sense.undecided THEN 0 ELSE 1 END AS turn,
        judged.subject_key
    FROM judged_mentions AS judged
    LEFT JOIN topics AS sense ON sense.topic = judged.topic AND sense.sense = judged.ruled_sense
    UNION ALL
    SELECT
        item, 'tone', topic, 'criticism', NULL, 'words of criticism in the sentence', tone, decided_by, sentence, sentence,
        article_id, ['criticism', 'neutral'], 2, subject_key
    FROM tones
) AS items
JOIN (SELECT article_id, outlet_id, url, title, counted_on FROM articles) AS article USING (article_id)
WHERE ($topic IS NULL OR topic = $topic)
  AND ($kind IS NULL OR kind = $kind)
  AND ($item IS NULL OR item = $item)
  AND ($decided OR decided IS NULL)
ORDER BY decided IS NOT NULL, turn, confidence, counted_on, article_id, subject_key;
