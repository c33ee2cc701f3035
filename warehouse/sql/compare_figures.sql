-- Why each figure of coverage_monthly differs: every article that came into it (step 1) or went (step -1), with one cause.
-- Why an article names a sense that it did not name, or no longer does. One span brings an article into a figure: a
-- decision is the cause only where rules and text give no other. All spans must leave for it to go: there a decision is.
CREATE TEMP TABLE sense_causes AS
SELECT article_id, topic, sense, step, arg_min(spoken, (rank, mention_id)) AS spoken
FROM (
    SELECT
        article_id, topic, new_sense AS sense, 1 AS step, mention_id,
        CASE cause WHEN 'rule' THEN 1 WHEN 'text' THEN 2 ELSE 3 END AS rank,
        {cause: cause, old_sense: old_sense, new_sense: new_sense, old_reason: old_reason, new_reason: new_reason} AS spoken
    FROM mention_changes WHERE new_sense IS NOT NULL
    UNION ALL
    SELECT
        article_id, topic, old_sense, -1, mention_id,
        CASE cause WHEN 'decision' THEN 1 WHEN 'rule' THEN 2 ELSE 3 END,
        {cause: cause, old_sense: old_sense, new_sense: new_sense, old_reason: old_reason, new_reason: new_reason}
    FROM mention_changes WHERE old_sense IS NOT NULL
)
GROUP BY article_id, topic, sense, step;

CREATE TEMP TABLE crossings AS
WITH measured AS (
    SELECT *, unnest(list_filter(
        [
            'articles',
            CASE WHEN focus THEN 'focus_articles' ELSE 'passing_articles' END,
            CASE WHEN phrase_only THEN 'phrase_only_articles' END
        ],
        lambda measure: measure IS NOT NULL
    )) AS measure
    FROM counted
), crossed AS (
    SELECT here.*, CASE build WHEN 'new' THEN 1 ELSE -1 END AS step, CASE build WHEN 'new' THEN 'old' ELSE 'new' END AS elsewhere
    FROM measured AS here
    WHERE NOT EXISTS (
        FROM measured AS there
        WHERE there.build <> here.build AND there.article_id = here.article_id AND there.measure = here.measure
          AND there.month = here.month AND there.outlet_kind = here.outlet_kind
          AND there.topic = here.topic AND there.sense = here.sense
    )
)
SELECT
    crossed.month, crossed.outlet_kind, crossed.topic, crossed.sense, crossed.measure, crossed.article_id, crossed.step,
    CASE
        WHEN held.article_id IS NULL THEN CASE crossed.step WHEN 1 THEN 'new' ELSE 'gone' END
        WHEN there.article_id IS NULL THEN coalesce(said.spoken.cause, 'unexplained')
        WHEN there.month <> crossed.month THEN 'month'
        WHEN there.outlet_kind <> crossed.outlet_kind THEN 'outlet'
        ELSE 'weight'
    END AS cause,
    CASE WHEN cause IN ('rule', 'decision', 'text') THEN said.spoken END AS spoken
FROM crossed
LEFT JOIN facts AS held ON held.build = crossed.elsewhere AND held.article_id = crossed.article_id
LEFT JOIN counted AS there
    ON there.build = crossed.elsewhere AND there.article_id = crossed.article_id
    AND there.topic = crossed.topic AND there.sense = crossed.sense
LEFT JOIN sense_causes AS said
    ON said.article_id = crossed.article_id AND said.topic = crossed.topic AND said.sense = crossed.sense
    AND said.step = crossed.step;

-- Stories of the articles that stayed in a figure: what joining, parting and beginning in another month did to it.
CREATE TEMP TABLE regrouped AS
WITH stayed AS (
    SELECT
        old_one.month, old_one.outlet_kind, old_one.topic, old_one.sense,
        CASE WHEN old_one.story_begins THEN old_one.story_id END AS old_story,
        CASE WHEN new_one.story_begins THEN new_one.story_id END AS new_story
    FROM (FROM counted WHERE build = 'old') AS old_one
    JOIN (FROM counted WHERE build = 'new') AS new_one
        USING (article_id, month, outlet_kind, topic, sense)
)
SELECT month, outlet_kind, topic, sense, count(DISTINCT new_story) - count(DISTINCT old_story) AS difference
FROM stayed
GROUP BY ALL;

CREATE TEMP TABLE figure_changes AS
WITH monthly AS (
    UNPIVOT (
        SELECT
            'old' AS build, month, outlet_kind, topic, sense, is_target,
            articles, stories, focus_articles, passing_articles, phrase_only_articles
        FROM old.coverage_monthly
        UNION ALL
        SELECT
            'new', month, outlet_kind, topic, sense, is_target,
            articles, stories, focus_articles, passing_articles, phrase_only_articles
        FROM new.coverage_monthly
    )
    ON articles, stories, focus_articles, passing_articles, phrase_only_articles INTO NAME measure VALUE counted
)
SELECT
    month, outlet_kind, topic, sense, arg_max(is_target, build = 'new') AS is_target, measure,
    coalesce(sum(counted) FILTER (build = 'old'), 0)::BIGINT AS before,
    coalesce(sum(counted) FILTER (build = 'new'), 0)::BIGINT AS after
FROM monthly
GROUP BY month, outlet_kind, topic, sense, measure
HAVING before <> after;
