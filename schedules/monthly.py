"""The monthly summary: built from the published database, written as a preview or sent."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

from archive.workspace import is_sample
from config.load import Config
from reports import deliver, ledger
from reports.deliver import Answer, Delivery, NotNow
from reports.document import Paragraph
from reports.monthly import Summary, build_monthly
from reports.period import Month
from reports.vietnamese import moment
from warehouse.published import published_with_digest


def summarise(workspace: Path, config: Config, month: Month, correction: bool = False) -> Summary:
    """The month's summary as of now; as a `correction` it says what it corrects. Raises NotPublished, NotNow."""
    with published_with_digest(workspace) as (connection, digest):
        now = dt.datetime.now(dt.UTC)
        summary = build_monthly(connection, month, config.report, config.plan, now, is_sample(workspace), digest)
    return replace(summary, corrects=_corrects(workspace, month)) if correction else summary


def preview_month(workspace: Path, config: Config, month: Month, correction: bool = False) -> list[Path]:
    """Writes the summary's files and sends nothing. Raises NotPublished, NotNow."""
    return deliver.preview(workspace, summarise(workspace, config, month, correction))


def send_month(workspace: Path, config: Config, month: Month) -> list[Delivery]:
    """Sends the summary, or its newest correction, once to each recipient. Raises NotPublished, NotNow."""
    correction = bool(ledger.revision(workspace, "monthly", str(month)))
    return deliver.send(workspace, summarise(workspace, config, month, correction), config.schedule.mail)


def correct_month(workspace: Path, config: Config, month: Month) -> list[Delivery]:
    """Sends the summary anew, as a correction of what was sent. Raises NotPublished, NotNow."""
    return deliver.correct(workspace, summarise(workspace, config, month, correction=True), config.schedule.mail)


def resolve_month(
    workspace: Path, config: Config, month: Month, answer: Answer, to: str | None = None
) -> list[Delivery]:
    """Settles mails that are unknown or refused; those to be sent again are sent. Raises NotPublished, NotNow."""
    settled = deliver.resolve(workspace, "monthly", str(month), answer, to)
    if answer == "sent":
        return settled
    mail = config.schedule.mail.model_copy(update={"recipients": [delivery.recipient for delivery in settled]})
    correction = bool(settled[0].revision)
    return deliver.send(workspace, summarise(workspace, config, month, correction), mail)


def _corrects(workspace: Path, month: Month) -> tuple[Paragraph, ...]:
    """What the correction replaces. What changed since is not in it yet."""
    had = [entry for entry in ledger.entries(workspace, "monthly", str(month)) if entry.state in ledger.HAD]
    if not had:
        raise NotNow(f"monthly {month} was never sent: there is nothing to correct; `diembao monthly {month}` sends it")
    last = [entry for entry in had if entry.revision == had[-1].revision]
    when = moment(dt.datetime.fromisoformat(last[0].written_at))
    which = f"bản đính chính lần {last[0].revision}" if last[0].revision else "báo cáo"
    return (Paragraph(f"Báo cáo này đính chính và thay thế {which} đã gửi lúc {when}."),)
