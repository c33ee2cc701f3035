-- Trong 1.000 tin, bài thu thập được của mỗi cơ quan có bao nhiêu tin, bài về từng chủ đề?
SELECT month, outlet_id, topic, articles, collected, per_1000
FROM share_of_voice
ORDER BY month DESC, per_1000 DESC, outlet_id;
