-- Every article that names the target sense of any of $topics, from $first to $last, in the order of Bảng 3's blocks.
WITH named AS (
    SELECT
        article_id,
        list(topic ORDER BY topic DESC) AS topics,
        bool_or(focus) AS focus,
        -- One sentence an article: that of the topic it is about, where it is about one.
        arg_min(sentence, (CASE WHEN focus THEN 0 ELSE 1 END, topic)) AS sentence
    FROM article_topics
    WHERE is_target AND list_contains(CAST($topics AS VARCHAR[]), topic)
    GROUP BY article_id
), activities AS (
    SELECT facet.article_id, list(DISTINCT activity.activity_id ORDER BY activity.activity_id) AS activities
    FROM article_facets AS facet
    JOIN plan_activities AS activity ON facet.kind = 'activity' AND facet.value = activity.activity_id
    JOIN article_topics AS found
        ON found.article_id = facet.article_id AND found.is_target AND list_contains(activity.topics, found.topic)
    WHERE activity.observable <> 'no'
    GROUP BY facet.article_id
)
SELECT
    article.article_id,
    outlet.kind,
    outlet.name AS outlet_name,
    article.counted_at,
    article.dated_by,
    article.title,
    article.url,
    article.withdrawn_at,
    article.archive_file,
    article.archive_offset,
    named.topics,
    named.focus,
    named.sentence,
    coalesce(activities.activities, []) AS activities,
    article.article_id <> story.first_article_id AS reprint
FROM named
JOIN articles AS article ON article.article_id = named.article_id
JOIN outlets AS outlet ON outlet.outlet_id = article.outlet_id
LEFT JOIN stories AS story ON story.story_id = article.story_id
LEFT JOIN activities ON activities.article_id = article.article_id
WHERE article.counted_on BETWEEN $first AND $last
ORDER BY
    CASE outlet.kind WHEN 'press' THEN 1 WHEN 'own' THEN 2 ELSE 3 END,
    article.counted_at,
    article.article_id;
