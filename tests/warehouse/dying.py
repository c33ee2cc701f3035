"""Opens a warehouse whose file is of an older storage format, and is killed at a moment of its being stored anew.

`python -m tests.warehouse.dying WORKSPACE MOMENT`
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from warehouse import database
from warehouse.database import open_warehouse

#: The statements of it, and the rename that ends it; each has just been done when the process dies.
MOMENTS = ("CHECKPOINT", "ATTACH", "COPY", "DETACH", "rename")


class Dying:
    """A connection that ends its process once it has done a statement."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, moment: str) -> None:
        self._connection = connection
        self._moment = moment

    def execute(self, statement: str) -> duckdb.DuckDBPyConnection:
        done = self._connection.execute(statement)
        if statement.startswith(self._moment):
            os.kill(os.getpid(), signal.SIGKILL)
        return done


def main(workspace: Path, moment: str) -> None:
    open_to_write, store_anew, replace = database.open_to_write, database._store_anew, Path.replace

    @contextmanager
    def open_dying(path: Path) -> Iterator[Any]:
        with open_to_write(path) as connection:
            yield Dying(connection, moment)

    def store_dying(path: Path) -> None:
        database.open_to_write = open_dying
        store_anew(path)

    def last_replace(self: Path, target: Path) -> Path:
        done = replace(self, target)
        os.kill(os.getpid(), signal.SIGKILL)
        return done

    database._store_anew = store_dying
    if moment == "rename":
        Path.replace = last_replace  # type: ignore[method-assign,assignment]
    with open_warehouse(workspace):
        pass


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
