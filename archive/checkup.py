"""What can be wrong with a workspace's folder, its archive's index, and what killed runs left there. Changes nothing.

Whether the archive itself is whole takes reading all of it: archive.verify.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from archive.index import VERSION, index_path, indexed_files
from archive.manifest import MANIFEST, archive_files, listed
from archive.verify import is_being_written
from archive.workspace import WorkspaceError, prepare
from archive.write import PART

Level = Literal["error", "warning", "hint"]

#: Any of these makes a folder a workspace: whoever mistypes --data is told so, and not that all is well.
_HALLMARKS = ("archive", "journal", "published", "warehouse.duckdb", "config")
_RESTORE = "restore it from the backup copy; until then what was read from it can't be proved or read again"
_REINDEX = "diembao archive reindex"
#: A folder that is gone as a whole should not bury the other findings.
_MOST_NAMED = 20
_WAIT_SECONDS = 10
_GIGABYTE = 1_000_000_000
_LEAST_FREE = 2 * _GIGABYTE


@dataclass(frozen=True, slots=True)
class Finding:
    """error: something is broken or lost. warning: it works, and a person should see to it. hint: nobody needs to act
    at once; the next run, or the command named, settles it. `path` is relative to the workspace where it lies in it."""

    level: Level
    what: str
    path: str
    remedy: str


def is_workspace(folder: Path) -> bool:
    return any((folder / name).exists() for name in _HALLMARKS)


def check_folder(workspace: Path, published_size: int) -> list[Finding]:
    """Whether it can be written, and has room for the next run: publication writes a second copy."""
    try:
        prepare(workspace)
    except WorkspaceError as error:
        what = str(error).removeprefix(f"{workspace}: ").partition(";")[0]
        return [Finding("error", what, str(workspace), "give this user the right to write, or free the disk")]
    free = shutil.disk_usage(workspace).free
    needed = max(_LEAST_FREE, 2 * published_size)
    if free >= needed:
        return []
    what = f"{free / _GIGABYTE:.1f} GB are free, and {needed / _GIGABYTE:.1f} GB should be"
    return [Finding("warning", what, str(workspace), "make room before the next run: a full disk ends it")]


def check_leftovers(workspace: Path) -> list[Finding]:
    """What killed runs left beside their targets. Nobody else may hold the workspace."""
    return [
        Finding("hint", what, path.relative_to(workspace).as_posix(), remedy)
        for path, what, remedy in _leftovers(workspace)
    ]


def _leftovers(workspace: Path) -> Iterator[tuple[Path, str, str]]:
    archive = workspace / "archive"
    for path in sorted(archive.rglob(f"*{PART}")):
        if not is_being_written(path):
            yield path, "left open by a killed run", "nothing: the next run keeps its whole records"
    for path in sorted(archive.rglob("*.copy")):
        yield path, "half of a file that was being taken in", "import the file again, or remove this half"
    for path in sorted((workspace / "published").rglob("*.new")):
        yield path, "half a publication, which nobody reads", "nothing: the next publication replaces it"
    if (workspace / "scratch").exists():
        yield workspace / "scratch", "left by a killed run", "nothing: the next `diembao process` empties it"
    for path in sorted(workspace.glob("warehouse.duckdb.tmp")):
        yield path, "what DuckDB had put aside in a killed run", "remove it"
    for path in sorted(workspace.glob("warehouse.duckdb.broken-*")):
        yield path, "put aside by `diembao doctor --rebuild`", "remove it when nobody wants to look into it any more"


def check_index(workspace: Path) -> list[Finding]:
    """Whether archive/index.sqlite is sound and knows the archive's files, and whether all that was there still is."""
    known = [*indexed_files(workspace), *_listed_files(workspace)]
    return [*_index_file(workspace), *missing_files(workspace, known)]


def _index_file(workspace: Path) -> list[Finding]:
    name = index_path(workspace).relative_to(workspace).as_posix()
    on_disk = {path.relative_to(workspace).as_posix() for path in archive_files(workspace / "archive")}
    if not index_path(workspace).exists():
        what = f"is not there, and the archive has {len(on_disk)} files"
        return [Finding("hint", what, name, f"{_REINDEX}, or nothing: the next run does it")] if on_disk else []
    try:
        damage, version = _sqlite_check(index_path(workspace))
    except sqlite3.Error as error:
        if error.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_READONLY")):
            what = f"not examined: {error}"
            return [
                Finding("hint", what, name, "ask again; a run that was killed while it wrote is undone by the next")
            ]
        damage, version = str(error), VERSION
    if damage:
        return [Finding("error", f"is damaged: {damage}", name, _REINDEX)]
    if version != VERSION:
        what = f"is of version {version}, this program's is {VERSION}"
        return [Finding("hint", what, name, "nothing: the next run makes it anew")]
    if new := on_disk - set(indexed_files(workspace)):
        what = f"does not know {len(new)} of the {len(on_disk)} archive files, {min(new)} is one"
        return [Finding("hint", what, name, f"{_REINDEX}, or nothing: the next run enters them")]
    return []


def index_is_damaged(workspace: Path) -> bool:
    return any(finding.level == "error" for finding in _index_file(workspace))


def _sqlite_check(path: Path) -> tuple[str | None, int]:
    """The first damage that SQLite sees, and the version of the schema. Raises sqlite3.Error, of which
    `sqlite_errorname` tells damage from a lock."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=_WAIT_SECONDS)) as db:
        ((version,),) = db.execute("PRAGMA user_version").fetchall()
        lines = [line for (line,) in db.execute("PRAGMA quick_check(1)").fetchall()]
        db.execute("SELECT count(*) FROM files").fetchall()
    return (None if lines == ["ok"] else lines[0].replace("\n", " ")), version


def _listed_files(workspace: Path) -> Iterator[str]:
    """All that the archive's SHA256SUMS list: an index made anew has forgotten what is gone."""
    for path in (workspace / "archive").rglob(MANIFEST):
        if manifest := listed(path.parent):
            folder = path.parent.relative_to(workspace)
            yield from ((folder / file).as_posix() for file in manifest.digests)


def missing_files(workspace: Path, known: Iterable[str]) -> list[Finding]:
    """The archive files, of those known once, that are no longer there."""
    gone = [file for file in sorted(set(known)) if not (workspace / file).exists()]
    found = [Finding("error", "was in the archive and is missing", file, _RESTORE) for file in gone[:_MOST_NAMED]]
    if more := gone[_MOST_NAMED:]:
        found.append(Finding("error", f"{len(more)} more files are missing", "archive", "diembao archive verify"))
    return found
