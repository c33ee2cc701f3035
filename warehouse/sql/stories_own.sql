-- Sentences of these prints that no other text holds more than 72 hours away: those are standing ones.
CREATE OR REPLACE TEMP TABLE own_sentences AS
WITH by_body AS (
    SELECT sentence, body_hash, min(story_at) AS first_at, max(story_at) AS last_at FROM prints GROUP BY ALL
), standing AS (
    SELECT DISTINCT here.text_no, here.sentence
    FROM prints AS here
    JOIN by_body AS there ON there.sentence = here.sentence AND there.body_hash <> here.body_hash
    WHERE there.first_at < here.story_at - INTERVAL 72 HOURS OR there.last_at > here.story_at + INTERVAL 72 HOURS
)
SELECT text_no, sentence, words FROM prints ANTI JOIN standing USING (text_no, sentence);
