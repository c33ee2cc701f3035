"""Asks the registry's addresses, each once, and writes into its files which of them are alive."""

from __future__ import annotations

import datetime as dt
import secrets
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from archive.read import NotAWarc
from archive.recover import salvage
from config.clock import VIETNAM
from config.crawl import Crawl
from config.edit import EditError, set_verified
from config.load import PACKAGED, Config
from config.outlets import Outlet
from crawler.check import WRITTEN_BY_US, AddressFinding, Visit, judge, read_visit
from crawler.job import CrawlJob, Event
from crawler.run import CrawlBroken, run_crawl
from schedules.layouts import LayoutFinding, drift, judge_layouts

OnEvent = Callable[[Event], None]


class NothingToCheck(Exception):
    """None of the outlets can be asked; the message says why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked once, by outlet, the archive files that hold it, and what went wrong with the asking itself."""

    visits: dict[str, Visit]
    files: tuple[Path, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """`layouts` tells of sample pages. `beyond_reach` and `without_address` were not asked. `unlisted` are sitemaps
    that an outlet's robots.txt names and its file does not. `written` lists the addresses whose `verified` was
    written, by file."""

    findings: tuple[AddressFinding, ...]
    layouts: tuple[LayoutFinding, ...]
    beyond_reach: dict[str, str]
    without_address: tuple[str, ...]
    unlisted: dict[str, list[str]]
    written: dict[Path, list[str]]
    files: tuple[Path, ...]
    problems: tuple[str, ...]

    @property
    def all_alive(self) -> bool:
        return not self.problems and not self.drift and all(finding.verdict == "alive" for finding in self.findings)

    @property
    def drift(self) -> tuple[str, ...]:
        """The outlets whose layouts fit none of their sample pages."""
        return tuple(outlet for outlet, found in groupby(self.layouts, lambda it: it.outlet) if drift(list(found)))


def is_editable(config: Config) -> bool:
    """Whether the configuration is a copy that we may write into: not the files that the program carries."""
    return config.directory.resolve() != PACKAGED.resolve()


def state_of(outlet: Outlet) -> str:
    """Whether the nights follow the outlet, in a word or two."""
    if outlet.beyond_reach:
        return "beyond reach"
    return "followed" if any(source.enabled for _, source in outlet.sources) else "off: no verified address"


def check(workspace: Path, config: Config, only: Sequence[str], write: bool, on_event: OnEvent) -> Checked:
    """Asks every address of the registry, or of the outlets in `only`, on or off; the evidence is archived in
    `workspace`, which the caller holds. Raises NothingToCheck."""
    chosen = [outlet for outlet in config.outlets if not only or outlet.id in only]
    beyond = {outlet.id: outlet.beyond_reach for outlet in chosen if outlet.beyond_reach}
    bare = tuple(outlet.id for outlet in chosen if not outlet.sources and outlet.id not in beyond)
    outlets = [outlet for outlet in chosen if outlet.sources and outlet.id not in beyond]
    if not outlets:
        why = [f"{name}: {reason}" for name, reason in beyond.items()] + [f"{name}: has no address" for name in bare]
        raise NothingToCheck("nothing to ask: " + "; ".join(why))
    asked = ask(workspace, config.crawl, outlets, on_event)
    problems = list(asked.problems)
    findings: list[AddressFinding] = []
    layouts: list[LayoutFinding] = []
    unlisted = {}
    for outlet in outlets:
        visit = asked.visits.get(outlet.id)
        if visit is None:
            problems.append(f"{outlet.id}: its check left no record; run it again")
            continue
        findings += judge(outlet, visit, owner_in(config))
        layouts += judge_layouts(outlet, visit.pages())
        listed = {source.url for _, source in outlet.sources}
        if more := [url for url in visit.robots_sitemaps() if url not in listed]:
            unlisted[outlet.id] = more
    written, unwritten = _write(config, findings) if write and is_editable(config) else ({}, [])
    problems += unwritten
    return Checked(tuple(findings), tuple(layouts), beyond, bare, unlisted, written, asked.files, tuple(problems))


def ask(workspace: Path, manners: Crawl, outlets: Sequence[Outlet], on_event: OnEvent) -> Asked:
    """Asks each source of the outlets once, and two pages of those with layouts, and reads back what was archived."""
    salvage(workspace / "archive")  # what a killed check left
    now = dt.datetime.now(dt.UTC)
    job = CrawlJob(
        run=f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}",
        workspace=workspace.resolve(),
        now=now,
        replay=None,
        manners=manners,
        outlets=list(outlets),
        errand="check",
    )
    files: defaultdict[str, list[Path]] = defaultdict(list)
    problems: list[str] = []

    def hear(event: Event) -> None:
        if event.file:
            files[event.outlet].append(Path(event.file))
        on_event(event)

    try:
        run_crawl(job, hear)
    except CrawlBroken as error:
        problems.append(f"check: {error}; what was answered before is judged")
    visits = {}
    for outlet, closed in files.items():
        try:
            if visit := read_visit(closed):
                visits[outlet] = visit
        except NotAWarc as error:
            problems.append(f"read-back: {error}")
    return Asked(visits, tuple(file for closed in files.values() for file in closed), tuple(problems))


def owner_in(config: Config) -> Callable[[str], str | None]:
    """Tells which outlet of the registry a host belongs to."""
    return lambda host: next((outlet.id for outlet in config.outlets if outlet.owns(host)), None)


def _write(config: Config, findings: Sequence[AddressFinding]) -> tuple[dict[Path, list[str]], list[str]]:
    """Writes `verified` of what is alive: where there was none, or one that we wrote. What a person wrote stays."""
    today = dt.datetime.now(VIETNAM).date()
    proofs: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for found in findings:
        ours = found.verified is None or found.verified.startswith(WRITTEN_BY_US)
        if found.verdict == "alive" and ours and found.proof(today) != found.verified:
            proofs[found.outlet][found.url] = found.proof(today)
    written: dict[Path, list[str]] = {}
    problems = []
    for outlet, by_url in proofs.items():
        file = config.directory / "outlets" / f"{outlet}.yaml"
        try:
            set_verified(file, by_url)
        except (EditError, OSError) as error:
            problems.append(str(error))
        else:
            written[file] = list(by_url)
    return written, problems
