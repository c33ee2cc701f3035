"""The statements of warehouse/sql, and values and names as SQL writes them where a parameter can't stand."""

from __future__ import annotations

from pathlib import Path

_SQL = Path(__file__).parent / "sql"


def statement(name: str) -> str:
    """The text of warehouse/sql/`name`.sql."""
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")


def literal(value: str | Path) -> str:
    """A string in quotes."""
    return "'" + str(value).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A table or column in quotes."""
    return '"' + name.replace('"', '""') + '"'
