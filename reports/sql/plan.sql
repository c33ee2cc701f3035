-- The plan's activities: articles on their topics with words that show them, from $first to $last and, within the
-- activity's own months, from $since to $last. Press and the Government's own channels apart; aggregators left out.
-- An article can show several activities: rows are never added. `shown_activities`: how many of all rows have an article
-- so far.
WITH shown AS (
    SELECT DISTINCT activity.activity_id, article.article_id, outlet.kind, article.counted_on AS day
    FROM plan_activities AS activity
    JOIN article_facets AS facet ON facet.kind = 'activity' AND facet.value = activity.activity_id
    JOIN article_topics AS named
        ON named.article_id = facet.article_id AND named.is_target AND list_contains(activity.topics, named.topic)
    JOIN articles AS article ON article.article_id = facet.article_id
    JOIN outlets AS outlet ON outlet.outlet_id = article.outlet_id
    WHERE activity.observable <> 'no'
)
SELECT
    activity.activity_id,
    activity.group_title,
    activity.activity,
    activity.leads,
    activity.results,
    activity.observable,
    activity.target,
    count(*) FILTER (shown.kind = 'press' AND shown.day BETWEEN $first AND $last) AS press,
    count(*) FILTER (shown.kind = 'own' AND shown.day BETWEEN $first AND $last) AS own,
    count(*) FILTER (
        shown.kind = 'press' AND shown.day BETWEEN $since AND $last
        AND strftime(shown.day, '%Y-%m') BETWEEN activity.starts AND activity.ends
    ) AS press_so_far,
    count(*) FILTER (
        shown.kind = 'own' AND shown.day BETWEEN $since AND $last
        AND strftime(shown.day, '%Y-%m') BETWEEN activity.starts AND activity.ends
    ) AS own_so_far,
    count(*) FILTER (press_so_far + own_so_far > 0) OVER () AS shown_activities,
    count(*) FILTER (activity.observable <> 'no') OVER () AS observable_activities
FROM plan_activities AS activity
LEFT JOIN shown ON shown.activity_id = activity.activity_id
GROUP BY
    activity.activity_id, activity.position, activity.group_title, activity.activity, activity.leads, activity.results,
    activity.observable, activity.target
ORDER BY activity.position;
