"""The mail ledger, journal/mail.jsonl: what was sent of which report to whom, and what nobody knows.

A report (monthly, daily) of a period has revisions: 0 is the first, 1 and more are corrections. Each goes once to each
recipient. The last line of (report, period, revision, recipient) is where it stands:

    sending   the text is being handed over; found by a later run, it was stopped in between: unknown
    sent      the server took it, or a person says that it arrived
    kept      there is no mail server: it lies in outbox/
    failed    it certainly did not go out; the next run tries again
    refused   the server said no for good (5xx); a person settles it
    unknown   it may have gone out; a person settles it
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from config.clock import VIETNAM
from warehouse import journal

State = Literal["sending", "sent", "kept", "failed", "refused", "unknown"]

#: The recipient has it, or it lies ready in outbox/.
HAD = frozenset({"sent", "kept"})
#: Only a person settles these.
OPEN = frozenset({"unknown", "refused"})

STOPPED = "an earlier run stopped before the mail server's answer was written down"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `detail` of `sending` is the mail's copy in sent/; else the server's words, or a file in outbox/."""

    report: str
    period: str
    revision: int
    recipient: str
    state: State
    message_id: str
    detail: str
    report_id: str | None
    written_at: str = ""


@contextmanager
def held(workspace: Path) -> Iterator[None]:
    """One at a time: two runs at once would each find that nothing was sent yet."""
    with journal.held(workspace, journal.MAIL):
        # What a power cut tore was never acted upon: a mail leaves after its line is whole.
        journal.mend(workspace, journal.MAIL)
        yield


def note(workspace: Path, entry: Entry) -> Entry:
    """Adds the line; it is on the disk when this returns."""
    written = replace(entry, written_at=dt.datetime.now(VIETNAM).isoformat(timespec="seconds"))
    journal.append(workspace, journal.MAIL, asdict(written))
    return written


def entries(workspace: Path, report: str | None = None, period: str | None = None) -> list[Entry]:
    """The lines, oldest first; of one report, or one period, where it is given. Raises JournalError."""
    return [
        entry
        for entry in map(_entry, journal.read(workspace, journal.MAIL))
        if report in (None, entry.report) and period in (None, entry.period)
    ]


def newest(workspace: Path) -> list[Entry]:
    """Where the newest revision of each report, period and recipient stands. Raises JournalError."""
    found: dict[tuple[str, str, str], Entry] = {}
    for entry in sorted(entries(workspace), key=lambda entry: entry.revision):
        found[entry.report, entry.period, entry.recipient] = entry
    return list(found.values())


def is_settled(workspace: Path, report: str, period: str, recipients: Sequence[str]) -> bool:
    """Whether nothing is left for a program to do for any of the recipients. Raises JournalError."""
    states = {e.recipient: e.state for e in newest(workspace) if (e.report, e.period) == (report, period)}
    return all(states.get(recipient) in HAD | OPEN for recipient in recipients)


def revision(workspace: Path, report: str, period: str) -> int | None:
    """The newest revision that was begun; None: the period was never sent."""
    return max((entry.revision for entry in entries(workspace, report, period)), default=None)


def standing(workspace: Path, report: str, period: str, number: int) -> dict[str, Entry]:
    """Where the revision stands with each recipient that the ledger knows."""
    return {entry.recipient: entry for entry in entries(workspace, report, period) if entry.revision == number}


def open_questions(workspace: Path) -> list[Entry]:
    """What a person has to settle (`--resolve`): unknown or refused, and mails whose run was stopped, which are unknown
    though no later run has written that down yet. It changes nothing. Raises JournalError."""
    last = {(e.report, e.period, e.revision, e.recipient): e for e in entries(workspace)}
    found = [entry for entry in last.values() if entry.state in OPEN]
    stopped = [entry for entry in last.values() if entry.state == "sending"]
    if stopped and not journal.is_held(workspace, journal.MAIL):
        found += [replace(entry, state="unknown", detail=STOPPED) for entry in stopped]
    return found


def _entry(line: dict[str, Any]) -> Entry:
    return Entry(
        report=line["report"],
        period=line["period"],
        revision=line.get("revision") or 0,  # corrections came later than the ledger
        recipient=line["recipient"],
        state=line["state"],
        message_id=line["message_id"],
        detail=line.get("detail") or "",
        report_id=line.get("report_id"),
        written_at=line["written_at"],
    )
