-- The next step of articles to look at, and the pairs with them that may be near-copies. `some_shared`: at least 60 words
-- and two fifths of the shorter text are sentences of the other one that are no standing ones. `retold`: these are half of
-- what the shorter one holds of such sentences, too.
CREATE OR REPLACE TEMP TABLE step AS
SELECT pending.article_id, pending.look, head.text_no, head.story_at
FROM story_pending AS pending
LEFT JOIN story_times AS head ON head.article_id = pending.article_id
ORDER BY head.story_at NULLS FIRST, pending.article_id
LIMIT getvariable('step');

-- Texts of the days around: a day is 24 hours of UTC here.
CREATE OR REPLACE TEMP TABLE around AS
WITH days AS (
    SELECT DISTINCT CAST(epoch(story_at) // 86400 AS INTEGER) + unnest([-3, -2, -1, 0, 1, 2, 3]) AS day
    FROM step WHERE look <> 'links'
), near AS (
    SELECT head.article_id, head.text_no, head.story_at
    FROM story_times AS head
    SEMI JOIN days ON days.day = CAST(epoch(head.story_at) // 86400 AS INTEGER)
)
SELECT near.article_id, near.story_at, sketch.text_no, sketch.body_hash, unnest(sketch.bands) AS band
FROM near JOIN version_sketches AS sketch ON sketch.text_no = near.text_no;

CREATE OR REPLACE TEMP TABLE candidates AS
SELECT DISTINCT
    CASE WHEN (here.story_at, here.article_id) < (there.story_at, there.article_id) THEN here.text_no ELSE there.text_no END AS earlier_no,
    CASE WHEN (here.story_at, here.article_id) < (there.story_at, there.article_id) THEN there.text_no ELSE here.text_no END AS later_no
FROM around AS here
JOIN around AS there ON there.band = here.band
WHERE here.article_id IN (SELECT article_id FROM step WHERE look <> 'links')
  AND there.article_id <> here.article_id
  AND there.body_hash <> here.body_hash
  AND there.story_at BETWEEN here.story_at - INTERVAL 72 HOURS AND here.story_at + INTERVAL 72 HOURS
UNION
SELECT earlier.text_no, later.text_no
FROM (
    SELECT earlier_id, later_id FROM story_links
    WHERE earlier_id IN (SELECT article_id FROM step WHERE look = 'links')
       OR later_id IN (SELECT article_id FROM step WHERE look = 'links')
) AS link
JOIN story_times AS earlier ON earlier.article_id = link.earlier_id
JOIN story_times AS later ON later.article_id = link.later_id;

-- The other sentences of these texts, and their prints.
CREATE OR REPLACE TEMP TABLE texts AS
SELECT earlier_no AS text_no FROM candidates UNION SELECT later_no FROM candidates;

INSERT INTO prints
WITH asked AS (
    SELECT DISTINCT said.sentence
    FROM version_sentences AS said
    SEMI JOIN texts ON texts.text_no = said.text_no
    ANTI JOIN prints ON prints.sentence = said.sentence
)
SELECT
    sentence.sentence, sentence.words, sentence.text_no, sketch.article_id, sketch.body_hash, head.story_at, NULL, false
FROM version_sentences AS sentence
SEMI JOIN asked ON asked.sentence = sentence.sentence
JOIN version_sketches AS sketch ON sketch.text_no = sentence.text_no
JOIN story_times AS head ON head.article_id = sketch.article_id;

-- Their sentences without those that another text holds more than 72 hours away: these are standing ones.
CREATE OR REPLACE TEMP TABLE own_sentences AS
WITH told AS (
    SELECT prints.* FROM prints SEMI JOIN texts ON texts.text_no = prints.text_no
), by_body AS (
    SELECT sentence, body_hash, min(story_at) AS first_at, max(story_at) AS last_at
    FROM prints
    WHERE sentence IN (SELECT sentence FROM told)
    GROUP BY ALL
), standing AS (
    SELECT DISTINCT here.text_no, here.sentence
    FROM told AS here
    JOIN by_body AS there ON there.sentence = here.sentence AND there.body_hash <> here.body_hash
    WHERE there.first_at < here.story_at - INTERVAL 72 HOURS OR there.last_at > here.story_at + INTERVAL 72 HOURS
)
SELECT text_no, sentence, words FROM told ANTI JOIN standing USING (text_no, sentence);

CREATE OR REPLACE TEMP TABLE pairs AS
WITH own AS (
    SELECT text_no, sum(words) AS words FROM own_sentences GROUP BY text_no
), shared AS (
    SELECT pair.earlier_no, pair.later_no, sum(one.words) AS words
    FROM candidates AS pair
    JOIN own_sentences AS one ON one.text_no = pair.earlier_no
    JOIN own_sentences AS other ON other.text_no = pair.later_no AND other.sentence = one.sentence
    GROUP BY ALL
), measured AS (
    SELECT
        earlier.article_id AS earlier_id,
        later.article_id AS later_id,
        pair.earlier_no,
        pair.later_no,
        coalesce(shared.words >= greatest(60, 0.4 * least(earlier.words, later.words)), false) AS some_shared,
        coalesce(shared.words >= 0.5 * least(one.words, other.words), false) AS half_of_own
    FROM candidates AS pair
    JOIN version_sketches AS earlier ON earlier.text_no = pair.earlier_no
    JOIN version_sketches AS later ON later.text_no = pair.later_no
    LEFT JOIN own AS one ON one.text_no = pair.earlier_no
    LEFT JOIN own AS other ON other.text_no = pair.later_no
    LEFT JOIN shared ON shared.earlier_no = pair.earlier_no AND shared.later_no = pair.later_no
)
SELECT earlier_id, later_id, earlier_no, later_no, some_shared, some_shared AND half_of_own AS retold FROM measured;

DELETE FROM story_links
WHERE earlier_id IN (SELECT article_id FROM step) OR later_id IN (SELECT article_id FROM step);
