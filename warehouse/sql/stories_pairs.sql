-- The next step of articles to look at, and the pairs with them that may be near-copies. `retold`: at least 60 words and
-- half of the shorter text, by words, are sentences of the other one that are no standing ones.
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

CREATE OR REPLACE TEMP TABLE pairs AS
WITH shared AS (
    SELECT pair.earlier_no, pair.later_no, sum(one.words) AS words
    FROM candidates AS pair
    JOIN own_sentences AS one ON one.text_no = pair.earlier_no
    JOIN own_sentences AS other ON other.text_no = pair.later_no AND other.sentence = one.sentence
    GROUP BY ALL
)
SELECT
    earlier.article_id AS earlier_id,
    later.article_id AS later_id,
    pair.earlier_no,
    pair.later_no,
    coalesce(shared.words >= greatest(60, 0.5 * least(earlier.words, later.words)), false) AS retold
FROM candidates AS pair
JOIN version_sketches AS earlier ON earlier.text_no = pair.earlier_no
JOIN version_sketches AS later ON later.text_no = pair.later_no
LEFT JOIN shared ON shared.earlier_no = pair.earlier_no AND shared.later_no = pair.later_no;

DELETE FROM story_links
WHERE earlier_id IN (SELECT article_id FROM step) OR later_id IN (SELECT article_id FROM step);
