-- The $many stories on $topic that most outlets carried, among those that begin from $first to $last and have it as
-- nội dung chính, or, with $passing, at all; aggregators left out. Each with its earliest article of that kind.
WITH chosen AS (
    SELECT
        article.story_id,
        article.article_id,
        article.outlet_id,
        article.title,
        article.url,
        article.counted_at,
        outlet.name AS outlet_name,
        named.sentence,
        named.focus
    FROM article_topics AS named
    JOIN articles AS article ON article.article_id = named.article_id
    JOIN stories AS story ON story.story_id = article.story_id
    JOIN outlets AS outlet ON outlet.outlet_id = article.outlet_id
    WHERE named.topic = $topic AND named.is_target
      AND outlet.kind <> 'aggregator'
      AND story.first_on BETWEEN $first AND $last
      AND article.counted_on BETWEEN $first AND $last
)
SELECT
    story_id,
    arg_min(article_id, (counted_at, article_id)) AS article_id,
    arg_min(coalesce(title, ''), (counted_at, article_id)) AS title,
    arg_min(url, (counted_at, article_id)) AS url,
    arg_min(outlet_name, (counted_at, article_id)) AS outlet_name,
    arg_min(sentence, (counted_at, article_id)) AS sentence,
    min(counted_at) AS counted_at,
    count(*) AS articles,
    count(DISTINCT outlet_id) AS outlets
FROM chosen
GROUP BY story_id
HAVING bool_or(focus) OR $passing
ORDER BY outlets DESC, articles DESC, counted_at, story_id
LIMIT coalesce($many, 1000000);
