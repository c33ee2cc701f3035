-- Tin, bài về chủ đề nằm ở chuyên mục nào của từng cơ quan?
SELECT month, outlet_id, section, topic, articles
FROM coverage_by_section
ORDER BY month DESC, articles DESC, outlet_id, section;
