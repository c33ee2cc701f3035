-- Story of each article, as the texts say or as a person has decided.
CREATE OR REPLACE VIEW story_of AS
SELECT member.article_id, coalesce(decided.story_id, member.story_id) AS story_id, decided.decided_by
FROM story_members AS member
LEFT JOIN story_overrides AS decided ON decided.article_id = member.article_id;
