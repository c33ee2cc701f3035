-- What in the text of an article names a topic, with all that an auditor asks.
SELECT topic, sense, is_target, form, field, start_pos, end_pos, surface, sentence, confidence, reason, decided_by
FROM mentions
WHERE article_id = $article
ORDER BY CASE field WHEN 'title' THEN 0 WHEN 'sapo' THEN 1 WHEN 'body' THEN 2 ELSE 3 END, start_pos;
