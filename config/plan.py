"""The plan of Decision 815/QĐ-VPCP: what it asks for, in its own words, and what of it the press can show."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Annotated, Literal, cast, get_args

from pydantic import Field, ValidationInfo, field_validator

from config.outlets import Strict

GroupId = Literal["I", "II", "III"]
ActivityId = Literal["I.1", "I.2", "I.3", "I.4", "II.1", "II.2", "II.3", "III.1", "III.2", "III.3", "III.4"]
Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]


class Document(Strict):
    """The decision that brought the plan into force."""

    number: str
    date: dt.date
    title: str


class Span(Strict):
    """Months from `start` to `end`, both included, written "2020-11"."""

    start: Month
    end: Month

    @field_validator("end")
    @classmethod
    def _not_before_start(cls, end: str, info: ValidationInfo) -> str:
        if end < info.data.get("start", end):
            raise ValueError(f"ends before it starts ({info.data['start']}); exchange the two")
        return end


class Activity(Span):
    """One row of the plan's table. `lead`, `partners` and `results` are empty where the plan's cell is empty.

    `observable` says whether the press can show that it took place; `target` is a number of articles, None
    while nobody has set one; `topics` are keys of topics.yaml.
    """

    id: ActivityId
    activity: str
    lead: list[str]
    partners: list[str]
    results: list[str]
    observable: Literal["full", "partly", "no"]
    target: Annotated[int, Field(ge=1)] | None
    topics: Annotated[list[str], Field(min_length=1)]

    @property
    def group(self) -> GroupId:
        """The key of the activity's group in `Plan.groups`."""
        return cast(GroupId, self.id.partition(".")[0])


class Plan(Strict):
    """The whole plan; `activities` holds all eleven, in the plan's order."""

    document: Document
    window: Span
    groups: dict[GroupId, str]
    activities: list[Activity]

    @field_validator("groups")
    @classmethod
    def _every_group(cls, groups: dict[GroupId, str]) -> dict[GroupId, str]:
        missing = [group for group in get_args(GroupId) if group not in groups]
        if missing:
            raise ValueError(f"no title for group {', '.join(missing)}; add it")
        return groups

    @field_validator("activities")
    @classmethod
    def _every_activity_once(cls, activities: list[Activity]) -> list[Activity]:
        counts = Counter(activity.id for activity in activities)
        twice = [name for name, count in counts.items() if count > 1]
        if twice:
            raise ValueError(f"activity {', '.join(twice)} is given twice; keep one")
        missing = [name for name in get_args(ActivityId) if name not in counts]
        if missing:
            raise ValueError(f"activity {', '.join(missing)} is missing; the plan has eleven, add it")
        return activities
