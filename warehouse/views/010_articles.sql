-- Each article once, with its current text, its time and where its page is archived.
CREATE OR REPLACE VIEW articles AS
SELECT
    head.article_id,
    head.url,
    head.outlet_id,
    member.story_id,
    coalesce(decided.published_at, head.published_at, head.announced_at) AS published_at,
    coalesce(decided.published_at, head.published_at, head.announced_at, head.first_seen_at) AS counted_at,
    CAST(
        coalesce(decided.published_at, head.published_at, head.announced_at, head.first_seen_at)
        AT TIME ZONE 'Asia/Ho_Chi_Minh' AS DATE
    ) AS counted_on,
    CASE
        WHEN decided.published_at IS NOT NULL THEN 'person'
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
    version.section_path,
    version.kicker,
    version.genre,
    version.credit,
    version.tags,
    version.language,
    version.kinds,
    version.links,
    len(list_filter(
        version.links, lambda link: regexp_matches(link, '^https?://([a-z0-9-]+\.)*dichvucong\.gov\.vn([:/?#]|$)', 'i')
    )) > 0 AS links_to_portal,
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
LEFT JOIN story_of AS member ON member.article_id = head.article_id
LEFT JOIN (
    SELECT subject_key, try_cast(decision AS TIMESTAMPTZ) AS published_at FROM decisions WHERE subject = 'published'
) AS decided ON decided.subject_key = head.article_id;
COMMENT ON VIEW articles IS 'Each article once, with its current text, its time and where its page is archived';
COMMENT ON COLUMN articles.article_id IS 'Digest of outlet and normalised address';
COMMENT ON COLUMN articles.url IS 'Address, normalised';
COMMENT ON COLUMN articles.outlet_id IS 'The outlet that published it';
COMMENT ON COLUMN articles.story_id IS 'The story: articles with the same text share one';
COMMENT ON COLUMN articles.published_at IS 'Time of publication: what a person has decided, else the earliest its page has given, else the one a feed or sitemap gave; empty where none did';
COMMENT ON COLUMN articles.counted_at IS 'The time that puts it into a day or month: published_at, else first_seen_at';
COMMENT ON COLUMN articles.counted_on IS 'The day of counted_at in Vietnam, whatever the session''s time zone';
COMMENT ON COLUMN articles.dated_by IS 'Where counted_at comes from: person, page, announced or first_seen';
COMMENT ON COLUMN articles.title IS 'Headline';
COMMENT ON COLUMN articles.sapo IS 'Standfirst under the headline';
COMMENT ON COLUMN articles.body IS 'Paragraphs, one a line';
COMMENT ON COLUMN articles.captions IS 'Captions, one a line';
COMMENT ON COLUMN articles.authors IS 'Names in the byline';
COMMENT ON COLUMN articles.section IS 'Section the page names';
COMMENT ON COLUMN articles.section_path IS 'Sections the page names, from the widest to the narrowest';
COMMENT ON COLUMN articles.kicker IS 'Words over the headline';
COMMENT ON COLUMN articles.genre IS 'What the page says it is: tin, bài, phỏng vấn, phóng sự, infographic, video, ảnh, trực tuyến, thông cáo; empty where it says nothing';
COMMENT ON COLUMN articles.credit IS 'Agency or paper that the page says the text is from';
COMMENT ON COLUMN articles.tags IS 'Keywords the page gives';
COMMENT ON COLUMN articles.language IS 'Language of the text, two letters';
COMMENT ON COLUMN articles.kinds IS 'The kind of each line of body: paragraph, subhead, quote, list or box';
COMMENT ON COLUMN articles.links IS 'Addresses that the text links to';
COMMENT ON COLUMN articles.links_to_portal IS 'Whether one of them is the National Public Service Portal: a call to action';
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
