-- Articles and stories that name a sense, by month of publication in Vietnam and kind of outlet, and how completely the
-- month is held.
CREATE OR REPLACE VIEW coverage_monthly AS
WITH followed AS (
    SELECT
        month, outlet_kind,
        -- A backfilled or imported month has no feed of its time to be measured by.
        CASE
            WHEN sum(announced) > 0 AND bool_and(coalesce(collection, 'live') = 'live')
                THEN 100.0 * sum(collected) / sum(announced)
        END AS completeness,
        count(*) FILTER (complete) AS outlets_complete
    FROM outlet_months GROUP BY ALL
), named AS (
    SELECT found.*, article.outlet_id, article.story_id, article.collection, outlet.kind AS outlet_kind, story.first_on,
        strftime(article.counted_on, '%Y-%m') AS month
    FROM article_topics AS found
    JOIN articles AS article ON article.article_id = found.article_id
    JOIN outlets AS outlet ON outlet.outlet_id = article.outlet_id
    JOIN stories AS story ON story.story_id = article.story_id
)
SELECT
    named.month,
    named.outlet_kind,
    named.topic,
    named.sense,
    named.is_target,
    count(*) AS articles,
    count(DISTINCT named.story_id) FILTER (strftime(named.first_on, '%Y-%m') = named.month) AS stories,
    count(*) FILTER (named.focus) AS focus_articles,
    count(*) FILTER (NOT named.focus) AS passing_articles,
    count(*) FILTER (named.phrase_only) AS phrase_only_articles,
    any_value(followed.completeness) AS completeness,
    coalesce(any_value(followed.outlets_complete), 0) AS outlets_complete,
    string_agg(DISTINCT named.collection, '+' ORDER BY named.collection) AS collection
FROM named
LEFT JOIN followed ON followed.month = named.month AND followed.outlet_kind = named.outlet_kind
GROUP BY ALL;
