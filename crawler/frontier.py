"""What a crawl of one outlet still has to do, and what became of each page. Pure bookkeeping, no network."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from archive.crawl_log import PageLog, PageOutcome, SourceKind
from archive.index import IndexReader, LeftOver, Look
from archive.urls import normalize_url
from config.outlets import Outlet
from crawler.sources import FUTURE

#: A page that never answers is given up after so long; it stays in the record as failed.
GIVE_UP = dt.timedelta(days=14)
#: Nights don't start to the minute.
_SLACK = dt.timedelta(hours=6)
GONE = (404, 410)
#: A page of past months is tried in so many runs.
TRIES = 3
#: Why it is not tried any more.
GIVEN_UP = "given_up"
#: From one night to the next, at most: better told of twice than never.
_A_NIGHT = dt.timedelta(hours=28)
#: Twice gone, a day apart, is withdrawn.
_A_DAY = dt.timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class Policy:
    """When a page is fetched. A live crawl believes no time in the future; a replay takes them as they are. `anew`:
    what the archive holds already is fetched all the same. `once`: it is left alone whatever has become of it, and what
    is gone, or failed often enough, is not asked for again (a backfill)."""

    now: dt.datetime
    live: bool
    look_again_after_days: Sequence[int]
    budget: int
    anew: bool = False
    once: bool = False


class Frontier:
    """Each announced page gets exactly one outcome; a page still open when the crawl ends is `deferred`.

    Pages are known under their canonical address, and asked for under the one that was announced.
    """

    def __init__(self, outlet: Outlet, policy: Policy, past: IndexReader) -> None:
        self._outlet = outlet
        self._policy = policy
        self._past = past
        self._pages: dict[str, PageLog] = {}
        self._open: set[str] = set()
        self._told: set[str] = set()
        self._announced_again: dict[str, None] = {}
        self._led_to: set[str] = set()
        self._taken = 0
        #: Pages that failed for so long that they are not tried any more, from this day on.
        self.given_up = 0

    def announce(
        self,
        link: str,
        base: str,
        time: dt.datetime | None,
        since: dt.datetime | None,
        by: SourceKind,
        month: str | None = None,
    ) -> PageLog | None:
        """Takes a link that a source announced with `time`, or listed for a past `month`; None where it is older than
        `since`, or known to this crawl already. The page is to be fetched now if `is_open` says so."""
        asked = normalize_url(link, base)
        if asked is None:
            return None
        key = self._outlet.canonical(asked)
        # Whatever time the second source gives: it has the page too.
        self._also_announced(key, by)
        if self._policy.live and time is not None and time > self._policy.now + FUTURE:
            time = None
        if time is not None and since is not None and time < since:
            return None
        # A mirror may be dead by now; an archive may hold just the mirror.
        url = key if self._policy.live else asked
        written = time.isoformat() if time else None
        if key in self._pages:
            return self._announce_again(key, time)
        page = PageLog(
            url, True, False, "deferred", "unfinished", announced_time=written, announced_by=(by,), month=month
        )
        if refusal := self._refusal(url):
            return self._keep(key, replace(page, outcome="refused", reason=refusal))
        looks, led_to = self._looks(url)
        known = _is_known(looks)
        self._led_to.add(self._outlet.canonical(led_to))
        if known and not self._policy.anew and not self._due(looks, time):
            page = replace(page, outcome="known", reason=None, final_url=led_to)
        elif not known and self._policy.once and (why := self._not_again(url, looks)):
            page = replace(page, outcome="failed", reason=why, status=looks[-1].status if looks else None)
        else:
            return self._take(key, replace(page, relook=known))
        return self._keep(key, page)

    def announced_again(self) -> list[PageLog]:
        """Pages that another kind of source has announced too since this was last asked: there is more to record."""
        pages = [self._pages[key] for key in self._announced_again]
        self._announced_again.clear()
        return pages

    def is_unknown(self, link: str, base: str) -> bool:
        """Whether a link that was announced is an article that the archive does not hold yet."""
        url = normalize_url(link, base)
        page = self._pages.get(self._outlet.canonical(url)) if url else None
        return page is not None and not page.relook and page.outcome not in ("known", "refused")

    def left_over(self) -> list[PageLog]:
        """Takes up what earlier crawls were told of and did not get, as far as it is time to try again."""
        taken = []
        for page in self._past.left_over(self._outlet.id, self._policy.now - GIVE_UP):
            key = self._outlet.canonical(page.url)
            if key in self._pages or _is_known(self._looks(page.url)[0]):
                continue
            if not page.put_off and GIVE_UP <= self._policy.now - page.first < GIVE_UP + _A_NIGHT:
                self.given_up += 1
            if not self._is_time_for(page):
                continue
            time = page.announced_time.isoformat() if page.announced_time else None
            taken.append(self._take(key, PageLog(page.url, True, False, "deferred", "unfinished", announced_time=time)))
        return taken

    def due_unannounced(self) -> list[PageLog]:
        """Takes up known pages that no source announced this time and that are to be looked at again."""
        if not self._policy.look_again_after_days:
            return []
        since = self._policy.now - dt.timedelta(days=max(self._policy.look_again_after_days) + 30)
        ends = [normalize_url(page.final_url) for page in self._pages.values() if page.final_url]
        settled = {self._outlet.canonical(url) for url in ends if url}
        passed = self._led_to | settled
        taken = []
        for host in self._outlet.every_host:
            for url in self._past.pages_seen(host, since):
                key = self._outlet.canonical(url)
                if key in passed or key in self._pages or not self._outlet.is_article(url):
                    continue
                looks, _ = self._looks(url)
                if _is_known(looks) and self._due(looks, None):
                    taken.append(self._take(key, PageLog(url, False, True, "deferred", "unfinished")))
        return taken

    def settle(
        self,
        url: str,
        outcome: PageOutcome,
        reason: str | None = None,
        status: int | None = None,
        final: str | None = None,
    ) -> PageLog:
        """Records what became of a page that was to be fetched."""
        key = self._outlet.canonical(url)
        self._open.discard(key)
        page = replace(self._pages[key], outcome=outcome, reason=reason, status=status, final_url=final)
        self._pages[key] = page
        return page

    def is_open(self, page: PageLog) -> bool:
        """Whether the page is to be fetched, and has no outcome yet."""
        return self._outlet.canonical(page.url) in self._open

    def open_pages(self) -> tuple[PageLog, ...]:
        return tuple(self._pages[key] for key in self._pages if key in self._open)

    def tell_settled(self) -> tuple[PageLog, ...]:
        """The pages that have their outcome and were not told of before."""
        keys = [key for key in self._pages if key not in self._open and key not in self._told]
        self._told.update(keys)
        return tuple(self._pages[key] for key in keys)

    def tell_rest(self, reason: str) -> tuple[PageLog, ...]:
        """All pages that were not told of before, when the crawl is over; `reason` is why it left some."""
        for key in self._open:
            self._pages[key] = replace(self._pages[key], reason=reason)
        self._open.clear()
        return self.tell_settled()

    @property
    def has_budget(self) -> bool:
        """Whether another page may be taken up."""
        return self._taken < self._policy.budget

    def count_unsettled(self, links: Iterable[str]) -> int:
        """Of pages that were announced, how many another run may still get."""
        keys = {self._outlet.canonical(url) for link in links if (url := normalize_url(link))}
        return sum(self._is_unsettled(self._pages[key]) for key in keys if key in self._pages)

    @property
    def progress(self) -> tuple[int, int]:
        """Pages taken up, and pages of them that are done."""
        return self._taken, self._taken - len(self._open)

    def _keep(self, key: str, page: PageLog) -> PageLog:
        self._pages[key] = page
        return page

    def _take(self, key: str, page: PageLog) -> PageLog:
        if self._taken >= self._policy.budget:
            return self._keep(key, replace(page, reason="budget"))
        self._taken += 1
        self._open.add(key)
        return self._keep(key, page)

    def _not_again(self, url: str, looks: Sequence[Look]) -> str | None:
        """Why a page that is not held is not asked for any more."""
        if looks and looks[-1].status in GONE:
            return f"http_{looks[-1].status}"
        return GIVEN_UP if self._past.backfill_failures(url) >= TRIES else None

    def _is_unsettled(self, page: PageLog) -> bool:
        if page.outcome == "deferred":
            return True
        if page.outcome != "failed" or page.status in GONE or page.reason == GIVEN_UP:
            return False
        return self._past.backfill_failures(page.url) + 1 < TRIES

    def _refusal(self, url: str) -> str | None:
        if not self._outlet.owns(urlsplit(url).netloc):
            return "foreign_host"
        return None if self._outlet.is_article(url) else "not_an_article_address"

    def _also_announced(self, key: str, by: SourceKind) -> None:
        page = self._pages.get(key)
        if page and by not in page.announced_by:
            self._keep(key, replace(page, announced_by=tuple(sorted((*page.announced_by, by)))))
            if key not in self._told:  # a file that is closed tells no more
                self._announced_again[key] = None

    def _announce_again(self, key: str, time: dt.datetime | None) -> PageLog | None:
        """A page that another source has announced: the time it lacked is kept, and a later one may make it due."""
        page = self._pages[key]
        if time is not None and page.announced_time is None:
            page = self._keep(key, replace(page, announced_time=time.isoformat()))
        if time is None or page.outcome != "known" or not self._due(self._looks(page.url)[0], time):
            return None
        return self._take(key, replace(page, outcome="deferred", reason="unfinished", relook=True, final_url=None))

    def _looks(self, url: str) -> tuple[list[Look], str]:
        """The looks at a page, in all its spellings, and the address it was had from: where the given one led to, if
        it never was the page itself."""
        looks = self._past.looks(self._outlet.spellings(url))
        led_to = None if _is_known(looks) else self._past.redirect(url)
        return (self._past.looks(self._outlet.spellings(led_to)), led_to) if led_to else (looks, url)

    def _is_time_for(self, page: LeftOver) -> bool:
        """At once where it was put off; where it failed, after as long as it has been failing, until it is given up."""
        if page.put_off:
            return True
        failing = page.last - page.first
        return self._policy.now - page.first < GIVE_UP and self._policy.now - page.last >= failing - _SLACK

    def _due(self, looks: Sequence[Look], announced: dt.datetime | None) -> bool:
        if self._policy.once:
            return False
        # A host in trouble, or a challenge, says nothing about its page; a redirect to elsewhere is an answer.
        telling = [look for look in looks if look.good or (look.status not in (200, 429) and look.status < 500)]
        first, last = telling[0].time, telling[-1].time
        if announced is not None and last < announced <= self._policy.now:
            return True  # the source says it was changed after our last look
        if telling[-1].status in GONE and not _twice_gone(telling):
            return self._policy.now - last >= _A_DAY
        marks = (first + dt.timedelta(days=days) for days in self._policy.look_again_after_days)
        return any(last < mark <= self._policy.now for mark in marks)


def _is_known(looks: Sequence[Look]) -> bool:
    return any(look.good for look in looks)


def _twice_gone(looks: Sequence[Look]) -> bool:
    return len(looks) > 1 and looks[-2].status in GONE and looks[-1].time - looks[-2].time >= _A_DAY
