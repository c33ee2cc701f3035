"""The monthly summary: its letterhead, what counts as complete, and the wording of its definitions."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field, field_validator

from config.outlets import Strict

Percent = Annotated[float, Field(ge=0, le=100)]


class Issuer(Strict):
    """The letterhead from the day `since` on: cơ quan chủ quản, cơ quan ban hành, ký hiệu, địa danh."""

    since: dt.date
    parent: str
    name: str
    symbol: str
    place: str


class Precision(Strict):
    """A checked sample of articles: `correct` of `sample`, with the bounds of the 95% interval in percent."""

    correct: int = Field(ge=0)
    sample: int = Field(ge=1)
    low: Percent
    high: Percent


class Definition(Strict):
    """One entry of Phụ lục II."""

    term: str
    text: str


class Report(Strict):
    """`issuers` oldest first. `complete_from_percent` and `watched_days_from_percent` decide whether an outlet's month
    is complete; `highlights` is a number of stories for each topic."""

    issuers: Annotated[list[Issuer], Field(min_length=1)]
    addressed_to: str
    remarks_to: str | None
    complete_from_percent: Percent
    watched_days_from_percent: Percent
    highlights: int = Field(ge=1, le=50)
    precision: Precision | None
    definitions: Annotated[list[Definition], Field(min_length=1)]

    @field_validator("issuers")
    @classmethod
    def _oldest_first(cls, issuers: list[Issuer]) -> list[Issuer]:
        days = [issuer.since for issuer in issuers]
        if days != sorted(set(days)):
            raise ValueError("put the issuers in the order of their 'since', each day once")
        return issuers

    def issuer(self, day: dt.date) -> Issuer:
        """The letterhead in force on `day`; before the first, the first."""
        in_force = [issuer for issuer in self.issuers if issuer.since <= day]
        return in_force[-1] if in_force else self.issuers[0]
