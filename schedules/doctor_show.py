"""How `diembao doctor` looks on a terminal, and as JSON: the same findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.progress import Progress

from archive.checkup import Finding
from schedules.doctor import Rebuilt
from warehouse.checkup import OnTable

_COLOURS = {"error": "red", "warning": "yellow", "hint": "cyan"}


@contextmanager
def examining(console: Console) -> Iterator[OnTable]:
    """A bar over tables and questions."""
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("doctor", total=None)
        yield lambda name, total: progress.update(task, description=f"doctor: {name}", total=total, advance=1)


def print_findings(console: Console, findings: Sequence[Finding]) -> None:
    """A line a finding, then how many of each."""
    for finding in findings:
        line = f"{finding.level.upper()}: {finding.path}: {finding.what}; {finding.remedy}"
        console.print(line, style=_COLOURS[finding.level], markup=False)
    counts = Counter(finding.level for finding in findings)
    sums = f"{counts['error']} errors, {counts['warning']} warnings, {counts['hint']} hints"
    console.print(f"{sums}. The archive's files were not read: `diembao archive verify` does that", markup=False)


def print_rebuilt(console: Console, rebuilt: Rebuilt) -> None:
    """What was made anew and where the old one lies."""
    if rebuilt.aside:
        console.print(f"the old database is kept: {rebuilt.aside}", markup=False)
    console.print(f"{rebuilt.files} archive files read, {rebuilt.captures} pages in them", markup=False)
    for problem in rebuilt.problems:
        console.print(f"PROBLEM: {problem}", style="red", markup=False)
    if rebuilt.published:
        console.print(f"published {rebuilt.published}", markup=False)


def doctor_json(findings: Sequence[Finding], rebuilt: Rebuilt | None) -> dict[str, Any]:
    """The facts of print_findings and print_rebuilt."""
    made = None
    if rebuilt:
        made = asdict(rebuilt) | {
            "aside": str(rebuilt.aside) if rebuilt.aside else None,
            "published": str(rebuilt.published) if rebuilt.published else None,
        }
    return {"findings": [asdict(finding) for finding in findings], "rebuilt": made}
