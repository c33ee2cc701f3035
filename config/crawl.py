"""How we behave on the web, and how far a night reaches."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from config.outlets import Strict


class Crawl(Strict):
    """`contact` goes into the User-Agent, so that an outlet can write to us. Times are per host, budgets per outlet."""

    contact: Annotated[str, Field(min_length=5)]
    delay_seconds: float = Field(ge=0)
    timeout_seconds: float = Field(gt=0)
    body_limit_mb: int = Field(ge=1)
    pages_per_night: int = Field(ge=1)
    minutes_per_night: int = Field(ge=1)
    first_window_days: int = Field(ge=1)
    look_again_after_days: list[int]
    allow_private_hosts: bool
