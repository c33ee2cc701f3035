-- Tin, bài lấy lại của hãng tin, cơ quan nào?
SELECT credit, count(*) AS articles
FROM articles
WHERE credit IS NOT NULL
GROUP BY credit
ORDER BY articles DESC, credit;
