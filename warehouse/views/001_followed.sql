-- Whether an outlet was followed completely over some days: enough of the announced pages held, enough of the days watched,
-- no source silent. What came by a backfill or an import (not live) has no feed of its time to be measured by.
CREATE OR REPLACE MACRO followed_completely(
    live, announced, collected, watched_days, days, sources, sources_not_in_archive, sources_silent, complete_from, watched_from
) AS
    live
    AND announced > 0
    AND 100.0 * collected / announced >= complete_from
    AND 100.0 * watched_days / days >= watched_from
    AND sources > sources_not_in_archive
    AND sources_silent = 0;

-- Whether it could not be followed at all: its file says so, there is nothing to ask, or nothing that may be asked.
CREATE OR REPLACE MACRO beyond_following(beyond_reach, sources, sources_switched_on, sources_refused) AS
    beyond_reach IS NOT NULL
    OR (sources = 0 AND sources_switched_on = 0)
    OR (sources > 0 AND sources_refused = sources);
