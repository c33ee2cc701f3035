"""What makes the crawl of an outlet a bad one, a sentence each. Silence is said, never taken for lack of news."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from archive.crawl_log import PageLog, SourceLog, count_fresh
from archive.index import IndexReader
from config.clock import VIETNAM
from config.crawl import Crawl
from config.outlets import Outlet
from crawler.habits import failing_since, silent_since

#: An outlet's own volume is known after a week of nights.
_FEWEST_NIGHTS = 7
_NIGHTS = 28
#: Below this share of its median a night is suspect, above this multiple it is odd.
_LOW, _HIGH = 0.3, 4
#: So many pages fail on any night.
_FEWEST_FAILURES, _MANY_FAILURES = 3, 0.1
_MOST = 0.5
_TURNED_AWAY = ("challenge", "login")


@dataclass(frozen=True, slots=True)
class Seen:
    """What one crawl of an outlet saw."""

    outlet: Outlet
    now: dt.datetime
    sources: Sequence[SourceLog]
    pages: Sequence[PageLog]
    given_up: int = 0

    @property
    def fresh(self) -> int:
        """Pages got for the first time."""
        return count_fresh(self.pages)


def alarms(seen: Seen, past: IndexReader, manners: Crawl) -> tuple[str, ...]:
    """Empty for a good crawl."""
    listed = [source for source in seen.sources if source.kind != "robots"]
    own = [source for source in seen.sources if source.listed or source.kind == "robots"]
    found = [_source_alarm(source, past, seen.now) for source in own]
    found.append(_found_sources(seen.sources))
    found.append(_turned_away(seen))
    if any(source.outcome == "ok" for source in listed):
        found += [_nothing_new(seen, past), _volume(seen, past, manners), _old_news(seen)]
    else:
        found.insert(0, "not reached: no feed, sitemap or section page answered")
    found += [_failing(seen), _refused(seen), *_left(seen)]
    return tuple(alarm for alarm in found if alarm)


def _source_alarm(source: SourceLog, past: IndexReader, now: dt.datetime) -> str | None:
    looks = past.source_looks(source.url)
    if source.outcome == "waiting":
        return f"source failing since {_day(failing_since(looks))}, and asked less and less often: {source.url}"
    if source.outcome == "refused":
        return f"source refused: {source.url}: {_words(source.reason)}"
    if source.outcome == "failed":
        since = failing_since(looks)
        known = f", failing since {_day(since)}" if since else ""
        return f"source failed: {source.url}: {_words(source.reason)}{known}"
    if source.reason and source.reason != "not_modified":
        return f"source answered with a fault: {source.url}: {_words(source.reason)}"
    if source.kind == "feed" and source.outcome == "ok" and not source.unknown:
        newest = dt.datetime.fromisoformat(source.newest) if source.newest else None
        if since := silent_since(looks, newest, now):
            return f"source silent: {source.url}: nothing new since {_minute(since)}"
    return None


def _turned_away(seen: Seen) -> str | None:
    """One article behind a log-in is no closed outlet; a source, or many pages, are."""
    pages = sum(page.reason in _TURNED_AWAY for page in seen.pages)
    sources = sum(source.reason in _TURNED_AWAY for source in seen.sources)
    tried = sum(page.outcome in ("fetched", "failed") for page in seen.pages)
    if not sources and (pages < _FEWEST_FAILURES or pages < _MANY_FAILURES * tried):
        return None
    return f"ngoài khả năng theo dõi: {pages + sources} requests were answered by a challenge or a login"


def _found_sources(sources: Sequence[SourceLog]) -> str | None:
    """Sitemaps that the outlet names itself, in robots.txt or an index: many are dead for years, so one line tells."""
    found = [source for source in sources if not source.listed and source.kind != "robots"]
    bad = [source for source in found if source.outcome != "ok" or source.reason not in (None, "not_modified")]
    if not bad:
        return None
    reason = _words(bad[0].reason or bad[0].outcome)
    more = ", ..." if len(bad) > 1 else ""
    return f"{len(bad)} of {len(found)} sitemaps that the outlet itself names: {reason}: {bad[0].url}{more}"


def _nothing_new(seen: Seen, past: IndexReader) -> str | None:
    if seen.fresh:
        return None
    nights = [time for time, fresh in past.nights(seen.outlet.id) if fresh]
    return f"nothing new since {_minute(nights[-1])}" if nights else "nothing new: not one article was ever collected"


def _volume(seen: Seen, past: IndexReader, manners: Crawl) -> str | None:
    """Against the floor and ceiling of the outlet's file, and against its own last weeks."""
    today = seen.now.astimezone(VIETNAM).date()
    quiet = manners.is_quiet(today)
    nights = past.nights(seen.outlet.id)
    by_day: Counter[dt.date] = Counter()
    for time, fresh in nights:
        by_day[time.astimezone(VIETNAM).date()] += fresh
    count = seen.fresh + by_day[today]
    volume = seen.outlet.volume
    floor = (volume.on_quiet_days if quiet else volume.floor) if volume else 0
    if count < floor:
        return f"{count} new articles today, below its floor of {floor}"
    # After days without a crawl, the first one brings what they would have brought.
    days = max(1, (seen.now - nights[-1][0]).days if nights else manners.first_window_days)
    if volume and count > volume.ceiling * days:
        return f"{count} new articles today, above its ceiling of {volume.ceiling}"
    alike = [fresh for day, fresh in sorted(by_day.items()) if day != today and manners.is_quiet(day) == quiet]
    if len(alike) < _FEWEST_NIGHTS:
        return None
    usual = median(alike[-_NIGHTS:])
    if count < _LOW * usual:
        return f"{count} new articles today, where {usual:.0f} are usual"
    if count > _HIGH * usual * days and usual >= 10:
        return f"{count} new articles today, where {usual:.0f} are usual: far more"
    return None


