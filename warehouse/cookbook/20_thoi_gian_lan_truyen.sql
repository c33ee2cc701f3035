-- Từ tin, bài đầu tiên đến tin, bài đăng lại cuối cùng cách nhau bao lâu?
SELECT story.story_id, story.articles, story.first_at, date_diff('minute', story.first_at, story.last_at) / 60.0 AS hours
FROM stories AS story
WHERE story.articles > 1
ORDER BY hours DESC;
