"""When the jobs run, and to whom the summary goes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from config.outlets import Strict


def _mailbox(address: str) -> str:
    name, _, host = address.rpartition("@")
    if not name or not host or any(c in address for c in " \r\n<>,;"):
        raise ValueError("write one bare mail address: 'ten@coquan.gov.vn'")
    return address


Mailbox = Annotated[str, AfterValidator(_mailbox)]
TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Mail(Strict):
    """The mail server; without `host` mail is kept in the workspace's outbox/. User and password come from the
    environment (DIEMBAO_SMTP_USER, DIEMBAO_SMTP_PASSWORD)."""

    host: str | None
    port: int = Field(ge=1, le=65535)
    security: Literal["starttls", "tls", "none"]
    sender: Mailbox
    recipients: Annotated[list[Mailbox], Field(min_length=1)]
    timeout_seconds: float = Field(gt=0)


class Schedule(Strict):
    """Times are of the day in Asia/Ho_Chi_Minh; the summary of a month goes out `send_after_days` after its end."""

    nightly_at: TimeOfDay
    monthly_at: TimeOfDay
    send_after_days: int = Field(ge=1, le=27)
    mail: Mail
