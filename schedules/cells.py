"""What a spreadsheet is handed: the press writes the cells, and some of it would run."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def inert(value: Any) -> Any:
    """A cell that a spreadsheet does not run: texts of the press may begin like a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def plain(value: Any) -> Any:
    """A value of an answer as one cell: numbers stay numbers, lists are joined, the rest is inert text."""
    return value if value is None or isinstance(value, int | float | Decimal) else inert(_text(value))


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "; ".join("" if part is None else _text(part) for part in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
