-- Articles that came into the figures of the days $first to $last since they were frozen (step 1) or went (step -1), each with one cause.
-- `frozen` holds what was counted then, and no more: where an article was that is counted only now, is told by times of
-- collection and decision. Of archives taken in from elsewhere nobody knows when they came.
WITH named AS (
    SELECT found.article_id, found.topic, found.sense, fact.counted_on BETWEEN $first AND $last AS is_in, outlet.kind AS outlet_kind
    FROM article_topics AS found
    JOIN articles AS fact ON fact.article_id = found.article_id
    JOIN outlets AS outlet ON outlet.outlet_id = fact.outlet_id
), crossed AS (
    SELECT 1 AS step, article_id, topic, sense, outlet_kind FROM named WHERE is_in
    EXCEPT SELECT 1, article_id, topic, sense, outlet_kind FROM frozen
    UNION ALL
    (
        SELECT -1 AS step, article_id, topic, sense, outlet_kind FROM frozen
        EXCEPT SELECT -1, article_id, topic, sense, outlet_kind FROM named WHERE is_in
    )
), collected AS (
    SELECT capture.article_id, min(coalesce(crawl.ended_at, capture.captured_at)) > $collected_until AS is_new
    FROM captures AS capture
    LEFT JOIN crawls AS crawl ON crawl.archive_file = capture.archive_file
    WHERE capture.version_id IS NOT NULL AND capture.article_id IN (SELECT article_id FROM crossed)
    GROUP BY capture.article_id
), read_then AS (
    SELECT DISTINCT article_id, version_id FROM frozen
), texts AS (
    -- The version that was counted is still a version, and no longer the current one: the page says something else. If
    -- it is none any more, the same page is read otherwise. Of an article that was not counted, its page's time tells.
    SELECT
        fact.article_id,
        CASE
            WHEN read_then.version_id IS NULL THEN coalesce(crawl.ended_at > $collected_until, false)
            ELSE read_then.version_id <> fact.version_id
                AND EXISTS (FROM article_versions AS kept WHERE kept.version_id = read_then.version_id)
        END AS is_changed
    FROM articles AS fact
    LEFT JOIN read_then ON read_then.article_id = fact.article_id
    LEFT JOIN crawls AS crawl ON crawl.archive_file = fact.archive_file
    WHERE fact.article_id IN (SELECT article_id FROM crossed)
), judged AS (
    SELECT
        article_id, topic, ruled_sense, coalesce(decided_sense, ruled_sense) AS sense,
        coalesce(decided_sense IS NOT NULL AND decided_at > $decided_until, false) AS is_decided,
        CASE
            WHEN decided_sense IS NULL THEN ruled_reason
            ELSE concat_ws(': ', 'decided by ' || decided_by, decided_because)
        END AS reason
    FROM judged_mentions
    WHERE article_id IN (SELECT article_id FROM crossed)
), spoken AS (
    SELECT article_id, topic, sense, 1 AS step, bool_and(is_decided) AS is_decided, arg_min(reason, (is_decided, reason)) AS reason
    FROM judged GROUP BY ALL
    UNION ALL
    SELECT article_id, topic, ruled_sense, -1, bool_or(is_decided AND sense <> ruled_sense), min(reason) FILTER (is_decided)
    FROM judged GROUP BY ALL
), redated AS (
    SELECT subject_key AS article_id FROM decisions WHERE subject = 'published' AND decided_at > $decided_until
)
SELECT
    crossed.outlet_kind, crossed.topic, crossed.sense, crossed.article_id, crossed.step,
    CASE
        WHEN fact.article_id IS NULL THEN 'gone'
        WHEN crossed.step = -1 AND NOT there.is_in THEN 'month'
        WHEN coalesce(there.outlet_kind, was.outlet_kind) <> crossed.outlet_kind THEN 'outlet'
        WHEN crossed.step = 1 AND read_then.article_id IS NULL AND collected.is_new THEN 'new'
        WHEN crossed.step = 1 AND read_then.article_id IS NULL AND redated.article_id IS NOT NULL THEN 'month'
        WHEN spoken.is_decided THEN 'decision'
        WHEN texts.is_changed THEN 'text'
        WHEN NOT $same_rules THEN 'rule'
        WHEN crossed.step = 1 AND read_then.article_id IS NULL THEN 'month'
        ELSE 'unexplained'
    END AS cause,
    CASE WHEN cause IN ('decision', 'rule', 'text') THEN {
        cause: cause,
        old_sense: CASE crossed.step WHEN 1 THEN other.senses ELSE crossed.sense END,
        new_sense: CASE crossed.step WHEN 1 THEN crossed.sense ELSE current.senses END,
        old_reason: NULL::VARCHAR,
        new_reason: spoken.reason
    } END AS spoken
FROM crossed
LEFT JOIN articles AS fact ON fact.article_id = crossed.article_id
LEFT JOIN named AS there
    ON crossed.step = -1 AND there.article_id = crossed.article_id AND there.topic = crossed.topic AND there.sense = crossed.sense
LEFT JOIN frozen AS was
    ON crossed.step = 1 AND was.article_id = crossed.article_id AND was.topic = crossed.topic AND was.sense = crossed.sense
LEFT JOIN (SELECT article_id, topic, string_agg(sense, ', ' ORDER BY sense) AS senses FROM frozen GROUP BY ALL) AS other
    ON other.article_id = crossed.article_id AND other.topic = crossed.topic
LEFT JOIN (
    SELECT article_id, topic, string_agg(DISTINCT sense, ', ' ORDER BY sense) AS senses FROM judged GROUP BY ALL
) AS current ON current.article_id = crossed.article_id AND current.topic = crossed.topic
LEFT JOIN read_then ON read_then.article_id = crossed.article_id
LEFT JOIN collected ON collected.article_id = crossed.article_id
LEFT JOIN texts ON texts.article_id = crossed.article_id
LEFT JOIN spoken
    ON spoken.article_id = crossed.article_id AND spoken.topic = crossed.topic AND spoken.sense = crossed.sense
    AND spoken.step = crossed.step
LEFT JOIN redated ON redated.article_id = crossed.article_id
ORDER BY crossed.outlet_kind, crossed.topic, crossed.sense, crossed.article_id, crossed.step;
