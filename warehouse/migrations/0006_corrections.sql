-- Of lines that are older than corrections it is 0, as load_journal fills in.
ALTER TABLE reports_sent ADD COLUMN revision INTEGER DEFAULT 0;
