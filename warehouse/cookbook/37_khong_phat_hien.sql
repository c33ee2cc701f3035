-- Cơ quan báo chí nào không phát hiện tin, bài, và cơ quan nào chưa đủ dữ liệu để kết luận?
SELECT month, state, topic, count(*) AS outlets, string_agg(outlet_id, ', ' ORDER BY outlet_id) AS which
FROM outlet_silence
WHERE articles = 0
GROUP BY ALL
ORDER BY month DESC, state, topic;
