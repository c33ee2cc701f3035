"""Writes a summary for a look beforehand, and mails it: each revision once to each recipient, with a ledger."""

from __future__ import annotations

import getpass
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args

from config.schedule import Attachment, Mail
from reports import charts, ledger
from reports.document import Summary
from reports.frozen import freeze, report_id
from reports.ledger import Entry, State
from reports.message import Parts, build, document, message_id, parts_of
from reports.outbox import file_name, free_path, keep, write_durably
from reports.render import render_html, render_text
from reports.smtp import NotTaken, text_expected

#: Seconds before all that failed is tried a second and a third time. What fails for longer is for the next run.
WAITS = (5.0, 20.0)

Answer = Literal["sent", "resend"]


class NotNow(Exception):
    """Nothing was sent or settled as things are; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of the mail to one recipient. `earlier`: nothing was done now, an earlier run settled it."""

    recipient: str
    state: State
    message_id: str
    detail: str
    revision: int = 0
    earlier: bool = False


def preview(workspace: Path, summary: Summary) -> list[Path]:
    """Writes the summary in all its forms into preview/<period>/; mails nothing."""
    directory = workspace / "preview" / summary.period
    directory.mkdir(parents=True, exist_ok=True)
    pictures = charts.pictures(summary)
    forms = {
        "html": render_html(summary, pictures).encode(),
        "txt": render_text(summary).encode(),
        **{kind: document(summary, kind, pictures) for kind in get_args(Attachment)},
    }
    written = []
    for ending, content in forms.items():
        aside = directory / f"summary.{ending}.new"
        aside.write_bytes(content)
        written.append(aside.replace(directory / f"summary.{ending}"))
    return written


def send(workspace: Path, summary: Summary, mail: Mail, waits: Sequence[float] = WAITS) -> list[Delivery]:
    """Mails the newest revision of the report to each recipient who hasn't had it, or keeps it in outbox/ where there
    is no mail host. What fails is tried again after each of `waits` (seconds), and by the next call.

    A mail that was begun and not ended (the machine stopped) is `unknown` and isn't repeated: two copies of one report
    are worse than a question. Raises NotNow where the newest revision is a correction and the summary is none, or the
    other way round.
    """
    with ledger.held(workspace):
        revision = ledger.revision(workspace, summary.report, summary.period) or 0
        if bool(revision) != bool(summary.corrects):
            raise NotNow(f"{_name(summary)} is at revision {revision} by now; run this again")
        return _Mailing(workspace, summary, mail, revision).deliver(waits)


def correct(workspace: Path, summary: Summary, mail: Mail, waits: Sequence[float] = WAITS) -> list[Delivery]:
    """Mails the summary, which says what it corrects, as the next revision of a report that was sent. Raises NotNow."""
    name = _name(summary)
    with ledger.held(workspace):
        last = ledger.revision(workspace, summary.report, summary.period)
        if last is None:
            raise NotNow(f"{name} was never sent: there is nothing to correct; `diembao {name}` sends it")
        _settle_stopped(workspace, summary.report, summary.period)
        standing = ledger.standing(workspace, summary.report, summary.period, last)
        had = [entry for entry in standing.values() if entry.state in ledger.HAD]
        for recipient in dict.fromkeys([*mail.recipients, *standing]):
            entry = standing.get(recipient)
            if entry and entry.state in ledger.OPEN:
                raise NotNow(f"{name} to {recipient} is {entry.state}; settle it first (`diembao {name} --resolve`)")
            if recipient in mail.recipients and (not entry or entry.state not in ledger.HAD):
                raise NotNow(f"{name} has not gone to {recipient} yet; `diembao {name}` sends it, correct it then")
        if all(entry.report_id == report_id(summary) for entry in had):
            raise NotNow(f"{name}: nothing has changed since it was sent, no figure and no article")
        return _Mailing(workspace, summary, mail, last + 1).deliver(waits)


def resolve(workspace: Path, report: str, period: str, answer: Answer, to: str | None = None) -> list[Delivery]:
    """Writes down what a person found out about mails that are unknown or refused: they count as sent, or `send` sends
    them again. Of all recipients, or of `to`. Raises NotNow."""
    with ledger.held(workspace):
        _settle_stopped(workspace, report, period)
        newest = ledger.revision(workspace, report, period)
        questions = [
            entry
            for entry in ledger.open_questions(workspace)
            if (entry.report, entry.period) == (report, period) and to in (None, entry.recipient)
            # What was corrected since is not sent again: the correction went out, or will.
            if answer == "sent" or entry.revision == newest
        ]
        if not questions:
            whom = f" to {to}" if to else ""
            raise NotNow(f"{report} {period}: there is no mail{whom} that is unknown or refused; nothing to settle")
        state: State = "sent" if answer == "sent" else "failed"
        words = "counts as sent" if answer == "sent" else "to be sent again"
        settled = []
        for entry in questions:
            detail = f"{words}, {_who()} says; was {entry.state}: {entry.detail}"
            settled.append(_delivery(ledger.note(workspace, replace(entry, state=state, detail=detail))))
        return settled


