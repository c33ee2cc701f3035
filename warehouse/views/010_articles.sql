-- Each article once, with its current text, its time and where its page is archived.
CREATE OR REPLACE VIEW articles AS
SELECT
    head.article_id,
    head.url,
    head.outlet_id,
    member.story_id,
    coalesce(head.published_at, head.announced_at) AS published_at,
    coalesce(head.published_at, head.announced_at, head.first_seen_at) AS counted_at,
    CAST(
        coalesce(head.published_at, head.announced_at, head.first_seen_at) AT TIME ZONE 'Asia/Ho_Chi_Minh' AS DATE
    ) AS counted_on,
    CASE
        WHEN head.published_at IS NOT NULL THEN 'page'
        WHEN head.announced_at IS NOT NULL THEN 'announced'
        ELSE 'first_seen'
    END AS dated_by,
    version.title,
    version.sapo,
    version.body,
    version.captions,
    version.authors,
    version.section,
    version.modified_at,
    version.canonical_url,
    version.layout,
    version.word_count,
    version.version_id,
    head.first_seen_at,
    head.last_seen_at,
    head.withdrawn_at,
    version.archive_file,
    version.archive_offset,
    version.payload_digest
FROM article_heads AS head
JOIN article_versions AS version ON version.version_id = head.version_id
LEFT JOIN story_members AS member ON member.article_id = head.article_id;
COMMENT ON VIEW articles IS 'Each article once, with its current text, its time and where its page is archived';
COMMENT ON COLUMN articles.article_id IS 'Digest of outlet and normalised address';
COMMENT ON COLUMN articles.url IS 'Address, normalised';
COMMENT ON COLUMN articles.outlet_id IS 'The outlet that published it';
COMMENT ON COLUMN articles.story_id IS 'The story: articles with the same text share one';
COMMENT ON COLUMN articles.published_at IS 'Time of publication: the earliest its page has given, else the one a feed or sitemap gave; empty where neither did';
COMMENT ON COLUMN articles.counted_at IS 'The time that puts it into a day or month: published_at, else first_seen_at';
COMMENT ON COLUMN articles.counted_on IS 'The day of counted_at in Vietnam, whatever the session''s time zone';
COMMENT ON COLUMN articles.dated_by IS 'Where counted_at comes from: page, announced or first_seen';
COMMENT ON COLUMN articles.title IS 'Headline';
COMMENT ON COLUMN articles.sapo IS 'Standfirst under the headline';
COMMENT ON COLUMN articles.body IS 'Paragraphs, one a line';
COMMENT ON COLUMN articles.captions IS 'Captions, one a line';
COMMENT ON COLUMN articles.authors IS 'Names in the byline';
COMMENT ON COLUMN articles.section IS 'Section the page names';
COMMENT ON COLUMN articles.modified_at IS 'Time of the last change that the page gives';
COMMENT ON COLUMN articles.canonical_url IS 'Address the page gives itself';
COMMENT ON COLUMN articles.layout IS 'Layout that read the page, or fallback';
COMMENT ON COLUMN articles.word_count IS 'Syllables of sapo and body';
COMMENT ON COLUMN articles.version_id IS 'Current version';
COMMENT ON COLUMN articles.first_seen_at IS 'Its first good capture';
COMMENT ON COLUMN articles.last_seen_at IS 'Its last good capture';
COMMENT ON COLUMN articles.withdrawn_at IS 'When it was found gone for the second time';
COMMENT ON COLUMN articles.archive_file IS 'Archive file of its page, relative to the workspace';
COMMENT ON COLUMN articles.archive_offset IS 'First byte of the response record there';
COMMENT ON COLUMN articles.payload_digest IS 'Digest of the payload, as recorded in the archive';
