"""What a crawl of one outlet announced and what became of it.

While a crawl runs, each answer of a source and each failure is a note, a metadata record beside the responses; one
crawl log closes each file. Where a run was killed, the log is put together from the notes and the responses.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

#: Target URIs of the records, so that any WARC reader can find them.
LOG_URI = "urn:diembao:crawl-log"
NOTE_URI = "urn:diembao:crawl-note"

#: Reasons that say only that the crawl ended first: no word on the source or page.
CUT_OFF = ("unfinished", "minutes", "stopped", "archive_failed")

#: `waiting`: it failed for days, and is asked less and less often.
SourceOutcome = Literal["ok", "failed", "refused", "not_in_archive", "waiting"]
#: `backfill`: past months, from the sitemaps that list them.
Mode = Literal["live", "replay", "backfill"]
SourceKind = Literal["feed", "sitemap", "section", "robots"]
PageOutcome = Literal["fetched", "known", "failed", "deferred", "refused", "not_in_archive"]


@dataclass(frozen=True, slots=True)
class SourceLog:
    """A feed, sitemap, section page or robots.txt: `items` announced in all, `newest` their latest time that is not in
    the future, `unknown` how many of the items the archive did not hold yet. `listed`: the registry names it; others
    were found in a robots.txt or a sitemap index.

    `etag` and `last_modified` are what the next conditional request may quote: they are set only where the whole
    answer was read, so that a 304 can't hide what was never seen. `moved_to` is where redirects led.

    In a backfill `month` ("2021-07") is the month whose pages the sitemap lists, and `unknown` how many of them are
    still to be had; one that was not asked is `waiting`, for the next run (`budget`) or for good (`finished`).
    """

    url: str
    kind: SourceKind
    outcome: SourceOutcome
    reason: str | None = None
    status: int | None = None
    items: int | None = None
    unknown: int | None = None
    newest: str | None = None
    listed: bool = False
    etag: str | None = None
    last_modified: str | None = None
    moved_to: str | None = None
    month: str | None = None


@dataclass(frozen=True, slots=True)
class PageLog:
    """A page, once: `announced` by a source, now or in an earlier run that did not get it, or looked at again only
    because it is known (`relook`).

    `final_url` is where its redirects ended; `announced_time` is the time the source gave (ISO 8601). `announced_by`
    are the kinds of sources that announced it in this run, in the order of their names: what two kinds have in common
    tells how much both overlook. Empty in logs of before it was kept. `month` is that whose sitemap lists it, in a
    backfill.
    """

    url: str
    announced: bool
    relook: bool
    outcome: PageOutcome
    reason: str | None = None
    status: int | None = None
    final_url: str | None = None
    announced_time: str | None = None
    announced_by: tuple[SourceKind, ...] = ()
    month: str | None = None

    @property
    def is_left_over(self) -> bool:
        """Whether the next run should try again: it was put off, or did not answer."""
        return self.outcome in ("deferred", "failed") and not (self.relook and not self.announced)


@dataclass(frozen=True, slots=True)
class Note:
    """What just happened: sources that answered, pages they announced or that ended without a response."""

    sources: tuple[SourceLog, ...] = ()
    pages: tuple[PageLog, ...] = ()

    def to_json(self) -> bytes:
        return _to_json(self)

    @classmethod
    def from_json(cls, data: bytes) -> Note:
        """Raises ValueError where `data` is no note."""
        fields = _fields(data, "note")
        return cls(**_rows(fields))


@dataclass(frozen=True, slots=True)
class CrawlHead:
    """What is known of a crawl from its start: written into each of its files."""

    run: str
    outlet: str
    mode: Mode
    now: dt.datetime
    started: dt.datetime
    part: int = 1


@dataclass(frozen=True, slots=True)
class CrawlLog:
    """One outlet in one run. `now` is the time the crawl went by: the wall clock, or the replayed archive's.

    A crawl that fills one file goes on in another, `part` 2, and each file's log tells of its own pages; the `last`
    tells of all sources. `alarms` are what makes the crawl a bad one, a sentence each.
    """

    run: str
    outlet: str
    mode: Mode
    now: dt.datetime
    started: dt.datetime
    ended: dt.datetime
    finish: str
    sources: tuple[SourceLog, ...]
    pages: tuple[PageLog, ...]
    part: int = 1
    last: bool = True
    alarms: tuple[str, ...] = ()

    @property
    def reached(self) -> bool:
        """Whether any source or page of the outlet answered."""
        return any(source.outcome == "ok" and source.kind != "robots" for source in self.sources) or any(
            page.outcome == "fetched" for page in self.pages
        )

    @property
    def fresh(self) -> int:
        """Pages that were got for the first time."""
        return count_fresh(self.pages)

    def to_json(self) -> bytes:
        return _to_json(self)

    @classmethod
    def from_json(cls, data: bytes) -> CrawlLog:
        """Raises ValueError where `data` is no crawl log."""
        fields = _fields(data, "crawl log")
        try:
            times = {name: dt.datetime.fromisoformat(fields[name]) for name in ("now", "started", "ended")}
            alarms = tuple(fields.get("alarms", ()))
            return cls(**{**fields, **times, **_rows(fields), "alarms": alarms})
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a crawl log: {error}") from None


def count_fresh(pages: Iterable[PageLog]) -> int:
    """Pages got for the first time; several addresses that led to one page count once."""
    return len({page.final_url or page.url for page in pages if page.outcome == "fetched" and not page.relook})


def _to_json(said: Note | CrawlLog) -> bytes:
    return json.dumps(dataclasses.asdict(said), ensure_ascii=False, default=_iso).encode()


def _fields(data: bytes, what: str) -> dict[str, Any]:
    fields = json.loads(data)
    if not isinstance(fields, dict):
        raise ValueError(f"not a {what}")
    return fields


def _rows(fields: dict[str, Any]) -> dict[str, Any]:
    try:
        sources = tuple(SourceLog(**source) for source in fields["sources"])
        pages = tuple(
            PageLog(**{**page, "announced_by": tuple(page.get("announced_by", ()))}) for page in fields["pages"]
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a record of a crawl: {error}") from None
    return {"sources": sources, "pages": pages}


def _iso(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} has no JSON form")
