"""What can be wrong with journal, warehouse and published copy. Changes nothing.

A damaged DuckDB file can end the process that reads it, or keep it for ever. So a child process reads it and tells what
it sees.
"""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import duckdb

from archive.checkup import Finding, Level, missing_files
from archive.manifest import archive_files
from warehouse import journal
from warehouse.blocks import UnknownLayout, check_blocks
from warehouse.database import migrations, warehouse_path
from warehouse.files import log_of, owner_of
from warehouse.published import published_path
from warehouse.settings import SESSION
from warehouse.statements import identifier

REBUILD = "diembao doctor --rebuild"
_PUBLISH = "diembao publish"
_PROCESS = "diembao process"
_CHECKS = sorted((Path(__file__).parent / "sql").glob("doctor_*.sql"))
_HINT = "-- hint: "
#: The longest that one table or question may take: a damaged block can send a reader round in circles.
_PATIENCE_SECONDS = 900

#: Called with the name of what is read next, and how many there are in all.
OnTable = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Held:
    """What a database that could be read holds: the archive files it has read (none in a published one), and how many
    articles; None where that can't be asked."""

    files: tuple[str, ...]
    articles: int | None


@dataclass(frozen=True, slots=True)
class _At:
    """The child begins to read `name`, one of `total`."""

    name: str
    total: int


@dataclass(frozen=True, slots=True)
class _Request:
    """What the child is asked: `name` is how findings call the file; `checks`: it is the writer's, with our tables."""

    path: Path
    name: str
    remedy: str
    checks: bool

    def error(self, what: str) -> Finding:
        return Finding("error", what, self.name, self.remedy)


def check_journal(workspace: Path) -> list[Finding]:
    """Whether each line of the journal can be read. None is ever repaired by a program: it may hold a decision."""
    found = []
    for path in journal.journals(workspace):
        name = path.relative_to(workspace).as_posix()
        for line in journal.bad_lines(path):
            if line.torn:
                what = f"line {line.number}, the last, was torn by a power cut or a full disk"
                remedy = (
                    "copy the file, then remove this line; whoever wrote it was not told it was done: take the decision"
                    " again (a mail whose end is missing stays unknown and is not sent again)"
                )
            else:
                what = f"line {line.number} is not a JSON object"
                remedy = "copy the file, then repair or remove this line; the backup copy may have it whole"
            found.append(Finding("error", what, f"{name}:{line.number}", remedy))
    return found


def check_warehouse(workspace: Path, on_table: OnTable) -> tuple[list[Finding], Held | None]:
    """Reads the writer's database whole and checks what its tables owe each other and the archive; the caller holds the
    workspace. What it holds is None where it can't be read."""
    path = warehouse_path(workspace)
    name = path.name
    on_disk = {file.relative_to(workspace).as_posix() for file in archive_files(workspace / "archive")}
    if not path.exists():
        what = f"is not there, and the archive has {len(on_disk)} files"
        return ([Finding("hint", what, name, f"{_PROCESS} and {_PUBLISH}")] if on_disk else []), None
    found, held = _examine(_Request(path, name, REBUILD, checks=True), on_table)
    if not os.access(path, os.W_OK):
        found.append(Finding("error", "can't be written by this user", name, "give this user the right to write"))
    if held:
        found += missing_files(workspace, held.files)
        if new := on_disk - set(held.files):
            what = f"{len(new)} of {len(on_disk)} archive files are not read yet, {min(new)} is one"
            found.append(Finding("hint", what, name, _PROCESS))
    return found, held


