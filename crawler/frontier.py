"""What a crawl of one outlet still has to do, and what became of each page. Pure bookkeeping, no network."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from archive.crawl_log import PageLog, PageOutcome
from archive.index import Look
from archive.urls import normalize_url
from config.outlets import Outlet


@dataclass(frozen=True, slots=True)
class Policy:
    """When a page is fetched: `since` limits what is announced, `look_again_after_days` what is known already."""

    now: dt.datetime
    since: dt.datetime | None
    look_again_after_days: Sequence[int]
    budget: int


class Frontier:
    """Each announced page gets exactly one outcome; a page still open when the crawl ends is `deferred`."""

    def __init__(self, outlet: Outlet, policy: Policy, looks: Mapping[str, Sequence[Look]]) -> None:
        self._hosts = outlet.hosts
        self._outlet = outlet
        self._policy = policy
        self._looks = looks
        self._pages: dict[str, PageLog] = {}
        self._open: set[str] = set()
        self._taken = 0

    def announce(self, link: str, base: str, time: dt.datetime | None) -> str | None:
        """Takes a link that a source announced; returns the address to fetch now, if any."""
        url = normalize_url(link, base)
        if url is None or self._outside_window(time):
            return None
        if url in self._pages:
            if time is not None and self._pages[url].announced_time is None:
                self._pages[url] = replace(self._pages[url], announced_time=time.isoformat())
            return None
        page = PageLog(url, True, False, "deferred", "unfinished", announced_time=time.isoformat() if time else None)
        if urlsplit(url).netloc not in self._hosts:
            self._pages[url] = replace(page, outcome="refused", reason="foreign_host")
            return None
        if not self._outlet.is_article(url):
            self._pages[url] = replace(page, outcome="refused", reason="not_an_article_address")
            return None
        known = any(look.status == 200 for look in self._looks.get(url, ()))
        if known and not self._due(url, time):
            self._pages[url] = replace(page, outcome="known", reason=None)
            return None
        return self._take(replace(page, relook=known))

    def due_unannounced(self) -> list[str]:
        """Known pages that no source announced this time and that are to be looked at again."""
        due = [url for url in self._looks if url not in self._pages and self._known(url) and self._due(url, None)]
        return [url for url in sorted(due) if self._take(PageLog(url, False, True, "deferred", "unfinished"))]

    def settle(
        self,
        url: str,
        outcome: PageOutcome,
        reason: str | None = None,
        status: int | None = None,
        final: str | None = None,
    ) -> None:
        """Records what became of a page that was to be fetched."""
        self._open.discard(url)
        self._pages[url] = replace(self._pages[url], outcome=outcome, reason=reason, status=status, final_url=final)

    def pages(self) -> tuple[PageLog, ...]:
        return tuple(self._pages.values())

    @property
    def progress(self) -> tuple[int, int]:
        """Pages taken up, and pages of them that are done."""
        return self._taken, self._taken - len(self._open)

    def _take(self, page: PageLog) -> str | None:
        if self._taken >= self._policy.budget:
            self._pages[page.url] = replace(page, reason="budget")
            return None
        self._taken += 1
        self._pages[page.url] = page
        self._open.add(page.url)
        return page.url

    def _outside_window(self, time: dt.datetime | None) -> bool:
        return time is not None and self._policy.since is not None and time < self._policy.since

    def _known(self, url: str) -> bool:
        return any(look.status == 200 for look in self._looks[url])

    def _due(self, url: str, announced: dt.datetime | None) -> bool:
        looks = self._looks[url]
        first, last = looks[0].time, looks[-1].time
        if announced is not None and last < announced <= self._policy.now:
            return True  # the source says it was changed after our last look
        marks = (first + dt.timedelta(days=days) for days in self._policy.look_again_after_days)
        # A page that vanished is asked once more a day later: only twice gone is withdrawn.
        if looks[-1].status in (404, 410) and not (len(looks) > 1 and looks[-2].status in (404, 410)):
            return self._policy.now - last >= dt.timedelta(hours=20)
        return any(last < mark <= self._policy.now for mark in marks)
