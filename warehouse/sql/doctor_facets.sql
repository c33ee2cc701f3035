-- facets of a version that is not in article_versions
SELECT count(*), min(version_id)
FROM version_facets
ANTI JOIN article_versions USING (version_id);
