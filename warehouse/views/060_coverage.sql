-- Articles and stories that name a sense, by day and by month (Vietnam time), all kinds of outlets apart.
CREATE OR REPLACE VIEW coverage_daily AS
SELECT
    article.counted_on AS day,
    outlet.kind AS outlet_kind,
    article.outlet_id,
    named.topic,
    named.sense,
    named.is_target,
    count(*) AS articles,
    count(*) FILTER (named.focus) AS focus_articles,
    count(*) FILTER (article.article_id <> story.first_article_id) AS reprints
FROM article_topics AS named
JOIN articles AS article ON article.article_id = named.article_id
JOIN outlets AS outlet ON outlet.outlet_id = article.outlet_id
JOIN stories AS story ON story.story_id = article.story_id
GROUP BY ALL;
COMMENT ON VIEW coverage_daily IS 'Articles that name a sense, by day of publication in Vietnam and by outlet';
COMMENT ON COLUMN coverage_daily.day IS 'Day in Vietnam';
COMMENT ON COLUMN coverage_daily.outlet_kind IS 'press, own or aggregator';
COMMENT ON COLUMN coverage_daily.outlet_id IS 'The outlet';
COMMENT ON COLUMN coverage_daily.topic IS 'The topic';
COMMENT ON COLUMN coverage_daily.sense IS 'The sense';
COMMENT ON COLUMN coverage_daily.is_target IS 'Whether it is the sense that figures count';
COMMENT ON COLUMN coverage_daily.articles IS 'Lượt đăng';
COMMENT ON COLUMN coverage_daily.focus_articles IS 'Of these, nội dung chính';
COMMENT ON COLUMN coverage_daily.reprints IS 'Of these, not the earliest of their story';

CREATE OR REPLACE VIEW coverage_monthly AS
SELECT
    strftime(article.counted_on, '%Y-%m') AS month,
    outlet.kind AS outlet_kind,
    named.topic,
    named.sense,
    named.is_target,
    count(*) AS articles,
    count(DISTINCT article.story_id) FILTER (strftime(story.first_on, '%Y-%m') = strftime(article.counted_on, '%Y-%m')) AS stories,
    count(*) FILTER (named.focus) AS focus_articles,
    count(*) FILTER (NOT named.focus) AS passing_articles,
    count(*) FILTER (named.phrase_only) AS phrase_only_articles
FROM article_topics AS named
JOIN articles AS article ON article.article_id = named.article_id
JOIN outlets AS outlet ON outlet.outlet_id = article.outlet_id
JOIN stories AS story ON story.story_id = article.story_id
GROUP BY ALL;
COMMENT ON VIEW coverage_monthly IS 'Articles and stories that name a sense, by month of publication in Vietnam and kind of outlet';
COMMENT ON COLUMN coverage_monthly.month IS 'YYYY-MM in Vietnam';
COMMENT ON COLUMN coverage_monthly.outlet_kind IS 'press, own or aggregator';
COMMENT ON COLUMN coverage_monthly.topic IS 'The topic';
COMMENT ON COLUMN coverage_monthly.sense IS 'The sense';
COMMENT ON COLUMN coverage_monthly.is_target IS 'Whether it is the sense that figures count';
COMMENT ON COLUMN coverage_monthly.articles IS 'Lượt đăng';
COMMENT ON COLUMN coverage_monthly.stories IS 'Tin, bài không trùng whose earliest article is of this month; not to be added over kinds of outlets';
COMMENT ON COLUMN coverage_monthly.focus_articles IS 'Of the articles, nội dung chính';
COMMENT ON COLUMN coverage_monthly.passing_articles IS 'Of the articles, nhắc đến';
COMMENT ON COLUMN coverage_monthly.phrase_only_articles IS 'Of the articles, those that name it only in words';
