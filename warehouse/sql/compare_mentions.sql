-- Spans that were added, are gone, or have another sense, each with its cause. In one version a span is known by its place;
-- between versions by its sentence.
-- text: the page says something else. rule: the same page is read otherwise, or, where $same_rules does not hold and both
-- text and rules have changed, the sentence stayed and its sense did not. decision: a person's.
CREATE TEMP TABLE mention_changes AS
WITH both_facts AS (
    SELECT
        coalesce(old_fact.article_id, new_fact.article_id) AS article_id,
        old_fact.article_id IS NULL AS is_new,
        new_fact.article_id IS NULL AS is_gone,
        coalesce(old_fact.version_id = new_fact.version_id, false) AS same_text,
        coalesce(old_fact.payload_digest = new_fact.payload_digest, false) AS same_page
    FROM (FROM facts WHERE build = 'old') AS old_fact
    FULL JOIN (FROM facts WHERE build = 'new') AS new_fact ON new_fact.article_id = old_fact.article_id
), placed AS (
    SELECT
        judged.*, is_new, is_gone, same_text, same_page,
        CASE
            WHEN same_text THEN concat_ws('|', topic, field, start_pos)
            ELSE concat_ws('|', topic, field, occurrence, row_number() OVER (
                PARTITION BY build, judged.article_id, topic, field, occurrence, sentence ORDER BY start_pos
            ), sentence)
        END AS place
    FROM judged
    JOIN both_facts ON both_facts.article_id = judged.article_id
)
SELECT
    coalesce(new_one.article_id, old_one.article_id) AS article_id,
    coalesce(new_one.topic, old_one.topic) AS topic,
    coalesce(new_one.mention_id, old_one.mention_id) AS mention_id,
    coalesce(new_one.sentence, old_one.sentence) AS sentence,
    coalesce(new_one.surface, old_one.surface) AS surface,
    CASE
        WHEN old_one.mention_id IS NULL THEN 'added'
        WHEN new_one.mention_id IS NULL THEN 'gone'
        ELSE 'sense'
    END AS change,
    CASE
        WHEN coalesce(new_one.is_new, false) THEN 'new'
        WHEN coalesce(old_one.is_gone, false) THEN 'gone'
        WHEN change = 'sense' AND new_one.decided_by IS NOT NULL THEN 'decision'
        WHEN change = 'sense' AND old_one.decided_by IS NOT NULL AND NOT new_one.heard THEN 'decision'
        WHEN NOT coalesce(new_one.same_page, old_one.same_page) AND (change <> 'sense' OR $same_rules) THEN 'text'
        ELSE 'rule'
    END AS cause,
    old_one.sense AS old_sense, new_one.sense AS new_sense,
    old_one.reason AS old_reason, new_one.reason AS new_reason,
    old_one.decided_by AS old_decided_by, new_one.decided_by AS new_decided_by
FROM (FROM placed WHERE build = 'old') AS old_one
FULL JOIN (FROM placed WHERE build = 'new') AS new_one
    ON new_one.article_id = old_one.article_id AND new_one.place = old_one.place
WHERE old_one.sense IS DISTINCT FROM new_one.sense;
