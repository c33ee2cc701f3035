-- Thể loại tin, bài mà trang báo tự ghi?
SELECT coalesce(genre, '(không ghi)') AS genre, count(*) AS articles
FROM articles
GROUP BY genre
ORDER BY articles DESC;
