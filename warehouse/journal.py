"""The append-only journal: all that the archive can't rebuild. One JSON object a line, on the disk before we go on."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

DECISIONS = "decisions"
MAIL = "mail"


class JournalError(Exception):
    """A journal line can't be read; says file and line."""


def append(workspace: Path, journal: str, entry: Mapping[str, Any]) -> None:
    """Adds one entry; it is durable when this returns."""
    path = _path(workspace, journal)
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(entry, ensure_ascii=False, sort_keys=True) + "\n"
    with path.open("ab") as file:
        file.write(line.encode())
        file.flush()
        os.fsync(file.fileno())


def read(workspace: Path, journal: str) -> list[dict[str, Any]]:
    """All entries, oldest first. Raises JournalError."""
    path = _path(workspace, journal)
    if not path.exists():
        return []
    entries = []
    # Not splitlines: a text may hold other line ends, such as U+2028, which JSON leaves as they are.
    for number, line in enumerate(path.read_text(encoding="utf-8").removesuffix("\n").split("\n"), 1):
        try:
            entries.append(json.loads(line))
        except ValueError:
            raise JournalError(f"{path}:{number}: not a JSON object; repair or remove this line") from None
    return entries


def _path(workspace: Path, journal: str) -> Path:
    return workspace / "journal" / f"{journal}.jsonl"
