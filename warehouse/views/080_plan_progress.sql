-- The plan's eleven activities: how many articles on its topics carry words that show each, and what units reported of it
-- by hand. Coverage is not completion.
CREATE OR REPLACE VIEW plan_progress AS
WITH shown AS (
    SELECT DISTINCT facet.value AS activity_id, facet.article_id
    FROM article_facets AS facet
    JOIN article_topics AS named ON named.article_id = facet.article_id AND named.is_target
    JOIN plan_activities AS activity ON activity.activity_id = facet.value AND list_contains(activity.topics, named.topic)
    WHERE facet.kind = 'activity' AND activity.observable <> 'no'
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
), entered AS (
    SELECT activity_id, month, count(*) AS entries FROM plan_entries GROUP BY ALL
), by_month AS (
    SELECT activity_id, month, counted.outlet_kind, counted.articles, counted.stories, entered.entries
    FROM counted
    FULL JOIN entered USING (activity_id, month)
)
SELECT
    activity.activity_id,
    activity.position,
    activity.activity,
    activity.observable,
    activity.target,
    -- As the summary says it: aggregators and months outside the activity's own show nothing.
    CASE
        WHEN activity.observable = 'no' THEN 'not observable in the press'
        WHEN coalesce(bool_or(
            by_month.outlet_kind IN ('press', 'own') AND by_month.month BETWEEN activity.starts AND activity.ends
        ) OVER (PARTITION BY activity.activity_id), false) THEN 'shown'
        ELSE 'not yet shown'
    END AS state,
    by_month.month,
    by_month.outlet_kind,
    coalesce(by_month.articles, 0) AS articles,
    coalesce(by_month.stories, 0) AS stories,
    coalesce(by_month.entries, 0) AS entries
FROM plan_activities AS activity
LEFT JOIN by_month ON by_month.activity_id = activity.activity_id;
