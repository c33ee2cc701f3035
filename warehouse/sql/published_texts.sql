-- In a copy of the writer's database: what is known of an article is put beside its text, so that neither `articles` nor
-- `article_versions` joins anything, and no text is written again.
ALTER TABLE article_versions ADD COLUMN url VARCHAR;
ALTER TABLE article_versions ADD COLUMN outlet_id VARCHAR;
ALTER TABLE article_versions ADD COLUMN story_id VARCHAR;
ALTER TABLE article_versions ADD COLUMN article_published_at TIMESTAMPTZ;
ALTER TABLE article_versions ADD COLUMN counted_at TIMESTAMPTZ;
ALTER TABLE article_versions ADD COLUMN counted_on DATE;
ALTER TABLE article_versions ADD COLUMN dated_by VARCHAR;
ALTER TABLE article_versions ADD COLUMN links_to_portal BOOLEAN;
ALTER TABLE article_versions ADD COLUMN first_seen_at TIMESTAMPTZ;
ALTER TABLE article_versions ADD COLUMN last_seen_at TIMESTAMPTZ;
ALTER TABLE article_versions ADD COLUMN withdrawn_at TIMESTAMPTZ;
ALTER TABLE article_versions ADD COLUMN collection VARCHAR;

UPDATE article_versions AS text
SET url = article.url,
    outlet_id = article.outlet_id,
    story_id = article.story_id,
    article_published_at = article.published_at,
    counted_at = article.counted_at,
    counted_on = article.counted_on,
    dated_by = article.dated_by,
    links_to_portal = article.links_to_portal,
    first_seen_at = article.first_seen_at,
    last_seen_at = article.last_seen_at,
    withdrawn_at = article.withdrawn_at,
    collection = article.collection
FROM articles AS article
WHERE article.version_id = text.version_id;
