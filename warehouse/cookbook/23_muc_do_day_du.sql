-- Mỗi lần thu thập đã lấy được bao nhiêu phần của những gì được công bố?
SELECT crawl_time, state, outlets_reached, outlets, announced, new, changed, unchanged, withdrawn, failed, deferred, refused
FROM runs
ORDER BY crawl_time DESC;
