-- Những trích dẫn nào chưa xác định được, và vì sao?
SELECT counted_at, outlet_id, surface, sentence, reason, url
FROM unresolved_mentions
ORDER BY counted_at DESC;
