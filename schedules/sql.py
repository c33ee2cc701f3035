"""Analysts' questions: the published database is asked, read-only, and its answer shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from warehouse.published import open_published


class NoAnswer(Exception):
    """The statement can't be answered; says why in one line."""


@dataclass(frozen=True, slots=True)
class Answer:
    """All rows of an answer, with the names of its columns."""

    columns: Sequence[str]
    rows: Sequence[tuple[Any, ...]]


#: How an answer is shown.
Show = Callable[[Answer], None]


@contextmanager
def asking(workspace: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of one statement: it reads the published database, and no other file.

    It is closed at the end, since a process sees a new publication only when nothing of it holds the old one.
    Raises NotPublished, and NoAnswer for whatever DuckDB says against the statement.
    """
    try:
        with closing(open_published(workspace)) as connection:
            connection.execute("SET enable_external_access = false")
            yield connection
    except duckdb.Error as error:
        raise NoAnswer(f"sql: {str(error).splitlines()[0]}") from None


def ask(workspace: Path, statement: str) -> Answer:
    """One statement and its whole answer. Raises NotPublished and NoAnswer.

    DuckDB works in a thread of its own: while it does, the main thread would often not hear of Ctrl-C.
    """
    with asking(workspace) as connection, ThreadPoolExecutor(1) as thread:
        try:
            return thread.submit(_answer, connection, statement).result()
        except BaseException:
            connection.interrupt()
            raise


def _answer(connection: duckdb.DuckDBPyConnection, statement: str) -> Answer:
    connection.execute(statement)
    columns = names(connection)
    return Answer(columns, connection.fetchall() if columns else [])


def names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The columns of what was executed last; none where it was no statement at all.

    Columns of one name are told apart, as DuckDB does in a subquery: JSON would keep only the last of them.
    """
    found: list[str] = []
    for name, *_ in connection.description or ():
        numbered = (f"{name}_{number}" for number in count(1))
        found.append(name if name not in found else next(other for other in numbered if other not in found))
    return found


def print_table(console: Console) -> Show:
    """A table; what the press wrote is no markup."""

    def show(answer: Answer) -> None:
        table = Table(*(Column(Text(name), overflow="fold") for name in answer.columns))
        for row in answer.rows:
            table.add_row(*(Text("" if value is None else str(value)) for value in row))
        console.print(table)

    return show


def print_json(answer: Answer) -> None:
    """A list with an object for each row."""
    rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
    print(json.dumps(rows, ensure_ascii=False, default=str))
