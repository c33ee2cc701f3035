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
COMMENT ON VIEW article_topics IS 'For each article and sense it names: how often, how prominently, and whether the article is about it';
COMMENT ON COLUMN article_topics.article_id IS 'The article';
COMMENT ON COLUMN article_topics.topic IS 'The topic named';
COMMENT ON COLUMN article_topics.sense IS 'Which real thing is named';
COMMENT ON COLUMN article_topics.is_target IS 'Whether figures count this sense';
COMMENT ON COLUMN article_topics.mentions IS 'Mentions of it in the article';
COMMENT ON COLUMN article_topics.sentences IS 'Different sentences that hold them';
COMMENT ON COLUMN article_topics.prominence IS 'The most prominent place: headline, sapo, first third (of the body), body or caption';
COMMENT ON COLUMN article_topics.focus IS 'Nội dung chính: in headline or sapo, or in three sentences or more';
COMMENT ON COLUMN article_topics.phrase_only IS 'Named only in words, never by number, name or address';
COMMENT ON COLUMN article_topics.sentence IS 'A sentence to quote: the first outside the headline, where there is one';
