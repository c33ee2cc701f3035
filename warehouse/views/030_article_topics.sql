-- For each article and sense it names: how often, how prominently, and whether the article is about it.
CREATE OR REPLACE VIEW article_topics AS
SELECT
    mention.article_id,
    topic,
    sense,
    is_target,
    count(*) AS mentions,
    count(DISTINCT sentence) AS sentences,
    CASE
        WHEN bool_or(field = 'title') THEN 'headline'
        WHEN bool_or(field = 'sapo') THEN 'sapo'
        WHEN bool_or(field = 'body' AND start_pos * 3 < len(version.body)) THEN 'first third'
        WHEN bool_or(field = 'body') THEN 'body'
        ELSE 'caption'
    END AS prominence,
    bool_or(field IN ('title', 'sapo')) OR count(DISTINCT sentence) >= 3 AS focus,
    bool_and(form = 'phrase') AS phrase_only,
    arg_min(sentence, (CASE field WHEN 'title' THEN 1 WHEN 'sapo' THEN 0 WHEN 'body' THEN 0 ELSE 2 END, start_pos)) AS sentence
FROM mentions AS mention
JOIN article_versions AS version ON version.version_id = mention.version_id
GROUP BY ALL;
