-- From month to month, and from the same month of the year before: articles on each topic, over the outlets of one kind that
-- were followed completely in both, and only where one version of the rules has read both. Otherwise no number, and why.
CREATE OR REPLACE VIEW coverage_change AS
WITH pairs AS (
    SELECT DISTINCT month, strftime(CAST(month || '-01' AS DATE) - INTERVAL 1 MONTH, '%Y-%m') AS month_before, 'month' AS step
    FROM outlet_months
    UNION ALL
    SELECT DISTINCT month, strftime(CAST(month || '-01' AS DATE) - INTERVAL 1 YEAR, '%Y-%m'), 'year' FROM outlet_months
), complete AS (
    SELECT pairs.*, now.outlet_id, now.outlet_kind
    FROM pairs
    JOIN outlet_months AS now ON now.month = pairs.month AND now.complete
    JOIN outlet_months AS before
        ON before.month = pairs.month_before AND before.outlet_id = now.outlet_id AND before.complete
), rules AS (
    SELECT strftime(article.counted_on, '%Y-%m') AS month, read.fingerprint
    FROM articles AS article
    JOIN processed_files AS read ON read.archive_file = article.archive_file
    GROUP BY ALL
), one_version AS (
    SELECT pairs.month, pairs.month_before, count(DISTINCT rules.fingerprint) <= 1 AS same
    FROM pairs LEFT JOIN rules ON rules.month IN (pairs.month, pairs.month_before)
    GROUP BY ALL
), summed AS (
    SELECT
        pairs.month, pairs.month_before, pairs.step, kinds.outlet_kind, topic.topic,
        count(DISTINCT complete.outlet_id) AS outlets,
        coalesce(sum(now.articles), 0)::BIGINT AS articles,
        coalesce(sum(before.articles), 0)::BIGINT AS articles_before
    FROM pairs
    CROSS JOIN (SELECT DISTINCT kind AS outlet_kind FROM outlets) AS kinds
    CROSS JOIN (SELECT DISTINCT topic FROM topics) AS topic
    LEFT JOIN complete
        ON complete.month = pairs.month AND complete.step = pairs.step AND complete.outlet_kind = kinds.outlet_kind
    LEFT JOIN coverage_by_outlet AS now
        ON now.outlet_id = complete.outlet_id AND now.month = pairs.month AND now.topic = topic.topic
    LEFT JOIN coverage_by_outlet AS before
        ON before.outlet_id = complete.outlet_id AND before.month = pairs.month_before AND before.topic = topic.topic
    GROUP BY ALL
)
SELECT
    summed.month,
    summed.month_before,
    summed.step,
    summed.outlet_kind,
    summed.topic,
    summed.outlets,
    CASE WHEN summed.outlets > 0 AND one_version.same THEN summed.articles END AS articles,
    CASE WHEN summed.outlets > 0 AND one_version.same THEN summed.articles_before END AS articles_before,
    CASE WHEN summed.outlets > 0 AND one_version.same THEN summed.articles - summed.articles_before END AS change,
    CASE
        WHEN summed.outlets > 0 AND one_version.same AND summed.articles_before > 0
            THEN 100.0 * (summed.articles - summed.articles_before) / summed.articles_before
    END AS percent,
    CASE
        WHEN summed.outlets = 0 THEN 'Không so sánh được: không có nguồn nào được theo dõi đầy đủ ở cả hai kỳ.'
        WHEN NOT one_version.same THEN 'Không so sánh được: hai kỳ không cùng quy tắc nhận dạng.'
    END AS not_comparable
FROM summed
JOIN one_version ON one_version.month = summed.month AND one_version.month_before = summed.month_before;
