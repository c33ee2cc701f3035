"""What the mail ledger (journal/mail.jsonl) says: who has had what, and what only a person can settle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from warehouse import journal

#: After these nothing more is to be done by a program.
_SETTLED = ("sent", "kept", "refused", "unknown")


@dataclass(frozen=True, slots=True)
class MailState:
    """What became of one report's mail to one recipient, as last written. A mail that was begun and has no end is
    `sending`: the run that sent it was stopped, or is at work."""

    report: str
    period: str
    recipient: str
    state: str
    detail: str


def last_states(workspace: Path) -> list[MailState]:
    """One for each report, period and recipient, in the order in which they were begun."""
    found: dict[tuple[str, str, str], MailState] = {}
    for state in _states(workspace):
        found[state.report, state.period, state.recipient] = state
    return list(found.values())


def is_settled(workspace: Path, report: str, period: str, recipients: Sequence[str]) -> bool:
    """Whether nothing is left to be done for any recipient. A server that could not be reached leaves it `failed`."""
    states = {
        mail.recipient: mail.state for mail in last_states(workspace) if (mail.report, mail.period) == (report, period)
    }
    return all(states.get(recipient) in _SETTLED for recipient in recipients)


def open_questions(workspace: Path) -> list[MailState]:
    """Mails that only a person can settle: refused, or perhaps sent."""
    return [mail for mail in last_states(workspace) if mail.state in ("refused", "unknown")]


def _states(workspace: Path) -> Iterator[MailState]:
    for entry in journal.readable(workspace, journal.MAIL):
        if entry.keys() >= {"report", "period", "recipient", "state"}:
            yield MailState(
                entry["report"], entry["period"], entry["recipient"], entry["state"], entry.get("detail") or ""
            )
