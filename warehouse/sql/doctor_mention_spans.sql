-- mentions whose words do not stand where the text should have them
SELECT count(*), min(mention_id)
FROM version_mentions
JOIN article_versions USING (version_id)
WHERE surface IS DISTINCT FROM substr(
    CASE field WHEN 'title' THEN title WHEN 'sapo' THEN sapo WHEN 'body' THEN body ELSE captions END,
    start_pos + 1,
    end_pos - start_pos
);
