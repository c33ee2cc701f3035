-- Articles on each topic's target sense, by outlet and month, and how completely the month is held.
CREATE OR REPLACE VIEW coverage_by_outlet AS
SELECT
    strftime(article.counted_on, '%Y-%m') AS month,
    article.outlet_id,
    outlet.name AS outlet_name,
    outlet.kind AS outlet_kind,
    outlet.tier,
    named.topic,
    count(*) AS articles,
    count(*) FILTER (article.article_id <> story.first_article_id) AS reprints,
    count(*) FILTER (named.focus) AS focus_articles,
    any_value(followed.completeness) AS completeness,
    any_value(followed.collection) AS collection
FROM article_topics AS named
JOIN articles AS article ON article.article_id = named.article_id
JOIN outlets AS outlet ON outlet.outlet_id = article.outlet_id
JOIN stories AS story ON story.story_id = article.story_id
LEFT JOIN outlet_months AS followed
    ON followed.outlet_id = article.outlet_id AND followed.month = strftime(article.counted_on, '%Y-%m')
WHERE named.is_target
GROUP BY ALL;
