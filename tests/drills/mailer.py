"""Sends a small report as often as it is told, each time in a process of its own that can be killed.

It starts once and forks: what a process costs is then milliseconds. A line of standard input is a command (JSON:
workspace, port, recipients, and correction or not); the answer is the child's number, then how it ended.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import sys
from pathlib import Path
from typing import Any

from reports import smtp
from reports.deliver import correct, send
from reports.document import Behind, Letterhead, Paragraph, Section, Summary
from reports.ledger import revision
from reports.period import Month
from tests.reports.test_deliver import settings

#: Large enough that a kill meets it on its way.
TEXT = "Cổng Dịch vụ công quốc gia. " * 1000
JULY = Summary(
    report="monthly",
    when=Month(2021, 7),
    made_at=dt.datetime(2021, 8, 4, 8, tzinfo=dt.timezone(dt.timedelta(hours=7))),
    sample=True,
    letterhead=Letterhead("CỤC", "PHÒNG", "Số:", "Hà Nội", "KSTT", ("CỤC TRƯỞNG",), ("Lưu: VT",)),
    kind="BÁO CÁO",
    title="Kết quả truyền thông",
    data_line="",
    corrects=(),
    in_brief=(),
    sections=(Section("I", (Paragraph(TEXT),)),),
    behind=Behind("rules", None, None, "0" * 64, ()),
)
WAITS = (0.01, 0.02)


def corrected(number: int) -> Summary:
    """The report as its revision of this number."""
    if not number:
        return JULY
    behind = dataclasses.replace(JULY.behind, articles=({"article_id": str(number)},))
    return dataclasses.replace(JULY, behind=behind, corrects=(Paragraph("Đính chính."),))


def run(workspace: Path, port: int, recipients: list[str], correction: bool) -> None:
    """What a scheduled run does, or `monthly --correct`."""
    mail = settings(port, recipients=recipients, timeout_seconds=0.2)
    begun = revision(workspace, "monthly", "2021-07") or 0
    if correction:
        correct(workspace, corrected(begun + 1), mail, WAITS)
    else:
        send(workspace, corrected(begun), mail, WAITS)


def main() -> None:
    smtp._PATIENCE = 1
    for variable in (smtp.USER, smtp.PASSWORD):
        os.environ.pop(variable, None)
    for line in sys.stdin:
        command: dict[str, Any] = json.loads(line)
        child = os.fork()
        if not child:
            try:
                run(Path(command["workspace"]), command["port"], command["recipients"], command["correction"])
            except BaseException as error:  # noqa: BLE001 - the child must not go on as its parent
                print(repr(error), file=sys.stderr, flush=True)
                os._exit(1)
            os._exit(0)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
