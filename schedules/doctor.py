"""What is wrong with a workspace and what to do about it; the warehouse made anew from archive and journal."""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from archive.checkup import (
    Finding,
    check_folder,
    check_index,
    check_leftovers,
    index_is_damaged,
    is_workspace,
)
from archive.index import ArchiveIndex
from archive.manifest import archive_files
from archive.workspace import WorkspaceError, hold
from config.load import Config
from pipeline.run import OnFile, process
from warehouse import journal
from warehouse.checkup import OnTable, check_journal, check_published, check_warehouse
from warehouse.database import WarehouseError, warehouse_path
from warehouse.files import is_open_elsewhere, log_of
from warehouse.publish import publish
from warehouse.published import published_path


class NoWorkspace(Exception):
    """The folder is no workspace, so there is nothing to examine."""


class NotRebuilt(Exception):
    """The warehouse can't be made anew as things are; nothing was touched."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was made anew. `aside`: where the old database lies now, if there was one; `problems`: what could not be
    read, in a line each; `published` is None where the copy was left as it was."""

    aside: Path | None
    files: int
    captures: int
    published: Path | None
    problems: tuple[str, ...]


def examine(workspace: Path, on_table: OnTable) -> list[Finding]:
    """All findings, in the order of the night: folder, index, warehouse, journal, published copy. Raises NoWorkspace.

    It holds the workspace meanwhile, since whoever reads the warehouse keeps a run from writing it. Where a run holds
    it, the warehouse and what that run has left half done are not looked at.
    """
    if not is_workspace(workspace):
        raise NoWorkspace(f"{workspace}: there is no workspace; `diembao init` makes one, or give --data")
    path = published_path(workspace)
    found = check_folder(workspace, path.stat().st_size if path.exists() else 0)
    with ExitStack() as stack:
        held = None
        busy = [] if found and found[0].level == "error" else _hold(workspace, stack)
        found += busy or check_leftovers(workspace)
        found += check_index(workspace)
        if not busy:
            warehouse, held = check_warehouse(workspace, on_table)
            found += warehouse
        found += check_journal(workspace)
        found += check_published(workspace, held, on_table)
    return list(dict.fromkeys(found))  # index and warehouse miss the same archive file


def _hold(workspace: Path, stack: ExitStack) -> list[Finding]:
    """Holds the workspace for the doctor, or says who holds it."""
    try:
        stack.enter_context(hold(workspace, "diembao doctor"))
    except WorkspaceError as error:
        what = str(error).removeprefix(f"{workspace}: ").partition(";")[0]
        remedy = f"ask again when it has ended: {warehouse_path(workspace).name} was not examined"
        return [Finding("hint", what, "lock.json", remedy)]
    except OSError as error:  # another user's
        return [Finding("error", f"can't be opened: {error.strerror}", "lock.json", "let this user write it")]
    return []


def rebuild(workspace: Path, config: Config, jobs: int, on_file: OnFile) -> Rebuilt:
    """Puts the warehouse aside and makes it anew from archive and journal, then publishes it; the caller holds the
    workspace. Nothing is deleted, no mail is sent. Raises NotRebuilt, JournalError, WarehouseError.

    Where files of the archive are missing the copy is not published: analysts would lose articles without a word.
    """
    _can_rebuild(workspace)
    if index_is_damaged(workspace):
        ArchiveIndex(workspace).delete()
    missing = [finding for finding in check_index(workspace) if finding.level == "error"]
    aside = _put_aside(warehouse_path(workspace))
    report = process(workspace, config, jobs, on_file, everything=True)
    problems = [
        *report.unreadable,
        *(f"{file}: byte {damage.offset}: {damage.what}" for file, damage in report.damages),
    ]
    published = None
    if missing:
        problems.append(
            f"not published: {len(missing)} archive files are missing; restore them and run `diembao process`, or"
            " publish without them: `diembao publish`"
        )
    else:
        try:
            published = publish(workspace)
        except WarehouseError as error:
            problems.append(f"not published: {error}")
    return Rebuilt(aside, len(report.files), report.captures, published, tuple(problems))


def _can_rebuild(workspace: Path) -> None:
    """Before anything is moved: that there is something to rebuild from, and nobody who writes the old database."""
    if not archive_files(workspace / "archive"):
        raise NotRebuilt(f"{workspace / 'archive'}: holds no archive files to rebuild from; restore it from the backup")
    for name in (journal.DECISIONS, journal.MAIL, journal.FIGURES, journal.MISSED):
        journal.read(workspace, name)
    path = warehouse_path(workspace)
    if path.exists() and is_open_elsewhere(path):
        raise NotRebuilt(f"{path}: another program has it open; end that program first")


def _put_aside(path: Path) -> Path | None:
    """The database with its log, under a name by which DuckDB finds the log again."""
    aside = path.with_name(f"{path.name}.broken-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S.%fZ}")
    log = log_of(path)
    # The log first: a kill in between must not leave it to the new database.
    if log.exists():
        log.rename(log_of(aside))
    return path.rename(aside) if path.exists() else None
