-- The next step of articles to look at, and the pairs with them that may be near-copies. `retold`: at least 60 words and
-- half of the shorter text, by words, are sentences of the other one that are no standing ones.
CREATE OR REPLACE TEMP TABLE step AS
SELECT pending.article_id, pending.look, head.version_id, head.story_at
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
    SELECT head.article_id, head.version_id, head.story_at
    FROM story_times AS head
    SEMI JOIN days ON days.day = CAST(epoch(head.story_at) // 86400 AS INTEGER)
)
SELECT near.article_id, near.story_at, sketch.version_id, sketch.body_hash, unnest(sketch.bands) AS band
FROM near JOIN version_sketches AS sketch ON sketch.version_id = near.version_id;

CREATE OR REPLACE TEMP TABLE candidates AS
SELECT DISTINCT
    CASE WHEN (here.story_at, here.article_id) < (there.story_at, there.article_id) THEN here.version_id ELSE there.version_id END AS earlier_version,
    CASE WHEN (here.story_at, here.article_id) < (there.story_at, there.article_id) THEN there.version_id ELSE here.version_id END AS later_version
FROM around AS here
JOIN around AS there ON there.band = here.band
WHERE here.article_id IN (SELECT article_id FROM step WHERE look <> 'links')
  AND there.article_id <> here.article_id
  AND there.body_hash <> here.body_hash
  AND there.story_at BETWEEN here.story_at - INTERVAL 72 HOURS AND here.story_at + INTERVAL 72 HOURS
UNION
SELECT earlier.version_id, later.version_id
FROM story_links AS link
JOIN story_times AS earlier ON earlier.article_id = link.earlier_id
JOIN story_times AS later ON later.article_id = link.later_id
WHERE link.earlier_id IN (SELECT article_id FROM step WHERE look = 'links')
   OR link.later_id IN (SELECT article_id FROM step WHERE look = 'links');

CREATE OR REPLACE TEMP TABLE told AS
WITH versions AS (
    SELECT earlier_version AS version_id FROM candidates UNION SELECT later_version FROM candidates
)
SELECT sentence.version_id, sketch.body_hash, head.story_at, sentence.sentence, sentence.words
FROM version_sentences AS sentence
SEMI JOIN versions ON versions.version_id = sentence.version_id
JOIN version_sketches AS sketch ON sketch.version_id = sentence.version_id
JOIN story_times AS head ON head.article_id = sketch.article_id;

-- The same sentence in another text, more than 72 hours away.
CREATE OR REPLACE TEMP TABLE standing AS
WITH by_body AS (
    SELECT sentence.sentence, sketch.body_hash, min(head.story_at) AS first_at, max(head.story_at) AS last_at
    FROM version_sentences AS sentence
    SEMI JOIN (SELECT sentence FROM told GROUP BY sentence) AS asked ON asked.sentence = sentence.sentence
    JOIN version_sketches AS sketch ON sketch.version_id = sentence.version_id
    JOIN story_times AS head ON head.article_id = sketch.article_id
    GROUP BY ALL
)
SELECT DISTINCT here.version_id, here.sentence
FROM told AS here
JOIN by_body AS there ON there.sentence = here.sentence AND there.body_hash <> here.body_hash
WHERE there.first_at < here.story_at - INTERVAL 72 HOURS OR there.last_at > here.story_at + INTERVAL 72 HOURS;

CREATE OR REPLACE TEMP TABLE pairs AS
WITH own AS (
    SELECT told.version_id, told.sentence, told.words FROM told ANTI JOIN standing USING (version_id, sentence)
), size AS (
    SELECT version_id, sum(words) AS words FROM told GROUP BY version_id
), shared AS (
    SELECT pair.earlier_version, pair.later_version, sum(one.words) AS words
    FROM candidates AS pair
    JOIN own AS one ON one.version_id = pair.earlier_version
    JOIN own AS other ON other.version_id = pair.later_version AND other.sentence = one.sentence
    GROUP BY ALL
)
SELECT
    earlier.article_id AS earlier_id,
    later.article_id AS later_id,
    pair.earlier_version,
    pair.later_version,
    coalesce(shared.words >= greatest(60, 0.5 * least(one.words, other.words)), false) AS retold
FROM candidates AS pair
JOIN version_sketches AS earlier ON earlier.version_id = pair.earlier_version
JOIN version_sketches AS later ON later.version_id = pair.later_version
LEFT JOIN size AS one ON one.version_id = pair.earlier_version
LEFT JOIN size AS other ON other.version_id = pair.later_version
LEFT JOIN shared ON shared.earlier_version = pair.earlier_version AND shared.later_version = pair.later_version;

DELETE FROM story_links
WHERE earlier_id IN (SELECT article_id FROM step) OR later_id IN (SELECT article_id FROM step);
