-- Trong số tin, bài do người phát hiện, tỷ lệ đã được tính là bao nhiêu, khoảng tin cậy 95% thế nào?
SELECT topic, counted, found, share, low, high
FROM missed_recall
ORDER BY topic;
