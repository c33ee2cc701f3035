"""Looks at an unknown outlet as `check` does, round by round, and writes a proposal of its file."""

from __future__ import annotations

import datetime as dt
import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from archive.crawl_log import SourceLog
from archive.urls import SUFFIX_LABELS, normalize_url
from config.clock import VIETNAM
from config.edit import EditError, write_outlet
from config.errors import ConfigError
from config.load import Config, load_config
from config.outlets import Outlet
from crawler.check import STALE_AFTER, AddressFinding, Visit, announced_links, judge
from crawler.discover import (
    GUESSED_FEEDS,
    GUESSED_SITEMAPS,
    Guess,
    WebPage,
    candidates,
    guess_patterns,
    normalized_menu,
    read_web_page,
)
from crawler.sections import parse_section
from schedules.outlets import OnEvent, ask, is_editable, owner_in

#: What one `add` asks of a host at most, in how many rounds: home page and guesses, feeds, pages of feeds, their feeds.
_MOST_CANDIDATES = 60
_MOST_SITEMAPS = 10
_ROUNDS = 4
#: Stands where no article address is known; it matches nothing.
_NO_PATTERN = "^https://dien-mau-dia-chi-bai-bao/$"


class NotAdded(Exception):
    """Nothing was written; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """`doubts` are what a person has to settle beyond what every proposal leaves open."""

    file: Path
    outlet: Outlet
    findings: tuple[AddressFinding, ...]
    guess: Guess
    doubts: tuple[str, ...]
    in_registry: bool


@dataclass(frozen=True, slots=True)
class _Looked:
    """All that the rounds brought, as one visit; the labels of feeds, and how many candidates were not asked."""

    visit: Visit
    labels: dict[str, str | None]
    left_out: int

    @property
    def announced(self) -> list[str]:
        """What its feeds announce, else what its sitemaps list."""
        for kind in ("feed", "sitemap"):
            logs = [log for log in self.visit.log.sources if log.kind == kind and log.outcome == "ok"]
            links = [link for log in logs for link in announced_links(log, self.visit) or ()]
            if links:
                return list(dict.fromkeys(links))
        return []


def add(config: Config, url: str, outlet_id: str | None, on_event: OnEvent) -> Proposal:
    """Asks the host, then writes the file. Raises NotAdded."""
    home = url if "://" in url else f"https://{url}"
    try:
        home = home if urlsplit(home).path else f"{home}/"
        host = urlsplit(home).netloc
        name = outlet_id or _id_of(host)
        provisional = _provisional(name, home)
    except ValueError:  # also pydantic's
        provisional = None
    if outlet_id is not None and not re.fullmatch(r"[a-z0-9_]+", outlet_id):
        raise NotAdded(f"--id {outlet_id}: an id has lower-case letters, digits and '_' only")
    if provisional is None or not re.fullmatch(r"https?://[a-z0-9.-]+(:\d+)?/\S*", home):
        raise NotAdded(f"{url}: write the address of the home page, its host in lower case: https://baomau.vn")
    directory = config.directory / "outlets" if is_editable(config) else Path.cwd()
    file = directory / f"{name}.yaml"
    if owner := owner_in(config)(host):
        raise NotAdded(f"{host} belongs to outlet '{owner}'; edit {config.directory / 'outlets' / owner}.yaml instead")
    if file.exists() or name in {outlet.id for outlet in config.outlets}:
        raise NotAdded(f"there is an outlet '{name}' already ({file}); name another with --id")
    with tempfile.TemporaryDirectory(prefix="diembao-add-") as folder:
        looked = _look(Path(folder), config, provisional, home, on_event)
    return _propose(config, looked, name, home, file)


def _look(workspace: Path, config: Config, first: Outlet, home: str, on_event: OnEvent) -> _Looked:
    """Asks the home page and guesses, then what those lead to, each once."""
    labels: dict[str, str | None] = {}
    asked = {_key(source.url) for _, source in first.sources}
    visit = _visit(workspace, config, first, on_event)
    _answered(visit, home)
    rest: dict[str, bool] = {}
    for _ in range(_ROUNDS - 1):
        rest = {}
        sitemaps = {_key(url) for url in visit.robots_sitemaps()}
        secure = visit.led_to(home).startswith("https://")
        for url, label in candidates(visit, first).items():
            where = re.sub("^http:", "https:", url) if secure else url
            labels[where] = labels.get(where) or label
            if _key(where) not in asked:
                rest[where] = _key(where) in sitemaps
        feeds = [url for url, is_sitemap in rest.items() if not is_sitemap]
        maps = [url for url, is_sitemap in rest.items() if is_sitemap][:_MOST_SITEMAPS]
        chosen = [*feeds, *maps][: _MOST_CANDIDATES - len(asked)]
        if not chosen:
            break
        asked.update(map(_key, chosen))
        rest = {url: is_sitemap for url, is_sitemap in rest.items() if _key(url) not in asked}
        sources = _sources([url for url in chosen if url in feeds], [url for url in chosen if url in maps], [])
        more = _visit(workspace, config, Outlet.model_validate(first.model_dump() | sources), on_event)
        logs = {log.url: log for log in (*visit.log.sources, *more.log.sources)}
        visit = Visit(replace(more.log, sources=tuple(logs.values())), visit.answers | more.answers)
    return _Looked(visit, labels, len(rest))


def _visit(workspace: Path, config: Config, outlet: Outlet, on_event: OnEvent) -> Visit:
    answer = ask(workspace, config.crawl, [outlet], on_event)
    if outlet.id not in answer.visits:
        raise NotAdded("; ".join(answer.problems) or f"{outlet.id}: asking left no record; try again")
    return answer.visits[outlet.id]


def _propose(config: Config, looked: _Looked, name: str, home: str, file: Path) -> Proposal:
    visit = looked.visit
    body = visit.body(home)
    where = visit.led_to(home)
    page = read_web_page(body, where) if body is not None else WebPage()
    provisional = _provisional(name, home)
    announced = looked.announced
    from_home = not announced and body is not None
    if from_home and body is not None:
        links = (item.url for item in parse_section(body, where, lambda _: True).items)
        announced = [link for link in links if re.search(r"\d{5}", link)]
    guess = guess_patterns(announced, normalized_menu(page), provisional)
    patterns = list(guess.patterns) or [_NO_PATTERN]
    logs = [_recounted(log, visit, patterns, provisional) for log in visit.log.sources]
    visit = replace(visit, log=replace(visit.log, sources=tuple(logs)))
    by_kind = {
        kind: [log.url for log in logs if log.kind == kind and log.listed] for kind in ("feed", "sitemap", "section")
    }
    whole = provisional.model_dump() | _sources(by_kind["feed"], by_kind["sitemap"], by_kind["section"])
    judged = judge(Outlet.model_validate(whole | {"article_urls": patterns}), visit, owner_in(config))
    guessed = {source.url for kind, source in provisional.sources if kind != "section"}
    adopted = {found.url: found for found in map(_adopted, judged)}
    findings = tuple(found for found in adopted.values() if found.verdict == "alive" or found.url not in guessed)
    doubts = list(_doubts(looked, findings, guess, announced, provisional, from_home))
    text = _text(name, page.name, where, home, findings, looked.labels, guess, patterns)
    try:
        outlet = write_outlet(file, text)
    except (EditError, OSError) as error:
        raise NotAdded(str(error)) from None
    if is_editable(config):
        try:
            load_config(config.directory)
        except ConfigError as error:
            file.unlink()
            raise NotAdded(
                f"the proposal would not load beside the other outlets, so it was taken away: {error}"
            ) from None
    return Proposal(file, outlet, findings, guess, tuple(doubts), is_editable(config))


def _answered(visit: Visit, home: str) -> None:
    """Raises NotAdded where there is nothing to build on."""
    logs = {log.url: log for log in visit.log.sources}
    log = logs.get(home)
    led_to = visit.led_to(home)
    if log is not None and log.reason == "foreign_host":
        raise NotAdded(f"{home} leads to {led_to}; if that is the outlet, add that address instead")
    if log is not None and log.reason == "challenge":
        raise NotAdded(
            f"{home} answers with a challenge for browsers: the outlet is beyond reach; docs/outlet.md tells how a file"
            f" says so (`beyond_reach`)"
        )
    if not any(log.outcome == "ok" for log in logs.values() if log.kind != "robots"):
        reason = (log.reason if log else None) or "no answer"
        hint = "; try http://" if reason in ("certificate", "connection_refused") and home.startswith("https") else ""
        raise NotAdded(f"{home}: nothing there can be read: {reason.replace('_', ' ')}{hint}")


def _doubts(
    looked: _Looked,
    findings: Sequence[AddressFinding],
    guess: Guess,
    announced: list[str],
    outlet: Outlet,
    from_home: bool,
) -> Iterator[str]:
    if not any(found.verdict == "alive" and found.kind in ("feed", "sitemap") for found in findings):
        yield "no feed or sitemap was found alive: the outlet can be followed through its section pages only"
    if not announced:
        yield "no article address is known: write article_urls by hand"
    elif not guess.fits:
        yield f"the patterns take only {guess.matched} of {guess.announced} announced links: complete article_urls"
    if from_home and announced:
        yield "the patterns were guessed from links of the home page, since no feed or sitemap announced any"
    if guess.sections_taken:
        shown = ", ".join(guess.sections_taken[:3])
        yield f"{len(guess.sections_taken)} links of the navigation match article_urls; are they articles? {shown}"
    foreign = sorted({urlsplit(link).netloc for link in announced} - set(outlet.every_host))
    if foreign:
        yield f"its feeds lead to other hosts too, which are not asked: {', '.join(foreign[:5])}"
    if looked.left_out:
        yield f"{looked.left_out} more candidates were left out"


def _recounted(log: SourceLog, visit: Visit, patterns: list[str], outlet: Outlet) -> SourceLog:
    """A section page counts its article links, which are known only now."""
    body = visit.body(log.url) if log.kind == "section" else None
    if body is None:
        return log
    known = outlet.model_copy(update={"article_urls": patterns})
    section = parse_section(body, visit.led_to(log.url), known.is_article)
    outcome: Any = "failed" if section.problem and not section.items else "ok"
    return replace(log, items=len(section.items), outcome=outcome, reason=section.problem)


def _provisional(name: str, home: str) -> Outlet:
    """Enough of an outlet to ask its host, and no other, in our usual manner."""
    fields = {
        "id": name,
        "name": name,
        "governing_body": "chưa rõ",
        "kind": "press",
        "tier": "central",
        "domains": [{"host": urlsplit(home).netloc}],
        "article_urls": ["."],
    }
    feeds, sitemaps = ([urljoin(home, path) for path in paths] for paths in (GUESSED_FEEDS, GUESSED_SITEMAPS))
    return Outlet.model_validate(fields | _sources(feeds, sitemaps, [home]))


def _sources(feeds: list[str], sitemaps: list[str], sections: list[str]) -> dict[str, Any]:
    kinds = {"feeds": feeds, "sitemaps": sitemaps, "sections": sections}
    return {kind: [{"url": url} for url in urls] for kind, urls in kinds.items()}


def _id_of(host: str) -> str:
    """baomau.vn, www.baomau.com.vn -> baomau; en.baomau.vn -> en_baomau"""
    labels = host.removeprefix("www.").split(".")
    if not labels[-1].partition(":")[0].isdigit():
        labels = labels[:-1] or labels
        labels = labels[:-1] if len(labels) > 1 and labels[-1] in SUFFIX_LABELS else labels
    return re.sub(r"[^a-z0-9]+", "_", ".".join(labels)).strip("_")


def _key(url: str) -> str:
    return normalize_url(url) or url


def _text(
    name: str,
    title: str | None,
    where: str,
    home: str,
    findings: Sequence[AddressFinding],
    labels: dict[str, str | None],
    guess: Guess,
    patterns: list[str],
) -> str:
    """The proposed file. Whatever stands behind CHECK is for a person."""
    today = dt.datetime.now(VIETNAM).date()
    hosts = list(dict.fromkeys([urlsplit(where).netloc, *(urlsplit(found.url).netloc for found in findings)]))
    lines = [
        f"# Proposed by `diembao outlets add {_plain(home)}` on {today}. CHECK marks what a person has to settle;",
        "# docs/outlet.md explains each key.",
        f"id: {_quoted(name)}",
        f"name: {_quoted(title or urlsplit(where).netloc)}  # CHECK: as its home page calls it",
        'governing_body: "chưa rõ; điền cơ quan chủ quản"  # CHECK',
        "kind: press  # CHECK: press, own or aggregator",
        "tier: central  # CHECK: central, ministry or local",
        "domains:  # CHECK: earlier hosts of the outlet, and aliases",
        f"  - {{host: {_quoted(hosts[0])}, when: {_quoted(f'seen {today}')}}}",
        *(f"  - {{host: {_quoted(host)}, mirrors: {_quoted(hosts[0])}}}" for host in hosts[1:]),
    ]
    for key, kind, hint in (
        ("feeds", "feed", "  # CHECK: what is alive is on; keep a core of at most eight"),
        ("sitemaps", "sitemap", ""),
        ("sections", "section", "  # CHECK: section pages, for the days when no feed answers"),
    ):
        entries = [found for found in findings if found.kind == kind]
        lines += [f"{key}:{hint}"] if entries else []
        for found in sorted(entries, key=lambda found: found.verdict != "alive"):
            lines += _source_lines(found, labels, today)
    held = f"{guess.matched} of {guess.announced} announced links match"
    taken = ", ".join(guess.sections_taken[:5]) or "none"
    lines += [
        "article_urls:",
        f"  # CHECK: guessed. {held}; links of its navigation that match too: {_plain(taken)}.",
        *(f"  - '{pattern}'" for pattern in patterns),
        "# CHECK: volume and layouts once some nights have been collected; until then the general extraction is used.",
    ]
    return "\n".join(lines) + "\n"


def _source_lines(found: AddressFinding, labels: dict[str, str | None], today: dt.date) -> Iterator[str]:
    label = labels.get(found.url) or ("Trang chủ" if found.kind == "section" else None)
    fields = [f"url: {_quoted(found.url)}", *([f"label: {_quoted(label)}"] if label else [])]
    if found.verdict == "alive":
        fields.append(f"verified: {_quoted(found.proof(today, 'add'))}")
    else:
        yield f"  # {found.verdict.replace('_', ' ')}: {_plain(found.says)}"
    yield f"  - {{{', '.join(fields)}}}"


def _adopted(found: AddressFinding) -> AddressFinding:
    """What answered from another address of the host is proposed under that one."""
    if found.verdict != "moved" or found.reason or not found.moved_to:
        return found
    old = found.newest and dt.datetime.now(dt.UTC) - found.newest > STALE_AFTER
    return replace(found, url=found.moved_to, verdict="stale" if old and found.kind == "feed" else "alive")


def _quoted(text: str) -> str:
    return json.dumps(_plain(text), ensure_ascii=False)


def _plain(text: str) -> str:
    """One line of letters that YAML takes."""
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
