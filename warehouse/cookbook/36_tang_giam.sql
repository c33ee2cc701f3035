-- Lượt đăng tăng, giảm bao nhiêu so với tháng trước và cùng kỳ, trên các nguồn theo dõi đầy đủ ở cả hai kỳ?
SELECT month, step, outlet_kind, topic, outlets, articles_before, articles, change, percent, not_comparable
FROM coverage_change
ORDER BY month DESC, step, outlet_kind, topic;
