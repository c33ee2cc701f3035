"""The append-only journal: all that the archive can't rebuild. One JSON object a line, on the disk before we go on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from archive.lock import is_locked, locked
from archive.manifest import sync_directory

DECISIONS = "decisions"
MAIL = "mail"
FIGURES = "figures"
MISSED = "missed"
JOBS = "jobs"
ALERTS = "alerts"


class JournalError(Exception):
    """A journal line can't be read; says file and line."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no entry. `torn`: the last one, without its end, as a power cut while writing leaves it."""

    number: int
    torn: bool


def append(workspace: Path, journal: str, entry: Mapping[str, Any]) -> None:
    """Adds one entry; it is durable when this returns."""
    path = path_of(workspace, journal)
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(entry, ensure_ascii=False, sort_keys=True) + "\n"
    is_new = not path.exists()
    with path.open("a+b") as file:
        # A line that a power cut tore stays a line of its own: joined to it, this entry could not be read either.
        file.write(("\n" if _is_torn(file) else "").encode() + line.encode())
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        # Its name too: a journal that a power cut takes whole would let everything be done again.
        sync_directory(path.parent)


def mend(workspace: Path, journal: str) -> Path | None:
    """Moves a last line that a power cut tore into <journal>.jsonl.torn, where it stays for a look; says where to.
    Nobody was told that it was written. Only for who alone writes this journal at the moment."""
    path = path_of(workspace, journal)
    torn = path.with_suffix(".jsonl.torn")
    if not any(line.torn for line in bad_lines(path)):
        return None
    with path.open("r+b") as file:
        whole = file.read().rfind(b"\n") + 1
        file.seek(whole)
        with torn.open("ab") as aside:
            aside.write(file.read() + b"\n")
            aside.flush()
            os.fsync(aside.fileno())
        file.truncate(whole)
        os.fsync(file.fileno())
    return torn


def read(workspace: Path, journal: str) -> list[dict[str, Any]]:
    """All entries, oldest first. Raises JournalError."""
    path = path_of(workspace, journal)
    entries, bad = _read(path)
    if bad:
        raise JournalError(f"{path}:{bad[0].number}: not a JSON object; repair or remove this line")
    return entries


def readable(workspace: Path, journal: str) -> list[dict[str, Any]]:
    """The entries that can be read, oldest first: for whoever must go on beside a torn line, as the scheduler must.
    `diembao doctor` and the morning's health job name the others."""
    return _read(path_of(workspace, journal))[0]


def read_on(path: Path, offset: int) -> tuple[list[dict[str, Any]], int]:
    """The entries that can be read from a byte on that begins a line, and the byte after the last whole line."""
    if not path.exists():
        return [], 0
    with path.open("rb") as file:
        file.seek(offset)
        whole, end, _torn = file.read().rpartition(b"\n")
    return [entry for line in whole.split(b"\n") if (entry := _entry(line))], offset + len(whole + end)


def journals(workspace: Path) -> list[Path]:
    """The files of the journal."""
    return sorted((workspace / "journal").glob("*.jsonl"))


def bad_lines(path: Path) -> list[BadLine]:
    """The lines of a journal file that are no entries."""
    return _read(path)[1]


def _read(path: Path) -> tuple[list[dict[str, Any]], list[BadLine]]:
    entries, bad = [], []
    # Bytes: a torn line may end inside a letter. Not splitlines: a text may hold other line ends, such as U+2028, which
    # JSON leaves as they are.
    *lines, tail = path.read_bytes().split(b"\n") if path.exists() else [b""]
    for number, line in enumerate([*lines, tail] if tail else lines, 1):
        entry = _entry(line)
        if entry is None:
            bad.append(BadLine(number, torn=number > len(lines)))
        else:
            entries.append(entry)
    return entries, bad


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line.decode())
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def _is_torn(file: BinaryIO) -> bool:
    if not file.seek(0, os.SEEK_END):
        return False
    file.seek(-1, os.SEEK_END)
    return file.read(1) != b"\n"


def path_of(workspace: Path, journal: str) -> Path:
    return workspace / "journal" / f"{journal}.jsonl"


@contextmanager
def held(workspace: Path, journal: str) -> Iterator[None]:
    """One at a time acts upon what the journal says; whoever comes next waits."""
    path = _lock_of(workspace, journal)
    path.parent.mkdir(parents=True, exist_ok=True)
    with locked(path):
        yield


def is_held(workspace: Path, journal: str) -> bool:
    return is_locked(_lock_of(workspace, journal))


def _lock_of(workspace: Path, journal: str) -> Path:
    return path_of(workspace, journal).with_suffix(".lock")
