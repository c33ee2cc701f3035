-- Change from the days $before_first–$before_last to $first–$last, over $outlets alone (those followed completely in both
-- periods) and, of these, over those of $kinds: articles and stories that name the target sense of any of $topics. Percent is empty where there was nothing.
WITH named AS (
    SELECT DISTINCT article.article_id, article.story_id, article.counted_on AS day,
        story.first_on AS first_day
    FROM article_topics AS found
    JOIN articles AS article ON article.article_id = found.article_id
    JOIN outlets AS outlet ON outlet.outlet_id = article.outlet_id
    LEFT JOIN stories AS story ON story.story_id = article.story_id
    WHERE found.is_target AND list_contains(CAST($topics AS VARCHAR[]), found.topic)
      AND list_contains(CAST($outlets AS VARCHAR[]), article.outlet_id)
      AND list_contains(CAST($kinds AS VARCHAR[]), outlet.kind)
), counted AS (
    SELECT
        count(*) FILTER (day BETWEEN $first AND $last) AS articles,
        count(*) FILTER (day BETWEEN $before_first AND $before_last) AS articles_before,
        count(DISTINCT story_id) FILTER (
            day BETWEEN $first AND $last AND first_day BETWEEN $first AND $last
        ) AS stories,
        count(DISTINCT story_id) FILTER (
            day BETWEEN $before_first AND $before_last AND first_day BETWEEN $before_first AND $before_last
        ) AS stories_before
    FROM named
)
SELECT
    articles - articles_before AS articles,
    articles AS articles_now,
    articles_before,
    CASE WHEN articles_before > 0 THEN 100.0 * (articles - articles_before) / articles_before END AS articles_percent,
    stories - stories_before AS stories,
    CASE WHEN stories_before > 0 THEN 100.0 * (stories - stories_before) / stories_before END AS stories_percent,
    len(CAST($outlets AS VARCHAR[])) AS outlets
FROM counted;
