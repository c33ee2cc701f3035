-- The time by which an article is grouped into a story: what its page and its sources say, whatever people decide.
CREATE OR REPLACE VIEW story_times AS
SELECT article_id, text_no, coalesce(published_at, announced_at, first_seen_at) AS story_at
FROM article_heads;
