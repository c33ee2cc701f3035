-- The plan's eleven activities, and how many articles on its topics carry words that show each. Coverage is not completion.
CREATE OR REPLACE VIEW plan_progress AS
WITH shown AS (
    SELECT DISTINCT facet.value AS activity_id, facet.article_id
    FROM article_facets AS facet
    JOIN article_topics AS named ON named.article_id = facet.article_id AND named.is_target
    JOIN plan_activities AS activity ON activity.activity_id = facet.value AND list_contains(activity.topics, named.topic)
    WHERE facet.kind = 'activity'
), counted AS (
    SELECT
        shown.activity_id,
        outlet.kind AS outlet_kind,
        strftime(article.counted_on, '%Y-%m') AS month,
        count(*) AS articles,
        count(DISTINCT article.story_id) AS stories
    FROM shown
    JOIN articles AS article ON article.article_id = shown.article_id
    JOIN outlets AS outlet ON outlet.outlet_id = article.outlet_id
    GROUP BY ALL
)
SELECT
    activity.activity_id,
    activity.position,
    activity.activity,
    activity.observable,
    counted.month,
    counted.outlet_kind,
    coalesce(counted.articles, 0) AS articles,
    coalesce(counted.stories, 0) AS stories
FROM plan_activities AS activity
LEFT JOIN counted ON counted.activity_id = activity.activity_id AND activity.observable <> 'no';
