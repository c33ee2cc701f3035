-- How often people who looked at a mention found what the rules had found.
SELECT
    topic,
    count(*) FILTER (NOT undecided) AS decided,
    count(*) FILTER (NOT undecided AND decided_sense = ruled_sense) AS agreed,
    count(*) FILTER (undecided) AS settled
FROM (
    SELECT judged.topic, judged.ruled_sense, judged.decided_sense, coalesce(sense.undecided, false) AS undecided
    FROM judged_mentions AS judged
    LEFT JOIN topics AS sense ON sense.topic = judged.topic AND sense.sense = judged.ruled_sense
    WHERE judged.decided_sense IS NOT NULL
)
GROUP BY topic
ORDER BY topic;
