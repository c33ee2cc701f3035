"""When the jobs run, and to whom the summary goes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from config.outlets import Strict


def _mailbox(address: str) -> str:
    name, _, host = address.rpartition("@")
    if not name or not host or any(c in address for c in " \r\n<>,;"):
        raise ValueError("write one bare mail address: 'ten@coquan.gov.vn'")
    return address


Mailbox = Annotated[str, AfterValidator(_mailbox)]
Cut = Literal["calendar", "15-14"]
Attachment = Literal["docx", "pdf", "xlsx"]
TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Mail(Strict):
    """The mail server; without `host` mail is kept in the workspace's outbox/. User and password come from the
    environment (DIEMBAO_SMTP_USER, DIEMBAO_SMTP_PASSWORD). `ca_file`: certificates that the server's is checked
    against, in place of the machine's."""

    host: str | None
    port: int = Field(ge=1, le=65535)
    security: Literal["starttls", "tls", "none"]
    sender: Mailbox
    recipients: Annotated[list[Mailbox], Field(min_length=1)]
    timeout_seconds: float = Field(gt=0)
    ca_file: Path | None = None
    attach: list[Attachment] = []


class Alerts(Strict):
    """What operators are mailed about at health_at, in one mail a day. No operators: it is only shown by `status`."""

    operators: list[Mailbox]
    disk_free_gb: float = Field(ge=0)
    unpublished_hours: float = Field(gt=0)


class Schedule(Strict):
    """Times are of the day in Asia/Ho_Chi_Minh; the summary of a month goes out `send_after_days` after its end.
    `daily_at`: when the press review of the day before goes out; None: it does not."""

    nightly_at: TimeOfDay
    health_at: TimeOfDay
    monthly_at: TimeOfDay
    period: Cut
    send_after_days: int = Field(ge=1, le=27)
    daily_at: TimeOfDay | None
    mail: Mail
    alerts: Alerts
