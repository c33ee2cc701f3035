-- Độ bao phủ nhiều nhất có thể đạt bao nhiêu (cận trên), theo phần trùng nhau giữa RSS và sơ đồ trang?
SELECT month, outlet_id, by_feed, by_sitemap, by_both, round(estimate, 1) AS estimate, collected, round(recall, 1) AS at_most
FROM recall_estimate
WHERE recall IS NOT NULL
ORDER BY month DESC, recall, outlet_id;
