"""What every report has around its figures: the letterhead, the time its figures are of, what they stand on."""

from __future__ import annotations

import datetime as dt

import duckdb

from config.report import Report
from reports.document import Behind, Letterhead
from reports.period import Period
from reports.queries import rows
from reports.vietnamese import day


def letterhead(report: Report, made_at: dt.datetime) -> Letterhead:
    """That of whoever issues reports on the day."""
    issuer = report.issuer(made_at.date())
    return Letterhead(
        parent=issuer.parent,
        issuer=issuer.name,
        number_line=f"Số:     /BC-{issuer.symbol}",
        place_and_date=f"{issuer.place}, ngày     tháng     năm {made_at.year}",
        addressed_to=issuer.addressed_to,
        signer=tuple(issuer.signer),
        copies_to=tuple(issuer.copies_to),
    )


def closed_at(made_at: dt.datetime) -> str:
    """ "chốt lúc 08 giờ 00 ngày 04/08/2021"."""
    return f"chốt lúc {made_at:%H} giờ {made_at:%M} ngày {day(made_at)}"


def behind(connection: duckdb.DuckDBPyConnection, period: Period, database_digest: str) -> Behind:
    (standing,) = rows(connection, "standing")
    counted = rows(connection, "counted_articles", first=period.first, last=period.last)
    return Behind(**standing, database_digest=database_digest, articles=tuple(counted))
