"""How runs and evaluations look on a terminal, and as JSON: the same numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from archive.verify import VerifyReport
from archive.workspace import is_sample
from crawler.job import Event
from pipeline.run import OnFile
from schedules.nightly import Collected, Night, Watcher
from warehouse.summary import OUTCOMES, Holdings, OutletRun

#: What a crawl can do with an announced page, in the order of archive.crawl_log.
CRAWLED = ("fetched", "known", "failed", "deferred", "refused")

_STEPS = {"crawl": "collecting", "process": "reading the archive", "publish": "publishing"}


@contextmanager
def watching(console: Console, title: str) -> Iterator[Watcher]:
    """Progress bars on a terminal, plain lines elsewhere."""
    if not console.is_terminal:
        yield _plain(console, title)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        pages, files = (
            progress.add_task(f"{title}: pages", total=None),
            progress.add_task("archive files", total=None),
        )
        state: dict[str, Event] = {}

        def event(found: Event) -> None:
            state[found.outlet] = found
            total = sum(e.announced for e in state.values())
            progress.update(pages, completed=sum(e.done for e in state.values()), total=total or None)

        yield Watcher(
            step=lambda name: progress.update(pages, description=f"{title}: {_STEPS[name]}"),
            event=event,
            file=lambda _, total: progress.update(files, advance=1, total=total),
        )


@contextmanager
def counting(console: Console, title: str) -> Iterator[Callable[[int], None]]:
    """A bar over chunks of work: called first with the number of items, then with 0 for each chunk done."""
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=None)
        yield lambda items: progress.update(task, total=items // 25 + 1) if items else progress.advance(task)


def _plain(console: Console, title: str) -> Watcher:
    def event(found: Event) -> None:
        if found.kind == "closed":
            console.print(f"{title}: {found.outlet}: {found.done} pages done", markup=False)

    return Watcher(
        step=lambda name: console.print(f"{title}: {_STEPS[name]}", markup=False),
        event=event,
        file=lambda _, __: None,
    )


@contextmanager
def reading_files(console: Console, title: str, total: int) -> Iterator[Callable[[str, int], None]]:
    """A bar over archive files: called for each with its name and one other number that is not shown."""
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=total)
        yield lambda name, _: progress.update(task, description=f"{title}: {name}", advance=1)


@contextmanager
def reading_bytes(console: Console, title: str) -> Iterator[tuple[Callable[[int, int], None], OnFile]]:
    """A bar over the bytes of a file, then one over archive files."""
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        read, files = progress.add_task(f"{title}: bytes", total=None), progress.add_task("archive files", total=None)
        yield (
            lambda done, size: progress.update(read, completed=done, total=size),
            lambda _, total: progress.update(files, advance=1, total=total),
        )


def print_verified(console: Console, report: VerifyReport) -> None:
    """What `archive verify` found: a line a finding, then the sums."""
    for finding in report.findings:
        where = finding.file if finding.offset is None else f"{finding.file}: byte {finding.offset}"
        style = "red" if finding.severity == "error" else "yellow"
        console.print(
            f"{finding.severity.upper()}: {where}: {finding.what}; {finding.remedy}", style=style, markup=False
        )
    console.print(
        f"{report.files} files, {report.records} records, {report.bytes:,} bytes read:"
        f" {len(report.errors)} errors, {len(report.warnings)} warnings"
    )


def verified_json(report: VerifyReport) -> dict[str, Any]:
    """The numbers and findings of print_verified."""
    return {
        "files": report.files,
        "records": report.records,
        "bytes": report.bytes,
        "errors": [asdict(finding) for finding in report.errors],
        "warnings": [asdict(finding) for finding in report.warnings],
    }


def print_night(console: Console, night: Night, workspace: Path) -> None:
    """The table that a run ends with: outcomes by outlet, which add up, then mentions by topic and sense."""
    source = f"replay of {night.replay}" if night.replay else "live"
    headings = ("outlet", "announced", *(name.replace("_", " ") for name in OUTCOMES), "looked again", "sources alive")
    table = Table(*headings, title=f"Run {night.run} ({source})")
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.justify = "right"
    for outlet in night.outlets:
        table.add_row(*_outlet_cells(outlet))
    total = sum((outlet.outcomes for outlet in night.outlets), Counter[str]())
    table.add_section()
    again = sum(outlet.relooks.total() for outlet in night.outlets)
    table.add_row("all", str(total.total()), *(str(total[outcome]) for outcome in OUTCOMES), str(again), "")
    console.print(table)
    for line in _reason_lines(night):
        console.print(line, markup=False)
    console.print(_mentions_table(night.before, night.after))
    console.print(
        f"Held now: {night.after.articles} articles in {night.after.stories} stories,"
        f" {len(night.after.mention_ids)} mentions"
        f" (new tonight: {night.new_articles} articles, {night.new_mentions} mentions)"
    )
    left = [file for file in night.report.files if night.run not in file]
    if left:
        console.print(
            f"Read too: {len(left)} archive files that earlier runs had left, or that the rules now read anew"
        )
    for outlet_id, why in night.not_asked.items():
        console.print(f"{outlet_id}: not asked: {why}", style="yellow", markup=False)
    for problem in night.problems:
        console.print(f"PROBLEM: {problem}", style="red", markup=False)
    if is_sample(workspace):
        console.print(
            "SAMPLE DATA: this workspace holds articles written for diembao; none of them is press.", style="yellow"
        )
    if night.published:
        console.print(f"Published: {night.published}", markup=False)
    else:
        console.print(
            f"Not published: no outlet answered; {workspace / 'published'} stays as it was",
            style="red",
            markup=False,
        )


def _reason_lines(night: Night) -> Iterator[str]:
    for outlet in night.outlets:
        for name, reasons in (("failed", outlet.failed_because), ("refused", outlet.refused_because)):
            if reasons:
                words = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
                yield f"{outlet.outlet}: {name}: {words}"
        if night.replay and outlet.outlet in night.drift:
            yield f"{outlet.outlet}: {night.drift[outlet.outlet]}"
        if night.replay:  # in a live night they are problems, listed below them
            yield from (f"{outlet.outlet}: source failed: {url}: {reason}" for url, reason in outlet.source_problems)


def print_crawl(console: Console, collected: Collected) -> None:
    """What each outlet announced and what the crawl did with it, then the files."""
    table = Table("outlet", "announced", *CRAWLED, "looked again", "sources alive", "unchanged (304)")
    for column in table.columns[1:]:
        column.justify = "right"
    outlets = sorted(crawl_json(collected)["outlets"].items())
    for outlet, counts in outlets:
        pages, sources = counts["pages"], counts["sources"]
        asked = sum(sources.values()) - sources.get("waiting", 0)
        cells = [str(sum(pages.values())), *(str(pages.get(outcome, 0)) for outcome in CRAWLED)]
        alive = f"{sources.get('ok', 0)}/{asked}"
        table.add_row(outlet, *cells, str(counts["looked_again"]), alive, str(counts["sources_unchanged"]))
    console.print(table)
    for outlet, counts in outlets:
        if counts["reasons"]:
            words = ", ".join(f"{count} {reason}" for reason, count in counts["reasons"].most_common())
            console.print(f"{outlet}: {words}", markup=False)
    if collected.files:
        folders = ", ".join(str(folder) for folder in sorted({file.parent for file in collected.files}))
        console.print(f"{len(collected.files)} archive files in {folders}", markup=False)


def crawl_json(collected: Collected) -> dict[str, Any]:
    """The numbers of print_crawl, with every page and source that was not simply fetched."""
    outlets: dict[str, Any] = {}
    for log in collected.logs:
        entry = outlets.setdefault(
            log.outlet,
            {
                "pages": Counter(),
                "looked_again": 0,
                "sources": Counter(),
                "sources_unchanged": 0,
                "reasons": Counter(),
                "source_problems": [],
                "alarms": [],
            },
        )
        for page in log.pages:
            entry["looked_again"] += page.relook
            if page.announced:
                entry["pages"][page.outcome] += 1
            if page.reason:
                entry["reasons"][f"{page.outcome}: {page.reason}"] += 1
        for source in log.sources:
            if source.kind != "robots":
                entry["sources"][source.outcome] += 1
                entry["sources_unchanged"] += source.status == 304
            if source.reason and source.reason != "not_modified":
                entry["source_problems"].append(
                    {"url": source.url, "kind": source.kind, "outcome": source.outcome, "reason": source.reason}
                )
        entry["alarms"] += log.alarms
    return {
        "outlets": outlets,
        "files": [str(file) for file in collected.files],
        "problems": list(collected.problems),
    }


def night_json(nights: Sequence[Night], failures: Sequence[str]) -> dict[str, Any]:
    """The numbers of print_night, for all nights, as one object."""
    last = nights[-1].after if nights else None
    return {
        "nights": [_night_object(night) for night in nights],
        "new": {
            "articles": sum(night.new_articles for night in nights),
            "mentions": sum(night.new_mentions for night in nights),
        },
        "totals": _holdings_object(last) if last else None,
        "failures": list(failures),
    }


def print_extraction(console: Console, figures: dict[str, Any]) -> None:
    """Figures of evaluate extraction; few pages as k/n."""
    table = Table("figure", "value", "of pages")
    for field in ("f1", "title", "sapo", "author", "published"):
        n = figures["n"].get(field, 0)
        table.add_row(field, _share(figures[field], n, exact=field != "f1"), str(n))
    console.print(table)
    for outlet, f1 in figures["by_outlet"].items():
        console.print(f"F1 {outlet}: {f1}", markup=False)
    for outlet, misfits in figures["drift"].items():
        console.print(f"drift: {outlet}: no layout fits {misfits} pages", style="yellow", markup=False)
    console.print(
        f"{figures['pages']} pages, {figures['missing']} missing; {figures['pages_per_second']} pages/s a process"
    )


def print_mentions(console: Console, figures: dict[str, Any]) -> None:
    """Figures of evaluate mentions, by who labelled."""
    table = Table("what", "labelled by", "precision", "recall", "right", "wrong", "missed")
    rows = [("portal", figures["portal"])]
    rows += [(f"portal: {sense}", value) for sense, value in figures["portal_senses"].items()]
    rows += [(sense, value) for sense, value in figures["nq68"].items()]
    for name, by_labeller in rows:
        for labeller, c in by_labeller.items():
            found, there = c["tp"] + c["fp"], c["tp"] + c["fn"]
            shares = (_share(c["precision"], found, hits=c["tp"]), _share(c["recall"], there, hits=c["tp"]))
            table.add_row(name, labeller, *shares, str(c["tp"]), str(c["fp"]), str(c["fn"]))
    console.print(table)
    console.print(
        f"{figures['articles']} articles, {figures['missing']} missing; macro-F1 of portal senses"
        f" {figures['portal_senses_macro_f1']}; {figures['pages_per_second']} articles/s a process"
    )


def print_stories(console: Console, figures: dict[str, Any]) -> None:
    """Figures of evaluate stories."""
    console.print(
        f"{figures['articles']} articles, {figures['pairs']} pairs of one story: precision {figures['precision']},"
        f" recall {figures['recall']}; {figures['articles_per_second']} articles/s"
    )
    for name, words in (("false_pairs", "joined, but two"), ("missed_pairs", "told apart, but one")):
        for pair in figures[name]:
            console.print(f"{words}: {' and '.join(pair)}", markup=False)


def print_facets(console: Console, figures: dict[str, Any]) -> None:
    """Figures of evaluate facets, by kind."""
    table = Table("kind", "F1", "precision", "recall")
    for kind, count in figures["kinds"].items():
        found, there = count["tp"] + count["fp"], count["tp"] + count["fn"]
        table.add_row(kind, str(count["f1"]), f"{count['tp']}/{found}", f"{count['tp']}/{there}")
    console.print(table)
    console.print(
        f"{figures['articles']} articles; micro-F1 {figures['micro_f1']}; {figures['articles_per_second']} articles/s"
    )


def _share(value: float | None, n: int, hits: int | None = None, exact: bool = True) -> str:
    """k/n where n < 100 (design.md, Evaluation), else the ratio."""
    if value is None:
        return "-"
    if exact and n < 100:
        return f"{hits if hits is not None else round(value * n)}/{n}"
    return f"{value:.4f}"


def _outlet_cells(outlet: OutletRun) -> list[str]:
    counts = [str(outlet.outcomes[outcome]) for outcome in OUTCOMES]
    asked = outlet.sources.total() - outlet.sources["not_in_archive"]
    return [
        outlet.outlet,
        str(outlet.announced),
        *counts,
        str(outlet.relooks.total()),
        f"{outlet.sources['ok']}/{asked}",
    ]


def _mentions_table(before: Holdings, after: Holdings) -> Table:
    table = Table("topic", "sense", "mentions", "articles", "articles before", title="Mentions held")
    for column in table.columns[2:]:
        column.justify = "right"
    for (topic, sense), mentions in after.mentions.items():
        key = (topic, sense)
        table.add_row(
            topic,
            sense,
            str(mentions),
            str(after.articles_naming[key]),
            str(before.articles_naming.get(key, 0)),
        )
    return table


def _night_object(night: Night) -> dict[str, Any]:
    return {
        "run": night.run,
        "replay": str(night.replay) if night.replay else None,
        "now": night.now.isoformat(),
        "outlets": {
            outlet.outlet: {
                "announced": outlet.announced,
                **{outcome: outlet.outcomes[outcome] for outcome in OUTCOMES},
                "failed_because": dict(outlet.failed_because),
                "refused_because": dict(outlet.refused_because),
                "looked_again": dict(outlet.relooks),
                "sources": dict(outlet.sources),
                "sources_unchanged": outlet.unchanged_sources,
                "alarms": list(outlet.alarms),
                "drift": night.drift.get(outlet.outlet),
                "source_problems": [{"url": url, "reason": reason} for url, reason in outlet.source_problems],
            }
            for outlet in night.outlets
        },
        "new": {"articles": night.new_articles, "mentions": night.new_mentions},
        "totals": _holdings_object(night.after),
        "problems": list(night.problems),
        "not_asked": night.not_asked,
        "published": str(night.published) if night.published else None,
    }


def _holdings_object(held: Holdings) -> dict[str, Any]:
    mentions: dict[str, dict[str, int]] = {}
    for (topic, sense), count in held.mentions.items():
        mentions.setdefault(topic, {})[sense] = count
    articles: dict[str, dict[str, int]] = {}
    for (topic, sense), count in held.articles_naming.items():
        articles.setdefault(topic, {})[sense] = count
    return {
        "articles": held.articles,
        "stories": held.stories,
        "mentions": len(held.mention_ids),
        "mentions_by_sense": mentions,
        "articles_by_sense": articles,
    }
