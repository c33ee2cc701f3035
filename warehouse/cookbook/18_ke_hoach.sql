-- Mỗi nhiệm vụ của Kế hoạch có bao nhiêu tin, bài; nhiệm vụ nào báo chí không thể hiện được?
SELECT activity_id, observable, month, outlet_kind, articles, stories
FROM plan_progress
ORDER BY position, month, outlet_kind;
