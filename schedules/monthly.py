"""The monthly summary: built from the published database, written as a preview or sent."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from archive.workspace import is_sample
from config.load import Config
from reports import deliver, ledger
from reports.deliver import Answer, Delivery, NotNow
from reports.monthly import Summary, build_monthly
from reports.period import Month
from warehouse.compare import reports_sent
from warehouse.published import published_with_digest


def summarise(workspace: Path, config: Config, month: Month, revision: int = 0) -> Summary:
    """The month's summary as of now; as a `revision` it says what it corrects. Raises NotPublished."""
    with published_with_digest(workspace) as (connection, digest):
        return build_monthly(
            connection,
            month,
            config.report,
            config.plan,
            dt.datetime.now(dt.UTC),
            relook_days=max(config.crawl.look_again_after_days, default=0),
            sample=is_sample(workspace),
            database_digest=digest,
            sent=tuple(reports_sent(workspace, "monthly").values()),
            corrects=reports_sent(workspace, "monthly", revision).get(str(month)) if revision else None,
        )


def preview_month(workspace: Path, config: Config, month: Month, correction: bool = False) -> list[Path]:
    """Writes the summary's files and sends nothing. Raises NotPublished, NotNow."""
    revision = _next_revision(workspace, month) if correction else 0
    return deliver.preview(workspace, summarise(workspace, config, month, revision))


def send_month(workspace: Path, config: Config, month: Month) -> list[Delivery]:
    """Sends the summary, or its newest correction, once to each recipient. Raises NotPublished, NotNow."""
    revision = ledger.revision(workspace, "monthly", str(month)) or 0
    return deliver.send(workspace, summarise(workspace, config, month, revision), config.schedule.mail)


def correct_month(workspace: Path, config: Config, month: Month) -> list[Delivery]:
    """Sends the summary anew, as a correction of what was sent. Raises NotPublished, NotNow."""
    summary = summarise(workspace, config, month, _next_revision(workspace, month))
    return deliver.correct(workspace, summary, config.schedule.mail)


def resolve_month(
    workspace: Path, config: Config, month: Month, answer: Answer, to: str | None = None
) -> list[Delivery]:
    """Settles mails that are unknown or refused; those to be sent again are sent. Raises NotPublished, NotNow."""
    settled = deliver.resolve(workspace, "monthly", str(month), answer, to)
    if answer == "sent":
        return settled
    mail = config.schedule.mail.model_copy(update={"recipients": [delivery.recipient for delivery in settled]})
    return deliver.send(workspace, summarise(workspace, config, month, settled[0].revision), mail)


def _next_revision(workspace: Path, month: Month) -> int:
    """Raises NotNow where nothing was sent that could be corrected."""
    if str(month) not in reports_sent(workspace, "monthly"):
        raise NotNow(f"monthly {month} was never sent: there is nothing to correct; `diembao monthly {month}` sends it")
    return (ledger.revision(workspace, "monthly", str(month)) or 0) + 1
