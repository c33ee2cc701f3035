"""The monthly summary: built from the published database, written as a preview or sent."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from archive.workspace import is_sample
from config.load import Config
from reports.deliver import Delivery, preview, send
from reports.monthly import Summary, build_monthly
from reports.period import Month
from warehouse.published import published_with_digest


def summarise(workspace: Path, config: Config, month: Month) -> Summary:
    """The month's summary as of now. Raises NotPublished."""
    with published_with_digest(workspace) as (connection, digest):
        now = dt.datetime.now(dt.UTC)
        return build_monthly(connection, month, config.report, config.plan, now, is_sample(workspace), digest)


def preview_month(workspace: Path, config: Config, month: Month) -> list[Path]:
    """Writes the summary's files and sends nothing. Raises NotPublished."""
    return preview(workspace, summarise(workspace, config, month))


def send_month(workspace: Path, config: Config, month: Month) -> list[Delivery]:
    """Sends the summary once to each recipient. Raises NotPublished."""
    return send(workspace, summarise(workspace, config, month), config.schedule.mail)
