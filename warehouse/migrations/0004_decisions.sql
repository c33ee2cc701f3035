-- What decisions make of stories, worked out when either changes; the values facets can have, for people and decisions.
CREATE TABLE story_overrides (
    article_id VARCHAR PRIMARY KEY,
    story_id   VARCHAR NOT NULL,
    decided_by VARCHAR NOT NULL
);
COMMENT ON TABLE story_overrides IS 'Articles whose story a person has decided';
COMMENT ON COLUMN story_overrides.article_id IS 'The article';
COMMENT ON COLUMN story_overrides.story_id IS 'Its story';
COMMENT ON COLUMN story_overrides.decided_by IS 'Who decided it';

CREATE TABLE facet_values (
    kind        VARCHAR NOT NULL,
    kind_label  VARCHAR NOT NULL,
    value       VARCHAR NOT NULL,
    value_label VARCHAR NOT NULL,
    PRIMARY KEY (kind, value)
);
COMMENT ON TABLE facet_values IS 'The values that facets can have, from facets.yaml';
COMMENT ON COLUMN facet_values.kind IS 'activity, service, payment, audience, agency, quoted or call';
COMMENT ON COLUMN facet_values.kind_label IS 'Its name in Vietnamese';
COMMENT ON COLUMN facet_values.value IS 'The value';
COMMENT ON COLUMN facet_values.value_label IS 'Its name in Vietnamese';
