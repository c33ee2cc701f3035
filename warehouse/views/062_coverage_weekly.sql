-- Articles that name a target, by week (from its Monday) and kind of outlet.
CREATE OR REPLACE VIEW coverage_weekly AS
SELECT
    CAST(date_trunc('week', day) AS DATE) AS week,
    outlet_kind,
    topic,
    sum(articles)::BIGINT AS articles,
    sum(focus_articles)::BIGINT AS focus_articles,
    sum(reprints)::BIGINT AS reprints
FROM coverage_daily
WHERE is_target
GROUP BY ALL;
