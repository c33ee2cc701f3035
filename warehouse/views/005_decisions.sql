-- The last word of a person on each thing: what was decided before it is kept in reviews and has no effect.
CREATE OR REPLACE VIEW decisions AS
SELECT subject, subject_key, decision, decided_at, decided_by, reason
FROM reviews
QUALIFY row_number() OVER (PARTITION BY subject, subject_key ORDER BY decided_at DESC, decision_id DESC) = 1;

-- Story of each article, as the texts say or as a person has decided.
CREATE OR REPLACE VIEW story_of AS
SELECT member.article_id, coalesce(decided.story_id, member.story_id) AS story_id, decided.decided_by
FROM story_members AS member
LEFT JOIN story_overrides AS decided ON decided.article_id = member.article_id;
