-- What can be said of each outlet, month and topic: articles, or which of three silences. Only a month followed completely
-- proves that nothing was found.
CREATE OR REPLACE VIEW outlet_silence AS
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
LEFT JOIN coverage_by_outlet AS named
    ON named.outlet_id = followed.outlet_id AND named.month = followed.month AND named.topic = topic.topic;
