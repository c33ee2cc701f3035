-- Ngày nào của cơ quan nào không được theo dõi hoặc còn thiếu trang?
SELECT outlet_id, day, announced, collected, watched
FROM outlet_days
WHERE NOT watched OR collected < announced
ORDER BY day DESC, outlet_id;
