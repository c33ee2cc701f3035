-- Fields of service that articles of the press on the portal from $first to $last are about: an article can be about
-- several, so rows are never added.
SELECT label.value, label.value_label, count(DISTINCT article.article_id) AS articles
FROM facet_values AS label
LEFT JOIN (
    SELECT facet.value, fact.article_id
    FROM article_facets AS facet
    JOIN article_topics AS named
        ON named.article_id = facet.article_id AND named.is_target AND named.topic = $topic
    JOIN articles AS fact ON fact.article_id = facet.article_id
    JOIN outlets AS outlet ON outlet.outlet_id = fact.outlet_id AND outlet.kind = 'press'
    WHERE facet.kind = 'service' AND fact.counted_on BETWEEN $first AND $last
) AS article ON article.value = label.value
WHERE label.kind = 'service'
GROUP BY ALL
ORDER BY articles DESC, label.value_label;
