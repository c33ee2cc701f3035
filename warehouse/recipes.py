"""Ready questions with their SQL: one file each in cookbook/, the question in its first line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent / "cookbook"


@dataclass(frozen=True, slots=True)
class Recipe:
    """`question` is in Vietnamese; `sql` asks the published database."""

    number: int
    question: str
    sql: str


def recipes() -> list[Recipe]:
    """All of them, by number."""
    found = []
    for file in sorted(_FOLDER.glob("*.sql")):
        question, _, sql = file.read_text(encoding="utf-8").partition("\n")
        found.append(Recipe(int(file.name.split("_")[0]), question.removeprefix("-- "), sql.strip()))
    return found
