-- The past month whose sitemap lists a page, or that a sitemap lists: what a backfill is measured by.
ALTER TABLE fetches ADD COLUMN listed_month VARCHAR;
