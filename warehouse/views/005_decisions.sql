-- The last word of a person on each thing: what was decided before it is kept in reviews and has no effect.
CREATE OR REPLACE VIEW decisions AS
SELECT subject, subject_key, decision, decided_at, decided_by, reason
FROM reviews
QUALIFY row_number() OVER (PARTITION BY subject, subject_key ORDER BY decided_at DESC, decision_id DESC) = 1;
COMMENT ON VIEW decisions IS 'The last decision of a person on each thing; it overrides the rules';
COMMENT ON COLUMN decisions.subject IS 'What was decided: mention, tone, facet, published, story, origin or day';
COMMENT ON COLUMN decisions.subject_key IS 'Which one: mention article|topic|sentence digest|occurrence; tone article|topic|sentence digest; facet article|kind|value; published, story and origin article; day outlet|yyyy-mm-dd';
COMMENT ON COLUMN decisions.decision IS 'mention: a sense, or none; tone: criticism or neutral; facet: yes or no; published: a time; story: alone, or the article it belongs with; origin: yes or no; day: complete or incomplete';
COMMENT ON COLUMN decisions.decided_at IS 'When';
COMMENT ON COLUMN decisions.decided_by IS 'Who';
COMMENT ON COLUMN decisions.reason IS 'Why';

-- Story of each article, as the texts say or as a person has decided.
CREATE OR REPLACE VIEW story_of AS
SELECT member.article_id, coalesce(decided.story_id, member.story_id) AS story_id, decided.decided_by
FROM story_members AS member
LEFT JOIN story_overrides AS decided ON decided.article_id = member.article_id;
COMMENT ON VIEW story_of IS 'The story of each article: by its text, or as a person has decided';
COMMENT ON COLUMN story_of.article_id IS 'The article';
COMMENT ON COLUMN story_of.story_id IS 'Its story';
COMMENT ON COLUMN story_of.decided_by IS 'Who decided it; empty: the texts did';
