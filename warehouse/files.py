"""What stands beside a DuckDB file and who has it: its log, its owner, its lock."""

from __future__ import annotations

import fcntl
from pathlib import Path


def log_of(database: Path) -> Path:
    """Where DuckDB keeps what a session has written and not yet put into the file."""
    return database.with_name(database.name + ".wal")


def owner_of(path: Path) -> str:
    """The name of the user who owns a file."""
    try:
        return path.owner()
    except KeyError:  # a user without a name
        return f"user {path.stat().st_uid}"


def is_open_elsewhere(database: Path, only_to_write: bool = False) -> bool:
    """Whether another process has it open: DuckDB locks the file, shared while it reads and exclusively while it may
    write."""
    with database.open("rb" if only_to_write else "r+b") as file:
        try:
            fcntl.lockf(file, (fcntl.LOCK_SH if only_to_write else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def remove_aside(database: Path) -> None:
    """A database that was written aside and cut off, and its log."""
    database.unlink(missing_ok=True)
    log_of(database).unlink(missing_ok=True)
