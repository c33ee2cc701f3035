-- What else an article is about (plan activity, service), in its current text, with the words that show it.
CREATE OR REPLACE VIEW article_facets AS
SELECT head.article_id, facet.kind, facet.value, facet.field, facet.start_pos, facet.end_pos, facet.surface
FROM version_facets AS facet
JOIN article_heads AS head ON head.version_id = facet.version_id;
COMMENT ON VIEW article_facets IS 'What else an article is about, in its current text, with the words that show it';
COMMENT ON COLUMN article_facets.article_id IS 'The article';
COMMENT ON COLUMN article_facets.kind IS 'activity (of the plan) or service';
COMMENT ON COLUMN article_facets.value IS 'The activity or service';
COMMENT ON COLUMN article_facets.field IS 'title, sapo, body or caption';
COMMENT ON COLUMN article_facets.start_pos IS 'First code point in the field, from 0';
COMMENT ON COLUMN article_facets.end_pos IS 'Code point after the last';
COMMENT ON COLUMN article_facets.surface IS 'The words as printed';
