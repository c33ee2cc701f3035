-- The sentences of these, too, and their prints.
INSERT INTO prints
WITH texts AS (
    SELECT text_no FROM version_sketches WHERE article_id IN (SELECT article_id FROM flips)
), asked AS (
    SELECT DISTINCT sentence FROM version_sentences
    WHERE text_no IN (SELECT text_no FROM texts) AND sentence NOT IN (SELECT sentence FROM prints)
)
SELECT
    sentence.sentence, sentence.words, sentence.text_no, sketch.article_id, sketch.body_hash, head.story_at, NULL, false
FROM version_sentences AS sentence
SEMI JOIN asked ON asked.sentence = sentence.sentence
JOIN version_sketches AS sketch ON sketch.text_no = sentence.text_no
JOIN story_times AS head ON head.article_id = sketch.article_id;
