-- articles that are in no story yet
-- A run was cut off between the two; the next one groups them.
-- hint: diembao process
SELECT count(*), min(article_id)
FROM article_heads
ANTI JOIN story_members USING (article_id);
