-- Two published databases, attached as old and new, as one: each row with the build it is of.
CREATE TEMP VIEW facts AS
SELECT
    'old' AS build, article_id, outlet_id, url, title, version_id, payload_digest, story_id, counted_at, withdrawn_at,
    strftime(counted_on, '%Y-%m') AS month
FROM old.articles
UNION ALL
SELECT
    'new', article_id, outlet_id, url, title, version_id, payload_digest, story_id, counted_at, withdrawn_at,
    strftime(counted_on, '%Y-%m')
FROM new.articles;

-- What coverage_monthly counts: an article in the month, kind of outlet, topic and sense of a figure.
CREATE TEMP TABLE counted AS
SELECT
    'old' AS build, fact.article_id, fact.month, outlet.kind AS outlet_kind, named.topic, named.sense, named.focus,
    named.phrase_only, fact.story_id, strftime(story.first_on, '%Y-%m') = fact.month AS story_begins
FROM old.article_topics AS named
JOIN facts AS fact ON fact.build = 'old' AND fact.article_id = named.article_id
JOIN old.outlets AS outlet ON outlet.outlet_id = fact.outlet_id
JOIN old.stories AS story ON story.story_id = fact.story_id
UNION ALL
SELECT
    'new', fact.article_id, fact.month, outlet.kind, named.topic, named.sense, named.focus,
    named.phrase_only, fact.story_id, strftime(story.first_on, '%Y-%m') = fact.month
FROM new.article_topics AS named
JOIN facts AS fact ON fact.build = 'new' AND fact.article_id = named.article_id
JOIN new.outlets AS outlet ON outlet.outlet_id = fact.outlet_id
JOIN new.stories AS story ON story.story_id = fact.story_id;

-- Every span that the rules found, with the sense that counts: a person's, else the rules'; none where it counts nowhere.
-- `heard`: a person has decided on it, be it on a sense that the configuration no longer has.
CREATE TEMP TABLE judged AS
SELECT
    'old' AS build, judged.mention_id, judged.article_id, judged.version_id, judged.topic, judged.field,
    judged.start_pos, judged.sentence, judged.occurrence, judged.surface,
    coalesce(counting.sense, 'none') AS sense, coalesce(counting.reason, concat_ws(': ', 'decided by ' || judged.decided_by, judged.decided_because)) AS reason,
    CASE WHEN judged.decided_sense IS NOT NULL THEN judged.decided_by END AS decided_by,
    judged.decided_by IS NOT NULL AS heard
FROM old.judged_mentions AS judged
LEFT JOIN old.mentions AS counting ON counting.mention_id = judged.mention_id
UNION ALL
SELECT
    'new', judged.mention_id, judged.article_id, judged.version_id, judged.topic, judged.field,
    judged.start_pos, judged.sentence, judged.occurrence, judged.surface,
    coalesce(counting.sense, 'none'), coalesce(counting.reason, concat_ws(': ', 'decided by ' || judged.decided_by, judged.decided_because)),
    CASE WHEN judged.decided_sense IS NOT NULL THEN judged.decided_by END,
    judged.decided_by IS NOT NULL
FROM new.judged_mentions AS judged
LEFT JOIN new.mentions AS counting ON counting.mention_id = judged.mention_id;

-- Each article of either build that differs, and in what.
CREATE TEMP TABLE article_changes AS
SELECT
    coalesce(new_fact.article_id, old_fact.article_id) AS article_id,
    coalesce(new_fact.outlet_id, old_fact.outlet_id) AS outlet_id,
    coalesce(new_fact.title, old_fact.title) AS title,
    coalesce(new_fact.url, old_fact.url) AS url,
    CASE
        WHEN old_fact.article_id IS NULL THEN ['added']
        WHEN new_fact.article_id IS NULL THEN ['gone']
        ELSE list_filter(
            [
                CASE WHEN new_fact.version_id <> old_fact.version_id THEN 'version' END,
                CASE WHEN new_fact.month <> old_fact.month THEN 'month' END,
                CASE WHEN new_fact.counted_at <> old_fact.counted_at THEN 'date' END,
                CASE WHEN new_fact.story_id IS DISTINCT FROM old_fact.story_id THEN 'story' END,
                CASE WHEN (new_fact.withdrawn_at IS NULL) <> (old_fact.withdrawn_at IS NULL) THEN 'withdrawn' END
            ],
            lambda change: change IS NOT NULL
        )
    END AS changes,
    old_fact.version_id AS old_version, new_fact.version_id AS new_version,
    old_fact.counted_at AS old_counted_at, new_fact.counted_at AS new_counted_at,
    old_fact.story_id AS old_story, new_fact.story_id AS new_story
FROM (FROM facts WHERE build = 'old') AS old_fact
FULL JOIN (FROM facts WHERE build = 'new') AS new_fact ON new_fact.article_id = old_fact.article_id
WHERE len(changes) > 0;
