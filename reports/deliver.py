"""Writes a summary for a look beforehand, and mails it: once to each recipient, with a ledger."""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Literal

from config.clock import VIETNAM
from config.schedule import Mail
from reports.document import Summary
from reports.frozen import freeze
from reports.render import render_html, render_text
from reports.smtp import submit
from reports.vietnamese import one_line
from warehouse import journal

State = Literal["sent", "kept", "refused", "failed", "unknown"]

#: After these the mail is with the recipient, or may be: it isn't mailed again unless a person says so.
_NOT_AGAIN = frozenset({"sent", "kept", "unknown"})


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of the mail to one recipient. `earlier`: nothing was done now, an earlier run settled it."""

    recipient: str
    state: State
    message_id: str
    detail: str
    earlier: bool = False


def preview(workspace: Path, summary: Summary) -> list[Path]:
    """Writes summary.html and summary.txt into preview/<period>/; mails nothing."""
    directory = workspace / "preview" / summary.period
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in (("summary.html", render_html(summary)), ("summary.txt", render_text(summary))):
        aside = directory / f"{name}.new"
        aside.write_text(text, encoding="utf-8")
        written.append(aside.replace(directory / name))
    return written


def send(workspace: Path, summary: Summary, mail: Mail, again: bool = False) -> list[Delivery]:
    """Mails the summary to each recipient who hasn't had it, or keeps it in outbox/ where there is no mail host.

    A mail that was begun and not ended (the machine stopped) is `unknown` and isn't repeated: two copies of one report
    are worse than a question. `again` repeats it, with the same Message-ID.
    """
    bodies = render_text(summary), render_html(summary)
    with _one_at_a_time(workspace):
        # A recipient listed twice is one recipient.
        return [_deliver(workspace, summary, bodies, mail, to, again) for to in dict.fromkeys(mail.recipients)]


def _deliver(
    workspace: Path, summary: Summary, bodies: tuple[str, str], mail: Mail, recipient: str, again: bool
) -> Delivery:
    message_id = _message_id(summary, mail.sender, recipient)

    def note(state: str, detail: str, report_id: str | None) -> None:
        entry = {
            "written_at": dt.datetime.now(VIETNAM).isoformat(timespec="seconds"),
            "report": summary.report,
            "period": summary.period,
            "recipient": recipient,
            "state": state,
            "message_id": message_id,
            "detail": detail,
            "report_id": report_id,
        }
        journal.append(workspace, journal.MAIL, entry)

    state, detail, earlier_id = _last_state(workspace, summary, recipient)
    if state == "sending":
        state, detail = "unknown", "an earlier run stopped before the mail server's answer was written down"
        note(state, detail, earlier_id)
    if state in _NOT_AGAIN and not again:
        return Delivery(recipient, _known(state), message_id, detail, earlier=True)

    # Before the mail, so that none is out whose figures are not kept; the ledger says which figures were sent.
    report_id = freeze(workspace, summary)
    message = _message(summary, bodies, mail.sender, recipient, message_id)
    copy = _free_path(workspace / "sent" / summary.period, _stem(summary, recipient))
    _write_durably(copy.with_suffix(".sending"), message)
    note("sending", str(copy.relative_to(workspace)), report_id)
    outcome, detail = (
        _keep(workspace, summary, recipient, message) if mail.host is None else submit(mail, recipient, message)
    )
    if outcome in ("sent", "unknown"):
        copy.with_suffix(".sending").replace(copy)
    else:
        copy.with_suffix(".sending").unlink()
    note(outcome, detail, report_id)
    return Delivery(recipient, outcome, message_id, detail)


def _last_state(workspace: Path, summary: Summary, recipient: str) -> tuple[str | None, str, str | None]:
    """State, detail and report_id of the recipient's last line in the ledger."""
    found: tuple[str | None, str, str | None] = (None, "", None)
    for entry in journal.read(workspace, journal.MAIL):
        if (entry["report"], entry["period"], entry["recipient"]) == (summary.report, summary.period, recipient):
            found = entry["state"], entry.get("detail") or "", entry.get("report_id")
    return found


def _known(state: str | None) -> State:
    match state:
        case "sent" | "kept" | "refused" | "failed":
            return state
        case _:
            return "unknown"


def _message_id(summary: Summary, sender: str, recipient: str) -> str:
    """The same for the same report, period and recipient, so that a repeated mail can be known for one."""
    key = "\n".join((summary.report, summary.period, recipient))
    digest = hashlib.sha256(key.encode()).hexdigest()[:24]
    return f"<diembao.{summary.report}.{summary.period}.{digest}@{sender.rpartition('@')[2]}>"


def _message(summary: Summary, bodies: tuple[str, str], sender: str, recipient: str, message_id: str) -> bytes:
    # EmailMessage refuses line ends in headers; one_line makes sure that a report isn't lost for one.
    message = EmailMessage(policy=SMTP)
    mark = "[DỮ LIỆU MẪU] " if summary.sample else ""
    message["Subject"] = one_line(f"{mark}[DỰ THẢO] {summary.title}")
    message["From"] = one_line(sender)
    message["To"] = one_line(recipient)
    message["Date"] = summary.made_at
    message["Message-ID"] = message_id
    message["Content-Language"] = "vi"
    # So that no out-of-office reply comes back (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    text, html = bodies
    message.set_content(text, cte="base64")
    message.add_alternative(html, subtype="html", cte="base64")
    message.set_boundary("=_" + hashlib.sha256(message_id.encode()).hexdigest()[:32])
    return message.as_bytes()


def _keep(workspace: Path, summary: Summary, recipient: str, message: bytes) -> tuple[State, str]:
    kept = _free_path(workspace / "outbox", f"{summary.period}-{_stem(summary, recipient)}")
    _write_durably(kept, message)
    return "kept", str(kept.relative_to(workspace))


def _stem(summary: Summary, recipient: str) -> str:
    digest = hashlib.sha256(recipient.encode()).hexdigest()[:8]
    return f"{summary.report}-{re.sub(r'[^A-Za-z0-9.@_-]', '_', recipient)[:80]}-{digest}"


def _free_path(directory: Path, stem: str) -> Path:
    """A .eml file that isn't there yet: no mail is overwritten."""
    directory.mkdir(parents=True, exist_ok=True)
    taken = {path.stem for path in directory.iterdir()}
    number = 1
    while (name := stem if number == 1 else f"{stem}-{number}") in taken:
        number += 1
    return directory / f"{name}.eml"


def _write_durably(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _one_at_a_time(workspace: Path) -> Iterator[None]:
    """Two runs at once would each find that nothing was sent yet."""
    path = workspace / "journal" / "mail.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
