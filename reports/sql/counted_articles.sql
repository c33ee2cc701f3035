-- The articles behind the month's figures of each topic and sense, from $first to $last: what is frozen when it is sent.
SELECT
    named.topic,
    named.sense,
    named.is_target,
    outlet.kind AS outlet_kind,
    article.article_id,
    article.version_id,
    article.story_id,
    story.first_on BETWEEN $first AND $last AS story_begins
FROM article_topics AS named
JOIN articles AS article ON article.article_id = named.article_id
JOIN outlets AS outlet ON outlet.outlet_id = article.outlet_id
JOIN stories AS story ON story.story_id = article.story_id
WHERE article.counted_on BETWEEN $first AND $last
ORDER BY named.topic, named.sense, article.article_id;
