-- Cơ quan nào đăng đầu tiên, và sau bao lâu một nửa số lượt đăng xuất hiện?
SELECT first_outlet_id, topic, count(*) AS stories, median(hours_to_half) AS hours_to_half, max(outlets) AS most_outlets
FROM story_spread
WHERE articles > 1
GROUP BY ALL
ORDER BY stories DESC, first_outlet_id, topic;
