-- Articles and stories that name a sense, by day and by month (Vietnam time), all kinds of outlets apart.
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
    count(*) FILTER (article.article_id <> story.first_article_id) AS reprints
FROM article_topics AS named
JOIN articles AS article ON article.article_id = named.article_id
JOIN outlets AS outlet ON outlet.outlet_id = article.outlet_id
JOIN stories AS story ON story.story_id = article.story_id
GROUP BY ALL;

CREATE OR REPLACE VIEW coverage_monthly AS
SELECT
    strftime(article.counted_on, '%Y-%m') AS month,
    outlet.kind AS outlet_kind,
    named.topic,
    named.sense,
    named.is_target,
    count(*) AS articles,
    count(DISTINCT article.story_id) FILTER (strftime(story.first_on, '%Y-%m') = strftime(article.counted_on, '%Y-%m')) AS stories,
    count(*) FILTER (named.focus) AS focus_articles,
    count(*) FILTER (NOT named.focus) AS passing_articles,
    count(*) FILTER (named.phrase_only) AS phrase_only_articles
FROM article_topics AS named
JOIN articles AS article ON article.article_id = named.article_id
JOIN outlets AS outlet ON outlet.outlet_id = article.outlet_id
JOIN stories AS story ON story.story_id = article.story_id
GROUP BY ALL;