def check_published(workspace: Path, warehouse: Held | None, on_table: OnTable) -> list[Finding]:
    """Whether analysts have a sound copy that nobody can write, and as many articles in it as the warehouse."""
    path = published_path(workspace)
    name = path.relative_to(workspace).as_posix()
    if not path.exists():
        return [Finding("hint", "nothing is published", name, _PUBLISH)] if warehouse else []
    found, held = _examine(_Request(path, name, _PUBLISH, checks=False), on_table)
    found = [*_writers_log(workspace, path), *found]
    if path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        what = "can be written, so a reader's mistake would change it"
        found.append(Finding("warning", what, name, f"chmod a-w {path}"))
    if held and warehouse:
        found += _compare(name, held.articles, warehouse.articles)
    if not list((path.parent / "parquet").glob("*.parquet")):
        found.append(Finding("hint", "the Parquet files are not there", f"{path.parent.name}/parquet", _PUBLISH))
    return found


def _writers_log(workspace: Path, path: Path) -> list[Finding]:
    log = log_of(path)
    if not log.exists():
        return []
    when = dt.datetime.fromtimestamp(log.stat().st_mtime).astimezone().isoformat(timespec="seconds")
    what = f"{owner_of(log)} wrote into the published file, last at {when}; it can't be published until this is gone"
    remedy = f"ask them what they meant to keep, then remove it and run `{_PUBLISH}`"
    return [Finding("error", what, log.relative_to(workspace).as_posix(), remedy)]


def _compare(name: str, published: int | None, held: int | None) -> list[Finding]:
    if published is None or held is None or published == held:
        return []
    what = f"has {published} articles, the warehouse {held}"
    if published < held:
        return [Finding("hint", f"is older: {what}", name, _PUBLISH)]
    remedy = f"`{_PROCESS}` reads what the warehouse lacks; publish when you know why it has fewer"
    return [Finding("error", what, name, remedy)]


def _examine(request: _Request, on_table: OnTable) -> tuple[list[Finding], Held | None]:
    found = _blocks(request)
    told, held = _ask_child(request, on_table)
    return [*found, *told], held


def _blocks(request: _Request) -> list[Finding]:
    """Damage that reading the tables would not meet: in the indexes. What is no DuckDB file the child finds out."""
    try:
        blocks = check_blocks(request.path)
    except (UnknownLayout, OSError):
        return []
    if not blocks.damaged:
        return []
    where = f"{len(blocks.damaged)} of the {blocks.used} blocks in use are damaged, the first at byte"
    return [request.error(f"{where} {blocks.damaged[0]:,}")]


def _ask_child(request: _Request, on_table: OnTable) -> tuple[list[Finding], Held | None]:
    """What a child process says of the file, and what became of the child."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_tell, args=(request, theirs), daemon=True)
    child.start()
    theirs.close()
    found: list[Finding] = []
    held, at = None, "the file"
    try:
        while ours.poll(_PATIENCE_SECONDS):
            message = ours.recv()
            if isinstance(message, Finding):
                found.append(message)
            elif isinstance(message, Held):
                held = message
            else:
                at = message.name
                on_table(at, message.total)
        found.append(request.error(f"reading {at} came to no end in {_PATIENCE_SECONDS // 60} minutes"))
    except EOFError:
        child.join()
        if child.exitcode:
            found.append(request.error(f"reading {at} ended the reader ({_ending(child.exitcode)})"))
    finally:
        child.kill()
        child.join()
    return found, held


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _tell(request: _Request, ours: Connection) -> None:
    """Runs in the child. What DuckDB cries on its way out, the parent says in a line."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)
    for message in _look(request):
        ours.send(message)


