-- Người có thẩm quyền đã quyết định những gì, khi nào, vì sao?
SELECT decided_at, decided_by, subject, subject_key, decision, reason
FROM reviews
ORDER BY decided_at DESC;
