-- Mỗi lý do làm bỏ sót bao nhiêu tin, bài của từng chủ đề?
SELECT topic, split_part(why, ':', 1) AS why, count(*) AS found
FROM missed
GROUP BY ALL
ORDER BY topic, found DESC;
