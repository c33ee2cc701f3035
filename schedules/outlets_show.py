"""How `diembao outlets` looks on a terminal, and as JSON: the same facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text

from config.outlets import Outlet
from crawler.check import AddressFinding
from crawler.job import Event
from schedules.outlets import Checked, state_of
from schedules.outlets_add import Proposal

#: Nothing is switched off by a program: a server that is down tonight may be back tomorrow.
_ADVICE = (
    "What is on and not alive: check again another day; if it stays so, take its `verified` away and say why in a"
    " comment. What is off and not alive stays off."
)
_COLOURS = {"alive": "green", "moved": "yellow", "stale": "yellow"}


@contextmanager
def asking(console: Console, title: str, outlets: int | None = None) -> Iterator[Callable[[Event], None]]:
    """A bar over outlets on a terminal, a plain line for each elsewhere."""
    if not console.is_terminal:
        yield lambda event: _line(console, title, event)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(title, total=outlets)
        yield lambda event: progress.advance(task, event.kind == "closed")


def _line(console: Console, title: str, event: Event) -> None:
    if event.kind == "closed":
        console.print(f"{title}: {event.outlet}: asked", markup=False)


def print_registry(console: Console, outlets: Sequence[Outlet]) -> None:
    """One row an outlet; why those beyond reach can't be followed, below."""
    headings = ("id", "name", "kind", "tier", "lang", "rolls up to", "hosts", "on/all", "layouts", "state")
    table = Table(*(Column(name, overflow="fold") for name in headings))
    table.columns[0].no_wrap = True
    for outlet in outlets:
        row = registry_row(outlet)
        on = f"{row['sources_on']}/{row['sources']}"
        cells = (outlet.id, outlet.name, outlet.kind, outlet.tier, outlet.language, outlet.rolls_up_to or "")
        table.add_row(*map(Text, (*cells, ", ".join(row["hosts"]), on, str(row["layouts"]), row["state"])))
    console.print(table)
    for outlet in outlets:
        if outlet.beyond_reach:
            console.print(f"{outlet.id}: {outlet.beyond_reach}", style="yellow", markup=False)
    states = Counter(state_of(outlet) for outlet in outlets)
    console.print(f"{len(outlets)} outlets: {', '.join(f'{count} {state}' for state, count in states.most_common())}")


def registry_row(outlet: Outlet) -> dict[str, Any]:
    """An outlet in the JSON of `outlets list`."""
    return {
        "id": outlet.id,
        "name": outlet.name,
        "governing_body": outlet.governing_body,
        "kind": outlet.kind,
        "tier": outlet.tier,
        "language": outlet.language,
        "rolls_up_to": outlet.rolls_up_to,
        "hosts": [domain.host for domain in outlet.domains],
        "sources_on": sum(source.enabled for _, source in outlet.sources),
        "sources": len(outlet.sources),
        "addresses": [
            {"kind": kind, "url": source.url, "label": source.label, "verified": source.verified}
            for kind, source in outlet.sources
        ],
        "layouts": len(outlet.layouts),
        "state": state_of(outlet),
        "beyond_reach": outlet.beyond_reach,
    }


def print_check(console: Console, checked: Checked) -> None:
    """Each address with its verdict, then what was not asked and what was written."""
    _print_findings(console, checked.findings, alive_is_on=False)
    if not all(finding.verdict == "alive" for finding in checked.findings):
        console.print(_ADVICE, markup=False)
    for page in checked.layouts:
        if page.says:
            console.print(f"{page.outlet}: {page.url}: {page.says}", style="yellow", markup=False)
    for drifting in checked.drift:
        console.print(f"{drifting}: drift: look at the pages above and add a layout to its file", style="red")
    for outlet, urls in checked.unlisted.items():
        shown = ", ".join(urls[:3]) + (f" and {len(urls) - 3} more" if len(urls) > 3 else "")
        console.print(f"{outlet}: its robots.txt names sitemaps that its file does not list: {shown}", markup=False)
    for outlet, why in checked.beyond_reach.items():
        console.print(f"{outlet}: not asked: {why}", style="yellow", markup=False)
    for outlet in checked.without_address:
        console.print(f"{outlet}: not asked: its file has no address", style="yellow", markup=False)
    counts = Counter(finding.verdict for finding in checked.findings)
    words = ", ".join(f"{count} {verdict.replace('_', ' ')}" for verdict, count in counts.most_common())
    console.print(f"{len(checked.findings)} addresses: {words}", markup=False)
    for file, urls in checked.written.items():
        console.print(f"{file}: `verified` written for {len(urls)}: {', '.join(urls)}", markup=False)


def check_json(checked: Checked) -> dict[str, Any]:
    """The facts of print_check."""
    return {
        "addresses": [_finding_json(finding) for finding in checked.findings],
        "counts": dict(Counter(finding.verdict for finding in checked.findings)),
        "layouts": [asdict(page) for page in checked.layouts],
        "drift": list(checked.drift),
        "unlisted_sitemaps": checked.unlisted,
        "not_asked": checked.beyond_reach | dict.fromkeys(checked.without_address, "its file has no address"),
        "written": {str(file): urls for file, urls in checked.written.items()},
        "files": [str(file) for file in checked.files],
        "problems": list(checked.problems),
    }


def print_proposal(console: Console, proposal: Proposal) -> None:
    """What was found, and what a person has to do with it."""
    _print_findings(console, proposal.findings, alive_is_on=True)
    guess = proposal.guess
    console.print(f"article_urls, matching {guess.matched} of {guess.announced} announced links:")
    for pattern in proposal.outlet.article_urls:
        console.print(f"  {pattern}", markup=False)
    console.print(f"written: {proposal.file}", markup=False)
    console.print("settle what its comments mark with CHECK, then: diembao outlets check " + proposal.outlet.id)
    if not proposal.in_registry:
        console.print(
            "the packaged configuration is not written into: run `diembao init DIR`, move the file to"
            " DIR/config/outlets, and go on with --data DIR",
            style="yellow",
            markup=False,
        )


def proposal_json(proposal: Proposal) -> dict[str, Any]:
    """The facts of print_proposal."""
    return {
        "file": str(proposal.file),
        "in_registry": proposal.in_registry,
        "id": proposal.outlet.id,
        "name": proposal.outlet.name,
        "addresses": [_finding_json(finding) for finding in proposal.findings],
        "article_urls": proposal.outlet.article_urls,
        "announced": proposal.guess.announced,
        "matched": proposal.guess.matched,
        "sections_taken": list(proposal.guess.sections_taken),
        "doubts": list(proposal.doubts),
    }


def _print_findings(console: Console, findings: Sequence[AddressFinding], *, alive_is_on: bool) -> None:
    table = Table("outlet", "kind", Column("address", overflow="fold"), "on", "verdict", Column("what it means"))
    table.columns[0].no_wrap = True
    for found in findings:
        verdict = Text(found.verdict.replace("_", " "), style=_COLOURS.get(found.verdict, "red"))
        on = "on" if found.verified or (alive_is_on and found.verdict == "alive") else "off"
        table.add_row(found.outlet, found.kind, Text(found.url), on, verdict, Text(found.says))
    console.print(table)


def _finding_json(found: AddressFinding) -> dict[str, Any]:
    return {
        "outlet": found.outlet,
        "kind": found.kind,
        "url": found.url,
        "verdict": found.verdict,
        "says": found.says,
        "reason": found.reason,
        "items": found.items,
        "articles": found.articles,
        "newest": found.newest.isoformat() if found.newest else None,
        "moved_to": found.moved_to,
        "verified": found.verified,
    }
