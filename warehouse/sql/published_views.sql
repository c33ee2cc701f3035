-- In the published database: the current text of each article, and every text that any has had.
ALTER TABLE article_versions DROP COLUMN text_no;
ALTER TABLE article_versions RENAME TO article_texts;
DROP VIEW articles;

CREATE VIEW articles AS
SELECT
    article_id,
    url,
    outlet_id,
    story_id,
    article_published_at AS published_at,
    counted_at,
    counted_on,
    dated_by,
    title,
    authors,
    section,
    section_path,
    kicker,
    genre,
    credit,
    tags,
    language,
    kinds,
    links,
    links_to_portal,
    modified_at,
    canonical_url,
    layout,
    word_count,
    version_id,
    first_seen_at,
    last_seen_at,
    withdrawn_at,
    archive_file,
    archive_offset,
    payload_digest,
    collection,
    sapo,
    body,
    captions,
    folded
FROM article_texts
WHERE url IS NOT NULL;

CREATE VIEW article_versions AS
SELECT * EXCLUDE (
    url, outlet_id, story_id, article_published_at, counted_at, counted_on, dated_by, links_to_portal,
    first_seen_at, last_seen_at, withdrawn_at, collection
)
FROM article_texts;

-- The texts of articles that name a topic, to search in.
CREATE TABLE topic_texts AS
SELECT article_id, counted_on, folded
FROM articles
WHERE article_id IN (SELECT article_id FROM article_topics)
ORDER BY counted_on, article_id;
