-- Which articles the next grouping looks at: of those touched since the last one the articles whose text or time is
-- another now, and articles of which a sentence has become a standing one by them, or is none any longer.
CREATE OR REPLACE TEMP TABLE changed AS
SELECT pending.article_id, head.text_no, head.story_at, known.story_at AS at_before
FROM story_pending AS pending
LEFT JOIN story_times AS head ON head.article_id = pending.article_id
LEFT JOIN story_members AS known ON known.article_id = pending.article_id
WHERE pending.look = 'forced'
   OR head.text_no IS DISTINCT FROM known.text_no OR head.story_at IS DISTINCT FROM known.story_at;

DELETE FROM story_pending WHERE article_id NOT IN (SELECT article_id FROM changed);

-- Every print of a sentence of theirs, old versions of an article among them, with its time now and at the last grouping.
CREATE OR REPLACE TEMP TABLE prints AS
WITH texts AS (
    SELECT text_no FROM version_sketches WHERE article_id IN (SELECT article_id FROM changed)
), asked AS (
    SELECT DISTINCT sentence FROM version_sentences WHERE text_no IN (SELECT text_no FROM texts)
)
SELECT
    sentence.sentence,
    sentence.words,
    sentence.text_no,
    sketch.article_id,
    sketch.body_hash,
    head.story_at,
    CASE WHEN changed.article_id IS NULL THEN head.story_at ELSE changed.at_before END AS at_before,
    head.text_no = sketch.text_no AND changed.article_id IS NULL AS settled
FROM version_sentences AS sentence
SEMI JOIN asked ON asked.sentence = sentence.sentence
JOIN version_sketches AS sketch ON sketch.text_no = sentence.text_no
JOIN story_times AS head ON head.article_id = sketch.article_id
LEFT JOIN changed ON changed.article_id = sketch.article_id;

CREATE OR REPLACE TEMP TABLE flips AS
WITH by_body AS (
    SELECT
        sentence, body_hash, min(story_at) AS first_at, max(story_at) AS last_at,
        min(at_before) AS first_before, max(at_before) AS last_before
    FROM prints GROUP BY ALL
), judged AS (
    SELECT
        here.article_id,
        bool_or(there.first_at < here.story_at - INTERVAL 72 HOURS OR there.last_at > here.story_at + INTERVAL 72 HOURS) AS standing,
        coalesce(bool_or(
            there.first_before < here.story_at - INTERVAL 72 HOURS OR there.last_before > here.story_at + INTERVAL 72 HOURS
        ), false) AS standing_before
    FROM prints AS here
    JOIN by_body AS there ON there.sentence = here.sentence AND there.body_hash <> here.body_hash
    WHERE here.settled
    GROUP BY here.article_id, here.sentence
)
-- A standing sentence more can only part texts, or join those that share some already; one less can join any.
SELECT article_id, CASE WHEN bool_or(standing_before AND NOT standing) THEN 'forced' ELSE 'links' END AS look
FROM judged
WHERE standing <> standing_before
  AND (standing_before OR article_id IN (
      SELECT earlier_id FROM story_links WHERE shared <> 'text' UNION ALL SELECT later_id FROM story_links WHERE shared <> 'text'
  ))
GROUP BY article_id;

INSERT INTO story_pending FROM flips;
