-- Mỗi tháng có bao nhiêu lượt tin, bài và bao nhiêu tin, bài không trùng về từng chủ đề, theo loại cơ quan?
SELECT month, outlet_kind, topic, articles, stories, focus_articles, passing_articles
FROM coverage_monthly
WHERE is_target
ORDER BY month, outlet_kind, topic;
