-- What this step can have moved: its articles, the old stories of these and of all that are linked to them or have the
-- same text. `joined`: pairs of them that are one story.
CREATE OR REPLACE TEMP TABLE reached AS
WITH same AS (
    SELECT body_hash FROM version_sketches WHERE text_no IN (SELECT text_no FROM step)
), near AS (
    SELECT article_id FROM step
    UNION
    SELECT later_id FROM story_links WHERE shared <> 'some' AND earlier_id IN (SELECT article_id FROM step)
    UNION
    SELECT earlier_id FROM story_links WHERE shared <> 'some' AND later_id IN (SELECT article_id FROM step)
    UNION
    SELECT article_id FROM version_sketches WHERE body_hash IN (SELECT body_hash FROM same)
), near_stories AS (
    SELECT DISTINCT story_id FROM story_members WHERE article_id IN (SELECT article_id FROM near)
), members AS (
    SELECT article_id FROM near
    UNION
    SELECT article_id FROM story_members WHERE story_id IN (SELECT story_id FROM near_stories)
)
SELECT head.article_id, head.text_no, head.story_at
FROM members
JOIN story_times AS head ON head.article_id = members.article_id;

CREATE OR REPLACE TEMP TABLE joined AS
SELECT link.earlier_id, link.later_id
FROM story_links AS link
SEMI JOIN reached ON reached.article_id = link.earlier_id
WHERE link.shared <> 'some' AND link.later_id IN (SELECT article_id FROM reached)
UNION ALL
SELECT first_value(reached.article_id) OVER text AS earlier_id, reached.article_id
FROM reached
JOIN version_sketches AS sketch ON sketch.text_no = reached.text_no
WINDOW text AS (PARTITION BY sketch.body_hash ORDER BY reached.story_at, reached.article_id);

DELETE FROM story_members
WHERE article_id IN (SELECT article_id FROM reached) OR article_id IN (SELECT article_id FROM step);
DELETE FROM story_pending WHERE article_id IN (SELECT article_id FROM step);
