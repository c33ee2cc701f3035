-- What extraction reads besides text and time, and which layout read each capture. All of it comes from the archive, so
-- the files are read again.
ALTER TABLE article_versions ADD COLUMN kicker VARCHAR;
ALTER TABLE article_versions ADD COLUMN kinds VARCHAR[];
ALTER TABLE article_versions ADD COLUMN credit VARCHAR;
ALTER TABLE article_versions ADD COLUMN section_path VARCHAR[];
ALTER TABLE article_versions ADD COLUMN tags VARCHAR[];
ALTER TABLE article_versions ADD COLUMN genre VARCHAR;
ALTER TABLE article_versions ADD COLUMN language VARCHAR;
ALTER TABLE article_versions ADD COLUMN links VARCHAR[];
COMMENT ON COLUMN article_versions.kicker IS 'Words over the headline';
COMMENT ON COLUMN article_versions.kinds IS 'The kind of each line of body: paragraph, subhead, quote, list or box';
COMMENT ON COLUMN article_versions.credit IS 'Agency or paper that the page says the text is from';
COMMENT ON COLUMN article_versions.section_path IS 'Sections the page names, from the widest to the narrowest';
COMMENT ON COLUMN article_versions.tags IS 'Keywords the page gives';
COMMENT ON COLUMN article_versions.genre IS 'What the page says it is: tin, bài, phỏng vấn, phóng sự, infographic, video, ảnh, trực tuyến, thông cáo';
COMMENT ON COLUMN article_versions.language IS 'Language of the text, two letters';
COMMENT ON COLUMN article_versions.links IS 'Addresses that the text links to';

ALTER TABLE captures ADD COLUMN layout VARCHAR;
ALTER TABLE captures ADD COLUMN unread VARCHAR[];
COMMENT ON COLUMN captures.layout IS 'Layout that read the page, or fallback';
COMMENT ON COLUMN captures.unread IS 'Fields that this layout looks for and did not find: sapo, published';

ALTER TABLE outlets ADD COLUMN layouts INTEGER DEFAULT 0;
COMMENT ON COLUMN outlets.layouts IS 'Layouts of its pages in the registry';
DELETE FROM processed_files;
