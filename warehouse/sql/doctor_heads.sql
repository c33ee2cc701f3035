-- articles whose current version is not in article_versions
SELECT count(*), min(article_id)
FROM article_heads
ANTI JOIN article_versions USING (version_id);