class _Reader:
    """Asks a file, which it opens anew after a failure: after one damage DuckDB answers nothing more.

    A log that a killed run left is replayed in memory. Nothing is fetched from the network: of some files DuckDB thinks
    that another engine's driver opens them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: duckdb.DuckDBPyConnection | None = None

    def ask(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        if self._connection is None:
            config: dict[str, str | bool | int | float | list[str]] = {"autoinstall_known_extensions": False}
            self._connection = duckdb.connect(str(self._path), read_only=True, config=config)
            self._connection.execute(SESSION)
        try:
            return self._connection.execute(query, values).fetchall()
        except BaseException:
            self._connection.close()
            self._connection = None
            raise


def _look(request: _Request) -> Iterator[_At | Finding | Held]:
    reader = _Reader(request.path)
    try:
        query = "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND NOT temporary ORDER BY table_name"
        tables = [name for (name,) in reader.ask(query)]
    except Exception as error:  # noqa: BLE001 (whatever DuckDB makes of a damaged file)
        yield _unopened(request, error)
        return
    checks = _CHECKS if request.checks else []
    total = len(tables) + len(checks)
    whole = True
    for table in tables:
        yield _At(table, total)
        for what in _unreadable(reader, table):
            yield request.error(what)
            whole = False
    if not whole:
        return
    if request.checks and (finding := _other_schema(request, reader, tables)):
        yield finding
        return
    for check in checks:
        yield _At(check.stem, total)
        yield from _ask(request, reader, check)
    yield _held(request, reader)


def _unopened(request: _Request, error: Exception) -> Finding:
    words = _first_line(error)
    if "lock" in words and "PID" in words:
        remedy = "end that program; the published copy is there for reading"
        return Finding("error", f"another program has it open: {words}", request.name, remedy)
    return request.error(f"can't be opened: {words}")


def _unreadable(reader: _Reader, table: str) -> Iterator[str]:
    """What is wrong with a table: whether every value can be read, and whether its keys are unique."""
    name = identifier(table)
    try:
        reader.ask(f"SELECT bit_xor(hash(t)) FROM {name} AS t")
        keys = reader.ask(
            "SELECT constraint_column_names FROM duckdb_constraints()"
            " WHERE table_name = ? AND constraint_type IN ('PRIMARY KEY', 'UNIQUE')",
            table,
        )
        for (columns,) in keys:
            listed = ", ".join(map(identifier, columns))
            query = f"SELECT count(*) FROM (SELECT 1 FROM {name} GROUP BY {listed} HAVING count(*) > 1)"
            ((twice,),) = reader.ask(query)
            if twice:
                yield f"table {table}: {twice} values of its key ({', '.join(columns)}) are there twice"
    except Exception as error:  # noqa: BLE001 (whatever DuckDB makes of damaged blocks)
        yield f"table {table} can't be read: {_first_line(error)}"


def _other_schema(request: _Request, reader: _Reader, tables: Sequence[str]) -> Finding | None:
    """Whether its tables are another program version's; what they owe each other is then not ours to say."""
    newest = max(migrations())
    version = 0
    if "schema_version" in tables:
        ((version,),) = reader.ask("SELECT coalesce(max(version), 0) FROM schema_version")
    if version > newest:
        what = f"has schema {version}, newer than this program's {newest}"
        return Finding("error", what, request.name, "upgrade diembao")
    if version < newest:
        what = f"has schema {version}, this program's is {newest}"
        return Finding("hint", what, request.name, "nothing: the next run brings it up to date")
    return None


def _ask(request: _Request, reader: _Reader, check: Path) -> Iterator[Finding]:
    """A file of warehouse/sql answers how many rows break a rule, and names one. Its first line says which rule; a line
    `-- hint: COMMAND` says that nothing is broken and what settles it."""
    query = check.read_text(encoding="utf-8")
    first, *lines = query.splitlines()
    hints = [line.removeprefix(_HINT) for line in lines if line.startswith(_HINT)]
    level: Level = "hint" if hints else "error"
    try:
        ((count, example),) = reader.ask(query)
    except Exception as error:  # noqa: BLE001 (as above)
        yield request.error(f"{check.name} can't be asked: {_first_line(error)}")
        return
    if count:
        what = f"{count} {first.removeprefix('-- ')}, {example} is one"
        yield Finding(level, what, request.name, hints[0] if hints else request.remedy)


def _held(request: _Request, reader: _Reader) -> Held:
    """A view that can't be asked is made anew by the next run."""
    rows = reader.ask("SELECT archive_file FROM processed_files") if request.checks else []
    try:
        ((articles,),) = reader.ask("SELECT count(*) FROM articles")
    except duckdb.Error:
        articles = None
    return Held(tuple(file for (file,) in rows), articles)


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__
