"""What no press says and people write down: results and outcomes that units reported, and what was done about
difficulties that the press told of. Three tables kept in a spreadsheet, one entry a line."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from config.csv_file import Column, day, filled, month, read_csv
from config.errors import ConfigError, Problem
from config.plan import ActivityId

ACTIVITIES, OUTCOMES, DIFFICULTIES = "activities.csv", "outcomes.csv", "difficulties.csv"
FILES = (ACTIVITIES, OUTCOMES, DIFFICULTIES)


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """A result of an activity in a `month` (2021-07), as `unit` reported it; `document` says so, and is `dated`."""

    activity_id: str
    month: str
    result: str
    unit: str
    document: str
    dated: dt.date


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an `indicator` (accounts of the portal, regulations cut) stood at in a `month`, as `unit` reported it;
    `document` says so, and is `dated`."""

    indicator: str
    month: str
    value: str
    unit: str
    document: str
    dated: dt.date


@dataclass(frozen=True, slots=True)
class Difficulty:
    """A difficulty that an `article` (its id or address) tells of, the `agency` in charge, and its `reply`; '' while
    there is none."""

    article: str
    difficulty: str
    agency: str
    reply: str


@dataclass(frozen=True, slots=True)
class ByHand:
    activities: tuple[PlanEntry, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    difficulties: tuple[Difficulty, ...] = ()


def read_by_hand(directory: Path) -> ByHand:
    """The entries of all tables, in the order of their files. Raises ConfigError with every problem found, each with
    its line."""
    problems: list[Problem] = []
    read = {}
    reported: dict[str, Column] = {"unit": filled, "document": filled, "dated": day}
    tables: dict[str, dict[str, Column]] = {
        ACTIVITIES: {"activity_id": _activity, "month": month, "result": filled, **reported},
        OUTCOMES: {"indicator": filled, "month": month, "value": filled, **reported},
        DIFFICULTIES: {"article": filled, "difficulty": filled, "agency": filled, "reply": str},
    }
    for file, columns in tables.items():
        try:
            read[file] = read_csv(directory / file, columns)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return ByHand(
        tuple(PlanEntry(**row) for row in read[ACTIVITIES]),
        tuple(Outcome(**row) for row in read[OUTCOMES]),
        tuple(Difficulty(**row) for row in read[DIFFICULTIES]),
    )


def _activity(text: str) -> str:
    if filled(text) not in get_args(ActivityId):
        raise ValueError(f"the plan has no activity '{text}'; write one of {', '.join(get_args(ActivityId))}")
    return text
