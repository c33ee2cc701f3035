-- Tin, bài do người phát hiện: hệ thống đã tính chưa, nếu chưa thì vì sao?
SELECT added_at, added_by, topic, outlet_id, url, why, note
FROM missed
ORDER BY why = 'counted', added_at DESC;
