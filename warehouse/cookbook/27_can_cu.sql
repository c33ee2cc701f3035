-- Một trích dẫn nằm ở tệp lưu trữ nào, byte nào, mã băm nào?
SELECT mention.topic, mention.sense, mention.field, mention.start_pos, mention.end_pos, mention.sentence, article.url, article.archive_file, article.archive_offset, article.payload_digest
FROM mentions AS mention
JOIN articles AS article USING (article_id)
WHERE mention.is_target
ORDER BY article.counted_at, mention.mention_id;
