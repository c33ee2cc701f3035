"""What a crawl of one outlet announced and what became of it: one metadata record closes each of our WARC files."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from dataclasses import dataclass
from typing import Any, Literal

#: Target URI of the record, so that any WARC reader can find it.
LOG_URI = "urn:diembao:crawl-log"

SourceOutcome = Literal["ok", "failed", "refused", "not_in_archive"]
PageOutcome = Literal["fetched", "known", "failed", "deferred", "refused", "not_in_archive"]


@dataclass(frozen=True, slots=True)
class SourceLog:
    """A feed, sitemap or robots.txt: `items` announced in all, `newest` their latest time."""

    url: str
    kind: Literal["feed", "sitemap", "robots"]
    outcome: SourceOutcome
    reason: str | None = None
    status: int | None = None
    items: int | None = None
    newest: str | None = None


@dataclass(frozen=True, slots=True)
class PageLog:
    """A page, once: `announced` by a source or looked at again only because it is known (`relook`).

    `final_url` is where its redirects ended; `announced_time` is the time the source gave (ISO 8601).
    """

    url: str
    announced: bool
    relook: bool
    outcome: PageOutcome
    reason: str | None = None
    status: int | None = None
    final_url: str | None = None
    announced_time: str | None = None


@dataclass(frozen=True, slots=True)
class CrawlLog:
    """One outlet in one run. `now` is the time the crawl went by: the wall clock, or the replayed archive's."""

    run: str
    outlet: str
    mode: Literal["live", "replay"]
    now: dt.datetime
    started: dt.datetime
    ended: dt.datetime
    finish: str
    sources: tuple[SourceLog, ...]
    pages: tuple[PageLog, ...]

    @property
    def reached(self) -> bool:
        """Whether any source or page of the outlet answered."""
        return any(source.outcome == "ok" and source.kind != "robots" for source in self.sources) or any(
            page.outcome == "fetched" for page in self.pages
        )

    @property
    def complete(self) -> bool:
        """Whether nothing is left to try again: every source answered, and no page was deferred or failed to answer."""
        open_pages = any(
            page.outcome == "deferred" or (page.outcome == "failed" and (page.status is None or page.status >= 500))
            for page in self.pages
        )
        return self.reached and not open_pages and all(source.outcome != "failed" for source in self.sources)

    def to_json(self) -> bytes:
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False, default=_iso).encode()

    @classmethod
    def from_json(cls, data: bytes) -> CrawlLog:
        """Raises ValueError where `data` is no crawl log."""
        try:
            fields: dict[str, Any] = json.loads(data)
            times = {name: dt.datetime.fromisoformat(fields[name]) for name in ("now", "started", "ended")}
            sources = tuple(SourceLog(**source) for source in fields["sources"])
            pages = tuple(PageLog(**page) for page in fields["pages"])
            return cls(**{**fields, **times, "sources": sources, "pages": pages})
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a crawl log: {error}") from None


def _iso(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} has no JSON form")
