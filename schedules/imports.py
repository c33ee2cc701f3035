"""Takes in archives made elsewhere, then processes, loads and publishes as a night does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from archive.imports import Choice, Imported, OnProgress, import_warc
from archive.index import ArchiveIndex
from archive.read import NotAWarc
from config.load import Config
from pipeline.run import OnFile, ProcessReport, process
from warehouse.database import WarehouseError
from warehouse.publish import publish

COUNTS = ("read", "taken", "duplicate", "foreign_host", "not_a_page", "other", "damaged")


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of the files given. `refused` could not be read at all, a line each; `report` and `published` are
    None where nothing was processed; `problems` are all failures in a line each."""

    imported: tuple[Imported, ...]
    refused: tuple[str, ...]
    report: ProcessReport | None
    published: Path | None
    problems: tuple[str, ...]


def import_archives(
    workspace: Path,
    config: Config,
    warcs: Sequence[Path],
    host_only: bool,
    jobs: int,
    on_progress: OnProgress,
    on_file: OnFile,
) -> Intake:
    """The caller holds the workspace. Raises WarehouseError and JournalError."""
    problems = ArchiveIndex(workspace).catch_up()
    choice = Choice(config.outlets, host_only)
    imported, refused = [], []
    for warc in warcs:
        try:
            done = import_warc(workspace, warc, choice, f"diembao {version('diembao')}", on_progress)
        except NotAWarc as error:
            refused.append(str(error))
            continue
        imported.append(done)
        problems += _problems(done)
        if done.stopped:
            return Intake(tuple(imported), tuple(refused), None, None, (*problems, *refused))
    if not imported:
        return Intake((), tuple(refused), None, None, (*problems, *refused))
    report = process(workspace, config, jobs, on_file)
    problems += [f"{file}: {damage}" for file, damage in report.damages]
    # What `process` could not read for good, catch_up() has named already.
    problems += [line for line in report.unreadable if line not in problems]
    published = None
    try:
        # Also where nothing was read now: an import that was killed may have loaded what nobody has published.
        published = publish(workspace)
    except WarehouseError as error:
        problems.append(str(error))
    return Intake(tuple(imported), tuple(refused), report, published, (*problems, *refused))


def _problems(done: Imported) -> list[str]:
    problems = [f"{done.source}: {damage}" for damage in done.damages]
    if more := done.counts.damaged - len(done.damages):
        problems.append(f"{done.source}: {more} more stretches are damaged")
    if done.stopped:
        problems.append(
            f"{done.stopped}: the import of {done.source} was stopped; the {done.counts.taken} records that were taken"
            " are kept whole; make room, then import it again: it goes on from there"
        )
    elif not done.counts.taken and not done.counts.duplicate:
        problems.append(f"{done.source}: {_nothing(done)}")
    return problems


def _nothing(done: Imported) -> str:
    if done.counts.not_a_page:
        return "holds no page of an outlet of the registry; --host-only takes all that its hosts answered"
    return "nothing in it is from a host of the registry; nothing was stored"


def intake_json(intake: Intake) -> dict[str, Any]:
    """The numbers of print_intake."""
    return {
        "imported": [
            {
                "source": str(done.source),
                **asdict(done.counts),
                "went_on": done.went_on,
                "files": [str(file) for file in done.files],
                "damages": [asdict(damage) for damage in done.damages],
            }
            for done in intake.imported
        ],
        "files_read": list(intake.report.files) if intake.report else [],
        "pages": intake.report.captures if intake.report else 0,
        "published": str(intake.published) if intake.published else None,
        "problems": list(intake.problems),
    }


def print_intake(console: Console, intake: Intake) -> None:
    """A line a source; read = taken + duplicate + foreign host + not a page + other."""
    table = Table("source", *(name.replace("_", " ") for name in COUNTS))
    for column in table.columns[1:]:
        column.justify = "right"
    for done in intake.imported:
        counts = asdict(done.counts)
        table.add_row(done.source.name, *(str(counts[name]) for name in COUNTS))
    if intake.imported:
        console.print(table)
    for done in intake.imported:
        if done.went_on:
            console.print(f"{done.source.name}: went on where an earlier import was stopped", markup=False)
        for file in done.files:
            console.print(f"{done.source.name}: kept in {file}", markup=False)
    if intake.report:
        console.print(f"{len(intake.report.files)} archive files read, {intake.report.captures} pages in them")
    if intake.published:
        console.print(f"Published: {intake.published}", markup=False)
