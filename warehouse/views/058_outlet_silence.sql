-- What can be said of each outlet, month and topic: articles, or which of three silences. Only a month followed completely
-- proves that nothing was found.
CREATE OR REPLACE VIEW outlet_silence AS
WITH named AS (
    SELECT article.outlet_id, strftime(article.counted_on, '%Y-%m') AS month, found.topic, count(*) AS articles
    FROM article_topics AS found
    JOIN articles AS article ON article.article_id = found.article_id
    WHERE found.is_target
    GROUP BY ALL
)
SELECT
    followed.month,
    followed.outlet_id,
    followed.outlet_kind,
    followed.core,
    topic.topic,
    coalesce(named.articles, 0) AS articles,
    followed.completeness,
    CASE
        WHEN named.articles > 0 THEN 'Có tin, bài'
        WHEN followed.out_of_reach THEN 'Ngoài khả năng theo dõi'
        WHEN followed.complete AND followed.articles > 0 THEN 'Không phát hiện tin, bài'
        ELSE 'Chưa đủ dữ liệu để kết luận'
    END AS state
FROM outlet_months AS followed
CROSS JOIN (SELECT DISTINCT topic FROM topics) AS topic
LEFT JOIN named
    ON named.outlet_id = followed.outlet_id AND named.month = followed.month AND named.topic = topic.topic;
