"""The monthly summary: built from the published database, written as a preview or sent."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from archive.workspace import is_sample
from config.load import Config
from reports.deliver import Delivery, preview, send
from reports.monthly import Summary, build_monthly
from reports.period import Month
from warehouse.compare import reports_sent
from warehouse.published import published_with_digest


def summarise(workspace: Path, config: Config, month: Month, correction: bool = False) -> Summary:
    """The month's summary as of now; `correction`: as one that replaces what was sent. Raises NotPublished."""
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
            sent=reports_sent(workspace, "monthly"),
            correction=correction,
        )


def preview_month(workspace: Path, config: Config, month: Month) -> list[Path]:
    """Writes the summary's files and sends nothing. Raises NotPublished."""
    return preview(workspace, summarise(workspace, config, month))


def send_month(workspace: Path, config: Config, month: Month) -> list[Delivery]:
    """Sends the summary once to each recipient. Raises NotPublished."""
    return send(workspace, summarise(workspace, config, month), config.schedule.mail)
