-- What the archive, the configuration and the journal say, as tables. Views over them: views/*.sql.

CREATE TABLE outlets (
    outlet_id      VARCHAR PRIMARY KEY,
    name           VARCHAR NOT NULL,
    governing_body VARCHAR NOT NULL,
    kind           VARCHAR NOT NULL CHECK (kind IN ('press', 'own', 'aggregator')),
    tier           VARCHAR NOT NULL CHECK (tier IN ('central', 'ministry', 'local')),
    language       VARCHAR NOT NULL,
    rolls_up_to    VARCHAR,
    core_document  VARCHAR
);
COMMENT ON TABLE outlets IS 'The registry of publications, from config/outlets';
COMMENT ON COLUMN outlets.outlet_id IS 'Short name, also the name of its file in config/outlets';
COMMENT ON COLUMN outlets.name IS 'Official name';
COMMENT ON COLUMN outlets.governing_body IS 'Cơ quan chủ quản';
COMMENT ON COLUMN outlets.kind IS 'press; own: a channel of the Government; aggregator: trang thông tin điện tử tổng hợp, counted apart';
COMMENT ON COLUMN outlets.tier IS 'central, ministry (also sectors and associations) or local';
COMMENT ON COLUMN outlets.language IS 'Language of the edition';
COMMENT ON COLUMN outlets.rolls_up_to IS 'The press agency this outlet belongs to, where it is not its own';
COMMENT ON COLUMN outlets.core_document IS 'The document that names the outlet as cơ quan báo chí nòng cốt (activity I.1); empty until supplied';

CREATE TABLE feeds (
    outlet_id VARCHAR NOT NULL,
    url       VARCHAR NOT NULL,
    kind      VARCHAR NOT NULL CHECK (kind IN ('feed', 'sitemap')),
    label     VARCHAR,
    verified  VARCHAR,
    PRIMARY KEY (outlet_id, url)
);
COMMENT ON TABLE feeds IS 'Feeds and sitemaps of the registry';
COMMENT ON COLUMN feeds.outlet_id IS 'The outlet that serves it';
COMMENT ON COLUMN feeds.url IS 'Its address';
COMMENT ON COLUMN feeds.kind IS 'feed or sitemap';
COMMENT ON COLUMN feeds.label IS 'The section it covers, as the outlet names it';
COMMENT ON COLUMN feeds.verified IS 'How and when it was seen alive; empty: switched off';

CREATE TABLE topics (
    topic       VARCHAR NOT NULL,
    sense       VARCHAR NOT NULL,
    is_target   BOOLEAN NOT NULL,
    undecided   BOOLEAN NOT NULL,
    topic_label VARCHAR NOT NULL,
    sense_label VARCHAR NOT NULL,
    PRIMARY KEY (topic, sense)
);
COMMENT ON TABLE topics IS 'What is watched, and which real things its names can mean, from config/topics.yaml';
COMMENT ON COLUMN topics.topic IS 'Short name of the topic';
COMMENT ON COLUMN topics.sense IS 'Short name of the sense';
COMMENT ON COLUMN topics.is_target IS 'Whether this sense is the one that figures count';
COMMENT ON COLUMN topics.undecided IS 'Whether this sense says that the rules can''t decide';
COMMENT ON COLUMN topics.topic_label IS 'Name of the topic in Vietnamese';
COMMENT ON COLUMN topics.sense_label IS 'Name of the sense in Vietnamese';

CREATE TABLE plan_activities (
    activity_id VARCHAR PRIMARY KEY,
    position    INTEGER NOT NULL,
    group_title VARCHAR NOT NULL,
    activity    VARCHAR NOT NULL,
    starts      VARCHAR NOT NULL,
    ends        VARCHAR NOT NULL,
    leads       VARCHAR[] NOT NULL,
    partners    VARCHAR[] NOT NULL,
    results     VARCHAR[] NOT NULL,
    observable  VARCHAR NOT NULL CHECK (observable IN ('full', 'partly', 'no')),
    topics      VARCHAR[] NOT NULL,
    target      INTEGER
);
COMMENT ON TABLE plan_activities IS 'The eleven activities of the plan issued with Decision 815/QĐ-VPCP, as the plan words them';
COMMENT ON COLUMN plan_activities.activity_id IS 'I.1 to III.4';
COMMENT ON COLUMN plan_activities.position IS 'Row in the plan, from 1';
COMMENT ON COLUMN plan_activities.group_title IS 'Heading of its part of the plan';
COMMENT ON COLUMN plan_activities.activity IS 'Nội dung hoạt động';
COMMENT ON COLUMN plan_activities.starts IS 'First month, YYYY-MM';
COMMENT ON COLUMN plan_activities.ends IS 'Last month, YYYY-MM';
COMMENT ON COLUMN plan_activities.leads IS 'Cơ quan chủ trì';
COMMENT ON COLUMN plan_activities.partners IS 'Cơ quan phối hợp';
COMMENT ON COLUMN plan_activities.results IS 'Kết quả hoạt động';
COMMENT ON COLUMN plan_activities.observable IS 'What the press can show of it: full, partly, no';
COMMENT ON COLUMN plan_activities.topics IS 'Topics whose articles can show it';
COMMENT ON COLUMN plan_activities.target IS 'Target in articles, where KSTT has set one';

CREATE TABLE processed_files (
    archive_file VARCHAR PRIMARY KEY,
    fingerprint  VARCHAR NOT NULL,
    captures     INTEGER NOT NULL,
    damages      INTEGER NOT NULL
);
COMMENT ON TABLE processed_files IS 'Archive files that have been read, and by which rules';
COMMENT ON COLUMN processed_files.archive_file IS 'File, relative to the workspace';
COMMENT ON COLUMN processed_files.fingerprint IS 'Digest of the code and configuration that read it';
COMMENT ON COLUMN processed_files.captures IS 'Captures of article pages found in it';
COMMENT ON COLUMN processed_files.damages IS 'Stretches of it that could not be read';

CREATE TABLE archive_damages (
    archive_file   VARCHAR NOT NULL,
    archive_offset BIGINT NOT NULL,
    what           VARCHAR NOT NULL,
    PRIMARY KEY (archive_file, archive_offset)
);
COMMENT ON TABLE archive_damages IS 'Stretches of archive files that hold no good record';
COMMENT ON COLUMN archive_damages.archive_file IS 'File, relative to the workspace';
COMMENT ON COLUMN archive_damages.archive_offset IS 'First byte of the damage';
COMMENT ON COLUMN archive_damages.what IS 'What is wrong there';

CREATE TABLE captures (
    archive_file   VARCHAR NOT NULL,
    archive_offset BIGINT NOT NULL,
    article_id     VARCHAR NOT NULL,
    outlet_id      VARCHAR NOT NULL,
    url            VARCHAR NOT NULL,
    captured_at    TIMESTAMPTZ NOT NULL,
    status         INTEGER NOT NULL,
    payload_digest VARCHAR,
    problem        VARCHAR,
    version_id     VARCHAR,
    PRIMARY KEY (archive_file, archive_offset)
);
COMMENT ON TABLE captures IS 'Every look at an article page that an archive holds';
COMMENT ON COLUMN captures.archive_file IS 'File, relative to the workspace';
COMMENT ON COLUMN captures.archive_offset IS 'First byte of the response record';
COMMENT ON COLUMN captures.article_id IS 'The article the page belongs to';
COMMENT ON COLUMN captures.outlet_id IS 'The outlet that served it';
COMMENT ON COLUMN captures.url IS 'Address, normalised';
COMMENT ON COLUMN captures.captured_at IS 'When it was served';
COMMENT ON COLUMN captures.status IS 'HTTP status';
COMMENT ON COLUMN captures.payload_digest IS 'Digest of the payload, as recorded in the archive';
COMMENT ON COLUMN captures.problem IS 'Why no article could be read from it';
COMMENT ON COLUMN captures.version_id IS 'The version of the article that it shows';

CREATE TABLE article_versions (
    version_id     VARCHAR PRIMARY KEY,
    article_id     VARCHAR NOT NULL,
    captured_at    TIMESTAMPTZ NOT NULL,
    archive_file   VARCHAR NOT NULL,
    archive_offset BIGINT NOT NULL,
    payload_digest VARCHAR,
    title          VARCHAR,
    sapo           VARCHAR USING COMPRESSION zstd,
    body           VARCHAR NOT NULL USING COMPRESSION zstd,
    captions       VARCHAR USING COMPRESSION zstd,
    authors        VARCHAR[] NOT NULL,
    section        VARCHAR,
    published_at   TIMESTAMPTZ,
    modified_at    TIMESTAMPTZ,
    canonical_url  VARCHAR,
    layout         VARCHAR NOT NULL,
    word_count     INTEGER NOT NULL,
    body_hash      VARCHAR NOT NULL
);
COMMENT ON TABLE article_versions IS 'Every distinct text (title, sapo, body) an article has had';
COMMENT ON COLUMN article_versions.version_id IS 'Article and digest of its text';
COMMENT ON COLUMN article_versions.article_id IS 'The article';
COMMENT ON COLUMN article_versions.captured_at IS 'When this text was first seen';
COMMENT ON COLUMN article_versions.archive_file IS 'Archive file of that capture, relative to the workspace';
COMMENT ON COLUMN article_versions.archive_offset IS 'First byte of its response record';
COMMENT ON COLUMN article_versions.payload_digest IS 'Digest of its payload, as recorded in the archive';
COMMENT ON COLUMN article_versions.title IS 'Headline';
COMMENT ON COLUMN article_versions.sapo IS 'Standfirst under the headline';
COMMENT ON COLUMN article_versions.body IS 'Paragraphs, one a line';
COMMENT ON COLUMN article_versions.captions IS 'Captions, one a line';
COMMENT ON COLUMN article_versions.authors IS 'Names in the byline';
COMMENT ON COLUMN article_versions.section IS 'Section the page names';
COMMENT ON COLUMN article_versions.published_at IS 'Time of publication that the page gives';
COMMENT ON COLUMN article_versions.modified_at IS 'Time of the last change that the page gives';
COMMENT ON COLUMN article_versions.canonical_url IS 'Address the page gives itself';
COMMENT ON COLUMN article_versions.layout IS 'Layout that read the page, or fallback';
COMMENT ON COLUMN article_versions.word_count IS 'Syllables of sapo and body, as separated by spaces';
COMMENT ON COLUMN article_versions.body_hash IS 'Digest of the body without case, punctuation and white space';

CREATE TABLE version_mentions (
    mention_id VARCHAR PRIMARY KEY,
    version_id VARCHAR NOT NULL,
    field      VARCHAR NOT NULL CHECK (field IN ('title', 'sapo', 'body', 'caption')),
    start_pos  INTEGER NOT NULL,
    end_pos    INTEGER NOT NULL,
    surface    VARCHAR NOT NULL,
    topic      VARCHAR NOT NULL,
    sense      VARCHAR NOT NULL,
    form       VARCHAR NOT NULL CHECK (form IN ('number', 'name', 'address', 'phrase')),
    confidence DOUBLE NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    reason     VARCHAR NOT NULL,
    sentence   VARCHAR NOT NULL,
    occurrence INTEGER NOT NULL,
    CHECK (start_pos >= 0 AND end_pos > start_pos)
);
COMMENT ON TABLE version_mentions IS 'Spans that name a topic, in every version of every article';
COMMENT ON COLUMN version_mentions.mention_id IS 'Version, topic, field and position';
COMMENT ON COLUMN version_mentions.version_id IS 'The version whose text it is in';
COMMENT ON COLUMN version_mentions.field IS 'title, sapo, body or caption';
COMMENT ON COLUMN version_mentions.start_pos IS 'First code point in the field, from 0';
COMMENT ON COLUMN version_mentions.end_pos IS 'Code point after the last';
COMMENT ON COLUMN version_mentions.surface IS 'The words as printed';
COMMENT ON COLUMN version_mentions.topic IS 'The topic named';
COMMENT ON COLUMN version_mentions.sense IS 'Which real thing the words name';
COMMENT ON COLUMN version_mentions.form IS 'number, name, address or phrase';
COMMENT ON COLUMN version_mentions.confidence IS 'How sure the rules are, 0 to 1';
COMMENT ON COLUMN version_mentions.reason IS 'Why the rules chose this sense';
COMMENT ON COLUMN version_mentions.sentence IS 'The sentence, as stored';
COMMENT ON COLUMN version_mentions.occurrence IS 'Which mention of the topic within that sentence, from 0';

CREATE TABLE version_facets (
    version_id VARCHAR NOT NULL,
    kind       VARCHAR NOT NULL,
    value      VARCHAR NOT NULL,
    field      VARCHAR NOT NULL,
    start_pos  INTEGER NOT NULL,
    end_pos    INTEGER NOT NULL,
    surface    VARCHAR NOT NULL
);
COMMENT ON TABLE version_facets IS 'What else an article is about, with the words that show it, in every version';
COMMENT ON COLUMN version_facets.version_id IS 'The version whose text it is in';
COMMENT ON COLUMN version_facets.kind IS 'activity (of the plan) or service';
COMMENT ON COLUMN version_facets.value IS 'The activity or service';
COMMENT ON COLUMN version_facets.field IS 'title, sapo, body or caption';
COMMENT ON COLUMN version_facets.start_pos IS 'First code point in the field, from 0';
COMMENT ON COLUMN version_facets.end_pos IS 'Code point after the last';
COMMENT ON COLUMN version_facets.surface IS 'The words as printed';

CREATE TABLE article_heads (
    article_id    VARCHAR PRIMARY KEY,
    outlet_id     VARCHAR NOT NULL,
    url           VARCHAR NOT NULL,
    version_id    VARCHAR NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL,
    last_seen_at  TIMESTAMPTZ NOT NULL,
    withdrawn_at  TIMESTAMPTZ,
    announced_at  TIMESTAMPTZ,
    published_at  TIMESTAMPTZ
);
COMMENT ON TABLE article_heads IS 'Each article once, with its current version';
COMMENT ON COLUMN article_heads.article_id IS 'Digest of outlet and normalised address';
COMMENT ON COLUMN article_heads.outlet_id IS 'The outlet that published it';
COMMENT ON COLUMN article_heads.url IS 'Address, normalised';
COMMENT ON COLUMN article_heads.version_id IS 'The version last seen';
COMMENT ON COLUMN article_heads.first_seen_at IS 'Its first good capture';
COMMENT ON COLUMN article_heads.last_seen_at IS 'Its last good capture';
COMMENT ON COLUMN article_heads.withdrawn_at IS 'When it was found gone for the second time, at least 20 hours after the first';
COMMENT ON COLUMN article_heads.announced_at IS 'Earliest time a feed or sitemap gave for it';
COMMENT ON COLUMN article_heads.published_at IS 'Earliest time of publication that any version of its page gives: a revision does not move it to another month';

CREATE TABLE story_members (
    article_id VARCHAR PRIMARY KEY,
    story_id   VARCHAR NOT NULL
);
COMMENT ON TABLE story_members IS 'Which articles share a text';
COMMENT ON COLUMN story_members.article_id IS 'The article';
COMMENT ON COLUMN story_members.story_id IS 'The story: named after its earliest article';

CREATE TABLE crawls (
    archive_file VARCHAR PRIMARY KEY,
    run_id       VARCHAR NOT NULL,
    outlet_id    VARCHAR NOT NULL,
    mode         VARCHAR NOT NULL CHECK (mode IN ('live', 'replay')),
    crawl_time   TIMESTAMPTZ NOT NULL,
    started_at   TIMESTAMPTZ NOT NULL,
    ended_at     TIMESTAMPTZ NOT NULL,
    finish       VARCHAR NOT NULL,
    reached      BOOLEAN NOT NULL
);
COMMENT ON TABLE crawls IS 'One outlet in one run, from the crawl log in its archive file';
COMMENT ON COLUMN crawls.archive_file IS 'File, relative to the workspace';
COMMENT ON COLUMN crawls.run_id IS 'The run';
COMMENT ON COLUMN crawls.outlet_id IS 'The outlet';
COMMENT ON COLUMN crawls.mode IS 'live, or replay of an archive';
COMMENT ON COLUMN crawls.crawl_time IS 'The time the crawl went by: the clock, or the replayed archive''s latest';
COMMENT ON COLUMN crawls.started_at IS 'By the clock';
COMMENT ON COLUMN crawls.ended_at IS 'By the clock';
COMMENT ON COLUMN crawls.finish IS 'Why it ended: finished, shutdown, closespider_timeout';
COMMENT ON COLUMN crawls.reached IS 'Whether a source or page of the outlet answered';

CREATE TABLE fetches (
    archive_file VARCHAR NOT NULL,
    run_id       VARCHAR NOT NULL,
    outlet_id    VARCHAR NOT NULL,
    url          VARCHAR NOT NULL,
    kind         VARCHAR NOT NULL CHECK (kind IN ('page', 'feed', 'sitemap', 'robots')),
    article_id   VARCHAR,
    announced    BOOLEAN NOT NULL,
    relook       BOOLEAN NOT NULL,
    announced_at TIMESTAMPTZ,
    items        INTEGER,
    newest_at    TIMESTAMPTZ,
    crawled      VARCHAR NOT NULL,
    outcome      VARCHAR NOT NULL,
    reason       VARCHAR,
    status       INTEGER,
    PRIMARY KEY (archive_file, kind, url)
);
COMMENT ON TABLE fetches IS 'Every source asked and every page announced in a run, with its one outcome';
COMMENT ON COLUMN fetches.archive_file IS 'Archive file of the run and outlet';
COMMENT ON COLUMN fetches.run_id IS 'The run';
COMMENT ON COLUMN fetches.outlet_id IS 'The outlet';
COMMENT ON COLUMN fetches.url IS 'Address asked for';
COMMENT ON COLUMN fetches.kind IS 'page, feed, sitemap or robots';
COMMENT ON COLUMN fetches.article_id IS 'The article of the page, where it was fetched or known';
COMMENT ON COLUMN fetches.announced IS 'Whether a source announced it in this run; false: only looked at again';
COMMENT ON COLUMN fetches.relook IS 'Whether a known page was fetched again';
COMMENT ON COLUMN fetches.announced_at IS 'Time the source gave for the page';
COMMENT ON COLUMN fetches.items IS 'Of sources: items announced in all';
COMMENT ON COLUMN fetches.newest_at IS 'Of sources: time of the newest item';
COMMENT ON COLUMN fetches.crawled IS 'What the crawler saw: fetched, known, failed, deferred, refused, not_in_archive; of sources: ok, failed, refused, not_in_archive';
COMMENT ON COLUMN fetches.outcome IS 'Of pages: new, changed, unchanged, withdrawn, failed, deferred, refused, not_in_archive; of sources as crawled';
COMMENT ON COLUMN fetches.reason IS 'Why, in a word';
COMMENT ON COLUMN fetches.status IS 'HTTP status';

CREATE TABLE reviews (
    decision_id VARCHAR PRIMARY KEY,
    decided_at  TIMESTAMPTZ NOT NULL,
    decided_by  VARCHAR NOT NULL,
    subject     VARCHAR NOT NULL,
    subject_key VARCHAR NOT NULL,
    decision    VARCHAR NOT NULL,
    reason      VARCHAR
);
COMMENT ON TABLE reviews IS 'People''s decisions, from journal/decisions.jsonl';
COMMENT ON COLUMN reviews.decision_id IS 'Digest of the journal line';
COMMENT ON COLUMN reviews.decided_at IS 'When';
COMMENT ON COLUMN reviews.decided_by IS 'Who';
COMMENT ON COLUMN reviews.subject IS 'What kind of thing was decided: mention, story, ...';
COMMENT ON COLUMN reviews.subject_key IS 'Which one';
COMMENT ON COLUMN reviews.decision IS 'The decision';
COMMENT ON COLUMN reviews.reason IS 'Why';

CREATE TABLE reports_sent (
    entry_id   VARCHAR PRIMARY KEY,
    written_at TIMESTAMPTZ NOT NULL,
    report     VARCHAR NOT NULL,
    period     VARCHAR NOT NULL,
    recipient  VARCHAR NOT NULL,
    state      VARCHAR NOT NULL,
    message_id VARCHAR NOT NULL,
    detail     VARCHAR
);
COMMENT ON TABLE reports_sent IS 'The mail ledger, from journal/mail.jsonl: what was sent, to whom, with what result';
COMMENT ON COLUMN reports_sent.entry_id IS 'Digest of the journal line';
COMMENT ON COLUMN reports_sent.written_at IS 'When the entry was written';
COMMENT ON COLUMN reports_sent.report IS 'monthly';
COMMENT ON COLUMN reports_sent.period IS 'The period reported, as 2021-07';
COMMENT ON COLUMN reports_sent.recipient IS 'Address';
COMMENT ON COLUMN reports_sent.state IS 'sending, sent, kept (in outbox/), refused, failed or unknown';
COMMENT ON COLUMN reports_sent.message_id IS 'Message-ID of the mail';
COMMENT ON COLUMN reports_sent.detail IS 'The server''s words, or the file in outbox/';
