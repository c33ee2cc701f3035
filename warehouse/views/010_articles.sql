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
    version.payload_digest,
    head.collection,
    version.sapo,
    version.body,
    version.captions,
    version.folded
FROM article_heads AS head
JOIN article_versions AS version ON version.version_id = head.version_id
LEFT JOIN story_of AS member ON member.article_id = head.article_id
LEFT JOIN (
    SELECT subject_key, try_cast(decision AS TIMESTAMPTZ) AS published_at FROM decisions WHERE subject = 'published'
) AS decided ON decided.subject_key = head.article_id;
