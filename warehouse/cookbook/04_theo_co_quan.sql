-- Cơ quan báo chí nào đưa nhiều nhất trong từng tháng?
SELECT month, outlet_name, topic, articles, reprints, focus_articles
FROM coverage_by_outlet
WHERE outlet_kind = 'press'
ORDER BY month DESC, articles DESC, outlet_name, topic;
