"""Reads and writes JSON lines, packed or not."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Row = dict[str, Any]


class LabelError(Exception):
    """A labelled file can't be used; says file, line and what is expected."""


def read_rows(path: Path, keys: Iterable[str]) -> list[Row]:
    """The objects of a JSON lines file, each of which must have `keys`. Raises LabelError."""
    rows = []
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                try:
                    row = json.loads(line)
                    missing = [key for key in keys if key not in row]
                except (ValueError, TypeError):
                    raise LabelError(f"{path}:{number}: not a JSON object; one a line is expected") from None
                if missing:
                    raise LabelError(
                        f"{path}:{number}: has no '{missing[0]}'; see shared/press/README.md for the format"
                    )
                rows.append(row)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise LabelError(f"{path}: can't be read: {getattr(error, 'strerror', None) or error}") from None
    return rows


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
