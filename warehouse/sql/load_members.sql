-- The stories of a step, with the text and time that they were grouped by. Reads the temporary tables grouped (rows.MEMBERS)
-- and reached.
INSERT INTO story_members BY NAME
SELECT grouped.article_id, grouped.story_id, reached.text_no, reached.story_at
FROM grouped JOIN reached ON reached.article_id = grouped.article_id;
