"""The reports (monthly summary, press review of a day): built from the published database, previewed, sent once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from archive.workspace import is_sample
from config.clock import VIETNAM
from config.load import Config
from reports import deliver, ledger
from reports.daily import build_daily
from reports.deliver import Answer, Delivery, NotNow
from reports.document import Summary
from reports.monthly import build_monthly
from reports.period import Day, Period
from warehouse.compare import reports_sent
from warehouse.published import published_with_digest


def summarise(workspace: Path, config: Config, period: Period, revision: int = 0) -> Summary:
    """The period's report as of now; as a `revision` it says what it corrects. Raises NotPublished."""
    now, sample = dt.datetime.now(dt.UTC), is_sample(workspace)
    with published_with_digest(workspace) as (connection, digest):
        if isinstance(period, Day):
            return build_daily(connection, period, config.report, now, sample=sample, database_digest=digest)
        return build_monthly(
            connection,
            period,
            config.report,
            config.plan,
            now,
            relook_days=max(config.crawl.look_again_after_days, default=0),
            sample=sample,
            database_digest=digest,
            sent=tuple(reports_sent(workspace, "monthly").values()),
            corrects=reports_sent(workspace, "monthly", revision).get(str(period)) if revision else None,
        )


def preview(workspace: Path, config: Config, period: Period, correction: bool = False) -> list[Path]:
    """Writes the report's files and sends nothing. Raises NotPublished, NotNow."""
    revision = _next_revision(workspace, period) if correction else 0
    return deliver.preview(workspace, summarise(workspace, config, period, revision))


def send(workspace: Path, config: Config, period: Period) -> list[Delivery]:
    """Sends the report, or its newest correction, once to each recipient. Raises NotPublished, NotNow."""
    if period.last >= dt.datetime.now(VIETNAM).date():
        name = _name(period)
        raise NotNow(
            f"{name} {period} ends on {period.last:%d/%m/%Y}: it is sent once, after that;"
            f" `diembao {name} {period} --preview` shows it as it stands"
        )
    revision = ledger.revision(workspace, _name(period), str(period)) or 0
    return deliver.send(workspace, summarise(workspace, config, period, revision), config.schedule.mail)


def correct(workspace: Path, config: Config, period: Period) -> list[Delivery]:
    """Sends the report anew, as a correction of what was sent. Raises NotPublished, NotNow."""
    summary = summarise(workspace, config, period, _next_revision(workspace, period))
    return deliver.correct(workspace, summary, config.schedule.mail)


def resolve(workspace: Path, config: Config, period: Period, answer: Answer, to: str | None = None) -> list[Delivery]:
    """Settles mails that are unknown or refused; those to be sent again are sent. Raises NotPublished, NotNow."""
    settled = deliver.resolve(workspace, _name(period), str(period), answer, to)
    if answer == "sent":
        return settled
    mail = config.schedule.mail.model_copy(update={"recipients": [delivery.recipient for delivery in settled]})
    return deliver.send(workspace, summarise(workspace, config, period, settled[0].revision), mail)


def _name(period: Period) -> str:
    return "daily" if isinstance(period, Day) else "monthly"


def _next_revision(workspace: Path, period: Period) -> int:
    """Raises NotNow where nothing was sent that could be corrected."""
    name = _name(period)
    if str(period) not in reports_sent(workspace, name):
        raise NotNow(f"{name} {period} was never sent: there is nothing to correct; `diembao {name} {period}` sends it")
    return (ledger.revision(workspace, name, str(period)) or 0) + 1
