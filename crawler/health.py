"""What makes the crawl of an outlet a bad one, a sentence each. Silence is said, never taken for lack of news."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from archive.crawl_log import PageLog, SourceLog
from archive.index import IndexReader
from config.clock import VIETNAM
from config.crawl import Crawl
from config.outlets import Outlet
from crawler.habits import failing_since, longest_silence, next_ask

#: An outlet's own volume is known after a week of nights.
_FEWEST_NIGHTS = 7
_NIGHTS = 28
#: Below this share of its median a night is suspect, above this multiple it is odd.
_LOW, _HIGH = 0.3, 4
#: So many pages fail on any night.
_FEWEST_FAILURES, _MANY_FAILURES = 3, 0.1


@dataclass(frozen=True, slots=True)
class Seen:
    """What one crawl of an outlet saw."""

    outlet: Outlet
    now: dt.datetime
    finish: str
    sources: Sequence[SourceLog]
    pages: Sequence[PageLog]

    @property
    def fresh(self) -> int:
        """Pages got for the first time."""
        return sum(page.outcome == "fetched" and not page.relook for page in self.pages)


def alarms(seen: Seen, past: IndexReader, manners: Crawl) -> tuple[str, ...]:
    """Empty for a good crawl."""
    listed = [source for source in seen.sources if source.kind != "robots"]
    own = [source for source in seen.sources if source.listed or source.kind == "robots"]
    found = [_source_alarm(source, past, seen.now) for source in own]
    found.append(_found_sources(seen.sources))
    reasons = [page.reason for page in seen.pages] + [source.reason for source in seen.sources]
    challenged = sum(reason in ("challenge", "login") for reason in reasons)
    if challenged:
        found.append(f"ngoài khả năng theo dõi: {challenged} requests were answered by a challenge or a login")
    if any(source.outcome == "ok" for source in listed):
        found += [_nothing_new(seen, past), _volume(seen, past, manners), _old_news(seen)]
    else:
        found.insert(0, "not reached: no feed, sitemap or section page answered")
    found += [_failing(seen), *_left(seen)]
    return tuple(alarm for alarm in found if alarm)


def _source_alarm(source: SourceLog, past: IndexReader, now: dt.datetime) -> str | None:
    looks = past.source_looks(source.url)
    if source.outcome == "waiting":
        since, again = failing_since(looks), next_ask(looks)
        return f"source failing since {_day(since)}, asked again after {_day(again)}: {source.url}"
    if source.outcome == "refused":
        return f"source refused: {source.url}: {_words(source.reason)}"
    if source.outcome == "failed":
        since = failing_since(looks)
        known = f", failing since {_day(since)}" if since else ""
        return f"source failed: {source.url}: {_words(source.reason)}{known}"
    if source.reason and source.reason != "not_modified":
        return f"source answered with a fault: {source.url}: {_words(source.reason)}"
    if source.kind == "feed" and source.listed and source.newest:
        newest = dt.datetime.fromisoformat(source.newest)
        if now - newest > longest_silence(looks):
            return f"source silent: {source.url}: its newest item is of {_minute(newest)}"
    return None


def _found_sources(sources: Sequence[SourceLog]) -> str | None:
    """Sitemaps that the outlet names itself, in robots.txt or an index: many are dead for years, so one line tells."""
    found = [source for source in sources if not source.listed and source.kind != "robots"]
    bad = [source for source in found if source.outcome != "ok" or source.reason not in (None, "not_modified")]
    if not bad:
        return None
    reason = _words(bad[0].reason or bad[0].outcome)
    return f"{len(bad)} of {len(found)} sitemaps that the outlet itself names: {reason}: {bad[0].url}, ..."


def _nothing_new(seen: Seen, past: IndexReader) -> str | None:
    if seen.fresh:
        return None
    nights = [time for time, fresh in past.nights(seen.outlet.id) if fresh]
    return f"nothing new since {_minute(nights[-1])}" if nights else "nothing new: not one article was ever collected"


def _volume(seen: Seen, past: IndexReader, manners: Crawl) -> str | None:
    """Against the floor and ceiling of the outlet's file, and against its own last weeks."""
    today = seen.now.astimezone(VIETNAM).date()
    quiet = manners.is_quiet(today)
    volume = seen.outlet.volume
    floor = (volume.on_quiet_days if quiet else volume.floor) if volume else 0
    if seen.fresh < floor:
        return f"{seen.fresh} new articles, below its floor of {floor}"
    if volume and seen.fresh > volume.ceiling:
        return f"{seen.fresh} new articles, above its ceiling of {volume.ceiling}"
    by_day: Counter[dt.date] = Counter()
    for time, fresh in past.nights(seen.outlet.id):
        by_day[time.astimezone(VIETNAM).date()] += fresh
    alike = [count for day, count in sorted(by_day.items()) if day != today and manners.is_quiet(day) == quiet]
    if len(alike) < _FEWEST_NIGHTS:
        return None
    usual = median(alike[-_NIGHTS:])
    if seen.fresh + by_day[today] < _LOW * usual:
        return f"{seen.fresh} new articles, where {usual:.0f} are usual"
    if seen.fresh > _HIGH * usual and usual >= 10:
        return f"{seen.fresh} new articles, where {usual:.0f} are usual: far more"
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


def _left(seen: Seen) -> list[str]:
    left = Counter(page.reason or "" for page in seen.pages if page.outcome == "deferred")
    return [f"{count} pages left for the next run: {_words(reason)}" for reason, count in left.most_common()]


def _words(reason: str | None) -> str:
    return (reason or "no reason given").replace("_", " ")


def _minute(time: dt.datetime) -> str:
    return f"{time.astimezone(VIETNAM):%d/%m/%Y %H:%M}"


def _day(time: dt.datetime | None) -> str:
    return f"{time.astimezone(VIETNAM):%d/%m/%Y}" if time else "an unknown day"
