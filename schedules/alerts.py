"""The operators' mail: at most one a day to each, in Vietnamese, with a ledger of its own (journal/alerts.jsonl)."""

from __future__ import annotations

import datetime as dt
import hashlib
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from config.clock import VIETNAM
from config.schedule import Schedule
from reports.outbox import file_name, keep
from reports.smtp import submit
from schedules.health import Trouble
from warehouse import journal

#: Only a mail that was not taken is tried again on its day. A mail that was begun and has no end may have been sent.
_NOT_TAKEN = "failed"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of the day's mail to one operator. `earlier`: it was settled before, and nothing was sent now."""

    operator: str
    state: str
    detail: str
    earlier: bool = False


def tell(workspace: Path, schedule: Schedule, troubles: Sequence[Trouble], now: dt.datetime) -> list[Told]:
    """Mails the day's findings once to each operator, or keeps the mail in outbox/ where there is no mail host."""
    # The scheduler's morning and the unit that looks after it may come at once.
    with journal.held(workspace, journal.ALERTS):
        return [_tell(workspace, schedule, troubles, now, to) for to in dict.fromkeys(schedule.alerts.operators)]


def _tell(workspace: Path, schedule: Schedule, troubles: Sequence[Trouble], now: dt.datetime, operator: str) -> Told:
    day = now.astimezone(VIETNAM).date().isoformat()
    earlier = _last(workspace, day, operator)
    if earlier and earlier.state != _NOT_TAKEN:
        return earlier

    def note(state: str, detail: str) -> None:
        kinds = [trouble.kind for trouble in troubles]
        entry = {"day": day, "recipient": operator, "state": state, "detail": detail, "kinds": kinds}
        journal.append(workspace, journal.ALERTS, entry | {"written_at": now.isoformat(timespec="seconds")})

    message = _message(workspace, schedule.mail.sender, operator, troubles, now)
    note("sending", "")
    state: str
    if schedule.mail.host is None:
        state, detail = "kept", keep(workspace, f"alert-{day}-{file_name(operator)}", message)
    else:
        state, detail = submit(schedule.mail, operator, message)
    note(state, detail)
    return Told(operator, state, detail)


def _last(workspace: Path, day: str, operator: str) -> Told | None:
    found = None
    for entry in journal.readable(workspace, journal.ALERTS):
        if (entry.get("day"), entry.get("recipient")) == (day, operator):
            state = "unknown" if entry.get("state") == "sending" else str(entry.get("state"))
            found = Told(operator, state, str(entry.get("detail") or ""), earlier=True)
    return found


def _message(workspace: Path, sender: str, operator: str, troubles: Sequence[Trouble], now: dt.datetime) -> bytes:
    day = now.astimezone(VIETNAM).date()
    urgent = sum(trouble.urgent for trouble in troubles)
    message = EmailMessage(policy=SMTP)
    what = f"{urgent} việc cần xử lý ngay" if urgent else f"{len(troubles)} việc cần xem"
    message["Subject"] = f"[diembao] {what}, ngày {day:%d/%m/%Y}"
    message["From"] = sender
    message["To"] = operator
    message["Date"] = now
    digest = hashlib.sha256(operator.encode()).hexdigest()[:16]
    message["Message-ID"] = f"<diembao.alert.{day}.{digest}@{sender.rpartition('@')[2]}>"
    message["Content-Language"] = "vi"
    message["Auto-Submitted"] = "auto-generated"  # no out-of-office reply (RFC 3834)
    message.set_content(alert_text(workspace, troubles, now), cte="base64")
    return message.as_bytes()


def alert_text(workspace: Path, troubles: Sequence[Trouble], now: dt.datetime) -> str:
    """Each finding with what to do; the urgent ones come first."""
    lines = [
        f"Hệ thống điểm báo trên máy {socket.gethostname()}, {now.astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}.",
        f"Thư mục làm việc: {workspace.resolve()}",
        "",
    ]
    for number, trouble in enumerate(troubles, 1):
        mark = "[CẦN XỬ LÝ NGAY] " if trouble.urgent else ""
        lines += [f"{number}. {mark}{trouble.vietnamese}", f"   Thực hiện: {trouble.command}", ""]
    lines += [
        f"Xem tình trạng chung: diembao status --data {workspace}",
        "Ý nghĩa và cách xử lý từng việc: README.vi.md, docs/operations.md.",
        "Mỗi ngày có nhiều nhất một thư; việc chưa được xử lý sẽ được nhắc lại vào ngày hôm sau.",
    ]
    return "\n".join(lines) + "\n"
