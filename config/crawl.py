"""How we behave on the web, and how far a night reaches."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from config.outlets import Strict


class QuietDays(Strict):
    """Days, both included, on which the press publishes less; `why` names them."""

    since: dt.date
    until: dt.date
    why: str

    @field_validator("until")
    @classmethod
    def _not_before(cls, until: dt.date, info: ValidationInfo) -> dt.date:
        if until < info.data.get("since", until):
            raise ValueError(f"lies before `since` ({info.data['since']}); exchange the two")
        return until


class Crawl(Strict):
    """`contact` goes into the User-Agent, so that an outlet can write to us. Times are per host, budgets per outlet."""

    contact: Annotated[str, Field(min_length=5, pattern=r"^[^\r\n]+$")]
    delay_seconds: float = Field(ge=0, allow_inf_nan=False)
    timeout_seconds: float = Field(gt=0, allow_inf_nan=False)
    body_limit_mb: int = Field(ge=1)
    pages_per_night: int = Field(ge=1)
    minutes_per_night: int = Field(ge=1)
    first_window_days: int = Field(ge=1)
    look_again_after_days: list[Annotated[int, Field(ge=1)]]
    allow_private_hosts: bool
    quiet_days: list[QuietDays] = []

    def is_quiet(self, day: dt.date) -> bool:
        """Whether less is published on that day than on others."""
        return day.weekday() >= 5 or any(days.since <= day <= days.until for days in self.quiet_days)
