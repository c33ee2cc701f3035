-- Articles that name a sense, by day of publication in Vietnam and by outlet, and how completely the day is held.
CREATE OR REPLACE VIEW coverage_daily AS
SELECT
    article.counted_on AS day,
    outlet.kind AS outlet_kind,
    article.outlet_id,
    named.topic,
    named.sense,
    named.is_target,
    count(*) AS articles,
    count(*) FILTER (named.focus) AS focus_articles,
    count(*) FILTER (article.article_id <> story.first_article_id) AS reprints,
    any_value(CASE WHEN followed.announced > 0 THEN 100.0 * followed.collected / followed.announced END) AS completeness,
    string_agg(DISTINCT article.collection, '+' ORDER BY article.collection) AS collection
FROM article_topics AS named
JOIN articles AS article ON article.article_id = named.article_id
JOIN outlets AS outlet ON outlet.outlet_id = article.outlet_id
JOIN stories AS story ON story.story_id = article.story_id
LEFT JOIN outlet_days AS followed ON followed.outlet_id = article.outlet_id AND followed.day = article.counted_on
GROUP BY ALL;
