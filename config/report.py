"""The monthly summary: its letterhead, what counts as complete, and the wording of its definitions."""

from __future__ import annotations

import datetime as dt
import math
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from config.outlets import Strict

Percent = Annotated[float, Field(ge=0, le=100)]


class Issuer(Strict):
    """Who reports from the day `since` on: cơ quan chủ quản, cơ quan ban hành, ký hiệu, địa danh, Kính gửi, the lines
    above the signature, and Nơi nhận."""

    since: dt.date
    parent: str
    name: str
    symbol: str
    place: str
    addressed_to: str
    signer: Annotated[list[str], Field(min_length=1)]
    copies_to: Annotated[list[str], Field(min_length=1)]


class Precision(Strict):
    """A checked sample of articles: `correct` of `sample`."""

    correct: int = Field(ge=0)
    sample: int = Field(ge=1)

    @model_validator(mode="after")
    def _a_part_of_it(self) -> Precision:
        if self.correct > self.sample:
            raise ValueError(f"{self.correct} of {self.sample} can't be correct")
        return self

    @property
    def interval(self) -> tuple[float, float]:
        """The bounds of the 95 % interval in percent, by Wilson's score (Wilson 1927, JASA 22:209), which does not
        collapse to a point where all or none are correct."""
        share, z2 = self.correct / self.sample, 1.959964**2
        centre = share + z2 / (2 * self.sample)
        spread = math.sqrt(z2 * (share * (1 - share) + z2 / (4 * self.sample)) / self.sample)
        whole = 1 + z2 / self.sample
        return 100 * max(0.0, (centre - spread) / whole), 100 * min(1.0, (centre + spread) / whole)


class Definition(Strict):
    """One entry of Phụ lục II."""

    term: str
    text: str


class Report(Strict):
    """`issuers` oldest first. `complete_from_percent` and `watched_days_from_percent` decide whether an outlet's month
    is complete; `highlights` is a number of stories for each topic."""

    issuers: Annotated[list[Issuer], Field(min_length=1)]
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
