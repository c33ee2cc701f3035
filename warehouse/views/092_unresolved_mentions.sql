-- Mentions whose sense the rules can't decide; counted apart until a person decides.
CREATE OR REPLACE VIEW unresolved_mentions AS
SELECT mention.*, article.outlet_id, article.url, article.counted_at
FROM mentions AS mention
JOIN articles AS article ON article.article_id = mention.article_id
JOIN topics AS topic ON topic.topic = mention.topic AND topic.sense = mention.sense
WHERE topic.undecided;