class _Mailing:
    """One revision of a report on its way to its recipients."""

    def __init__(self, workspace: Path, summary: Summary, mail: Mail, revision: int) -> None:
        self._workspace, self._summary, self._mail, self._revision = workspace, summary, mail, revision

    def deliver(self, waits: Sequence[float]) -> list[Delivery]:
        _settle_stopped(self._workspace, self._summary.report, self._summary.period)
        # A recipient listed twice is one recipient.
        done = {recipient: self._deliver(recipient) for recipient in dict.fromkeys(self._mail.recipients)}
        for seconds in waits:
            failed = [recipient for recipient, delivery in done.items() if delivery.state == "failed"]
            if not failed:
                break
            time.sleep(seconds)
            done |= {recipient: self._deliver(recipient) for recipient in failed}
        return list(done.values())

    @cached_property
    def _parts(self) -> Parts:
        return parts_of(self._summary, self._mail.attach)

    @cached_property
    def _report_id(self) -> str:
        return freeze(self._workspace, self._summary)

    def _deliver(self, recipient: str) -> Delivery:
        history = [
            entry
            for entry in ledger.entries(self._workspace, self._summary.report, self._summary.period)
            if entry.recipient == recipient
        ]
        before = [entry for entry in history if entry.revision == self._revision]
        if before and before[-1].state != "failed":
            return replace(_delivery(before[-1]), earlier=True)
        entry, message = self._again(before) or self._new(recipient, history)
        if self._mail.host is None:
            return self._keep(entry, message)
        return self._hand_over(entry, message)

    def _new(self, recipient: str, history: Sequence[Entry]) -> tuple[Entry, bytes]:
        """The ledger's line to begin with, and the mail."""
        earlier = {entry.revision: entry.message_id for entry in history if entry.revision < self._revision}
        identity = message_id(self._summary, self._mail.sender, recipient, self._revision)
        message = build(
            self._summary, self._parts, self._mail.sender, recipient, identity, [earlier[n] for n in sorted(earlier)]
        )
        begun = Entry(
            report=self._summary.report,
            period=self._summary.period,
            revision=self._revision,
            recipient=recipient,
            state="sending",
            message_id=identity,
            detail="",
            # Frozen before the mail, so that none is out whose figures are not kept.
            report_id=self._report_id,
        )
        return begun, message

    def _again(self, before: Sequence[Entry]) -> tuple[Entry, bytes] | None:
        """Where the mail may have arrived, and a person says that it is to be sent again: that mail, byte for byte, so
        that nobody has two that differ."""
        if any(entry.state == "unknown" for entry in before):
            for entry in reversed(before):
                if entry.state == "sending" and (copy := _copy(self._workspace, entry)):
                    return entry, copy.read_bytes()
        return None

    def _hand_over(self, entry: Entry, message: bytes) -> Delivery:
        try:
            with text_expected(self._mail, entry.recipient, len(message)) as hand_over:
                copy = self._begin(entry, message)
                state, detail = hand_over(message)
                return self._end(entry, copy, state, detail)
        except NotTaken as no:
            return _delivery(ledger.note(self._workspace, replace(entry, state=no.state, detail=no.detail)))

    def _keep(self, entry: Entry, message: bytes) -> Delivery:
        copy = self._begin(entry, message)
        return self._end(entry, copy, "kept", keep(self._workspace, f"{entry.period}-{_stem(entry)}", message))

    def _begin(self, entry: Entry, message: bytes) -> Path:
        """From here on the mail may leave: its copy is on the disk, and the ledger says so."""
        copy = free_path(self._workspace / "sent" / entry.period, _stem(entry))
        write_durably(copy.with_suffix(".sending"), message)
        ledger.note(self._workspace, replace(entry, state="sending", detail=str(copy.relative_to(self._workspace))))
        return copy

    def _end(self, entry: Entry, copy: Path, state: State, detail: str) -> Delivery:
        if state in ("sent", "unknown"):
            copy.with_suffix(".sending").replace(copy)
        else:
            copy.with_suffix(".sending").unlink()
        return _delivery(ledger.note(self._workspace, replace(entry, state=state, detail=detail)))


def _settle_stopped(workspace: Path, report: str, period: str) -> None:
    """Writes down that mails are unknown whose run was stopped. Only for who holds the ledger."""
    last = {(entry.revision, entry.recipient): entry for entry in ledger.entries(workspace, report, period)}
    for entry in last.values():
        if entry.state == "sending":
            copy = _copy(workspace, entry)
            if copy and copy.suffix == ".sending":
                copy.replace(copy.with_suffix(".eml"))
            ledger.note(workspace, replace(entry, state="unknown", detail=ledger.STOPPED))


def _copy(workspace: Path, begun: Entry) -> Path | None:
    """The mail as it was handed over, of a `sending` line."""
    copy = workspace / begun.detail
    return next((path for path in (copy, copy.with_suffix(".sending")) if begun.detail and path.is_file()), None)


def _delivery(entry: Entry) -> Delivery:
    return Delivery(entry.recipient, entry.state, entry.message_id, entry.detail, entry.revision)


def _who() -> str:
    """Who settles a question, as the machine knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _name(summary: Summary) -> str:
    return f"{summary.report} {summary.period}"


def _stem(entry: Entry) -> str:
    correction = f"-r{entry.revision}" if entry.revision else ""
    return f"{entry.report}{correction}-{file_name(entry.recipient)}"
