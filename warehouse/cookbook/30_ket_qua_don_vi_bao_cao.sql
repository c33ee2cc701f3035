-- Đơn vị đã báo cáo những kết quả nào cho từng nhiệm vụ của Kế hoạch, theo văn bản nào; nhiệm vụ nào báo chí không thể hiện được?
SELECT activity.activity_id, activity.activity, activity.observable, entry.month, entry.result, entry.unit, entry.document, entry.dated
FROM plan_activities AS activity
LEFT JOIN plan_entries AS entry USING (activity_id)
ORDER BY activity.position, entry.month, entry.position;