def _old_news(seen: Seen) -> str | None:
    times = [dt.datetime.fromisoformat(source.newest) for source in seen.sources if source.newest]
    newest = max(times, default=None)
    if newest is None or seen.now - newest <= dt.timedelta(days=2):
        return None
    return f"old news: the newest item of all its sources is of {_minute(newest)}"


def _failing(seen: Seen) -> str | None:
    """Pages that failed, where they are many. One that is not there any more is no failure of the outlet's."""
    tried = sum(page.outcome in ("fetched", "failed") for page in seen.pages)
    why = Counter(
        page.reason or "" for page in seen.pages if page.outcome == "failed" and page.status not in (404, 410)
    )
    if why.total() < max(_FEWEST_FAILURES, _MANY_FAILURES * tried):
        return None
    words = ", ".join(f"{count} {_words(reason)}" for reason, count in why.most_common())
    return f"{why.total()} of {tried} pages failed: {words}"


def _refused(seen: Seen) -> str | None:
    """Most of what is announced is no article of ours: the outlet may have changed its addresses."""
    announced = [page for page in seen.pages if page.announced]
    why = Counter(page.reason or "" for page in announced if page.outcome == "refused")
    if why.total() < max(_FEWEST_FAILURES, _MOST * len(announced)):
        return None
    words = ", ".join(f"{count} {_words(reason)}" for reason, count in why.most_common())
    return f"{why.total()} of {len(announced)} announced pages refused: {words}"


def _left(seen: Seen) -> list[str]:
    left = Counter(page.reason or "" for page in seen.pages if page.outcome == "deferred")
    lines = [f"{count} pages left for the next run: {_words(reason)}" for reason, count in left.most_common()]
    if seen.given_up:
        lines.append(f"{seen.given_up} pages given up: they failed for two weeks")
    return lines


def _words(reason: str | None) -> str:
    return (reason or "no reason given").replace("_", " ")


def _minute(time: dt.datetime) -> str:
    return f"{time.astimezone(VIETNAM):%d/%m/%Y %H:%M}"


def _day(time: dt.datetime | None) -> str:
    return f"{time.astimezone(VIETNAM):%d/%m/%Y}" if time else "an unknown day"
