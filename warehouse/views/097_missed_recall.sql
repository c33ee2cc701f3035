-- Of what people found of each topic, how much we hold and count, in percent, with Wilson's 95 % interval.
CREATE OR REPLACE VIEW missed_recall AS
WITH counted AS (
    SELECT topic.topic, count(missed.entry_id) AS found, count(*) FILTER (missed.why = 'counted') AS counted
    FROM (SELECT DISTINCT topic FROM topics) AS topic
    LEFT JOIN missed ON missed.topic = topic.topic
    GROUP BY topic.topic
), spread AS (
    -- Half of z squared, and z times the root, with z = 1.96; empty where nothing was found.
    SELECT *, 1.9208 AS half, 1.96 * sqrt(counted * (found - counted) / nullif(found, 0) + 0.9604) AS around
    FROM counted
)
SELECT
    topic,
    found,
    counted,
    100.0 * counted / nullif(found, 0) AS share,
    100.0 * (counted + half - around) / (found + 2 * half) AS low,
    100.0 * (counted + half + around) / (found + 2 * half) AS high
FROM spread;
