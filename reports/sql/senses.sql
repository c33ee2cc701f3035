-- Each topic and sense: articles and stories of outlets of $kinds from $first to $last. `numbered` articles name it by
-- number, name or address at least once; `phrased` ones in words only.
WITH named AS (
    SELECT found.topic, found.sense, found.focus, found.phrase_only, article.story_id, story.first_on
    FROM article_topics AS found
    JOIN articles AS article ON article.article_id = found.article_id
    JOIN outlets AS outlet ON outlet.outlet_id = article.outlet_id
    LEFT JOIN stories AS story ON story.story_id = article.story_id
    WHERE article.counted_on BETWEEN $first AND $last
      AND list_contains(CAST($kinds AS VARCHAR[]), outlet.kind)
)
SELECT
    topic.topic,
    topic.sense,
    topic.is_target,
    topic.undecided,
    topic.topic_label,
    topic.sense_label,
    count(named.sense) AS articles,
    count(DISTINCT named.story_id) FILTER (named.first_on BETWEEN $first AND $last) AS stories,
    count(*) FILTER (named.focus) AS focus_articles,
    count(*) FILTER (NOT named.focus) AS passing_articles,
    count(*) FILTER (NOT named.phrase_only) AS numbered_articles,
    count(DISTINCT named.story_id) FILTER (
        NOT named.phrase_only AND named.first_on BETWEEN $first AND $last
    ) AS numbered_stories,
    count(*) FILTER (NOT named.phrase_only AND named.focus) AS numbered_focus_articles,
    count(*) FILTER (NOT named.phrase_only AND NOT named.focus) AS numbered_passing_articles,
    count(*) FILTER (named.phrase_only) AS phrased_articles,
    count(DISTINCT named.story_id) FILTER (
        named.phrase_only AND named.first_on BETWEEN $first AND $last
    ) AS phrased_stories,
    count(*) FILTER (named.phrase_only AND named.focus) AS phrased_focus_articles,
    count(*) FILTER (named.phrase_only AND NOT named.focus) AS phrased_passing_articles
FROM topics AS topic
LEFT JOIN named ON named.topic = topic.topic AND named.sense = topic.sense
GROUP BY ALL
ORDER BY topic.topic DESC, topic.is_target DESC, topic.sense;
