-- mentions of a version that is not in article_versions
SELECT count(*), min(mention_id)
FROM version_mentions
ANTI JOIN article_versions USING (version_id);
