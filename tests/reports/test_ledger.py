"""What a person has to settle, how they do it, and corrections: each revision once to each recipient."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from reports import ledger, smtp
from reports.deliver import NotNow, correct, resolve, send
from reports.document import Figure, Paragraph, Summary
from reports.frozen import figures, report_id
from reports.ledger import open_questions
from reports.monthly import build_monthly
from reports.period import Month
from tests.faults.mail import Fault, MailServer, running_mail_server
from tests.reports.press import NOW, PLAN, REPORT
from tests.reports.test_deliver import KSTT, SECOND, parsed, settings
from warehouse import journal
from warehouse.compare import last_sent

LOST = Fault("end", "drop", takes=True)
REFUSED = Fault("rcpt", "say", b"550 no such user\r\n")
AWAY = Fault("greeting", "drop")


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(smtp.USER, raising=False)
    monkeypatch.delenv(smtp.PASSWORD, raising=False)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


@pytest.fixture
def changed(july: Summary) -> Summary:
    """July as it stands after something has changed, as a correction."""
    fewer = dataclasses.replace(july.behind, articles=july.behind.articles[1:])
    return dataclasses.replace(july, behind=fewer, corrects=(Paragraph("Thay báo cáo đã gửi."),))


def lines(workspace: Path) -> list[tuple[int, str, str]]:
    return [(entry.revision, entry.recipient, entry.state) for entry in ledger.entries(workspace)]


def questions(workspace: Path) -> list[tuple[str, str]]:
    return [(entry.recipient, entry.state) for entry in open_questions(workspace)]


def test_unknown_and_refused_are_questions_and_what_failed_is_none(
    tmp_path: Path, july: Summary, server: MailServer
) -> None:
    assert open_questions(tmp_path) == []
    server.faults = [LOST, REFUSED, AWAY]
    send(tmp_path, july, settings(server.port, recipients=[KSTT, SECOND, "ba@coquan.example"]), waits=())
    assert questions(tmp_path) == [(KSTT, "unknown"), (SECOND, "refused")]
    assert open_questions(tmp_path)[1].detail == "550 no such user"


def test_a_mail_whose_run_was_killed_is_a_question_before_any_run_looks_but_not_while_it_is_sent(
    tmp_path: Path, july: Summary
) -> None:
    _begin(tmp_path, july)
    with ledger.held(tmp_path):
        assert questions(tmp_path) == []
    before = (tmp_path / "journal" / "mail.jsonl").read_bytes()
    (question,) = open_questions(tmp_path)
    assert (question.state, question.detail) == ("unknown", ledger.STOPPED)
    assert (tmp_path / "journal" / "mail.jsonl").read_bytes() == before


def _begin(workspace: Path, summary: Summary) -> None:
    entry = ledger.Entry(summary.report, summary.period, 0, KSTT, "sending", "<x@y>", "", None)
    ledger.note(workspace, entry)


@pytest.mark.parametrize("fault", [LOST, REFUSED])
def test_a_person_says_that_it_arrived_and_it_counts_as_sent(
    fault: Fault, tmp_path: Path, july: Summary, server: MailServer
) -> None:
    server.faults = [fault]
    send(tmp_path, july, settings(server.port))
    (settled,) = resolve(tmp_path, "monthly", "2021-07", "sent")
    assert (settled.recipient, settled.state) == (KSTT, "sent")
    assert "says; was" in settled.detail
    assert open_questions(tmp_path) == []
    assert send(tmp_path, july, settings(server.port))[0].earlier
    assert len(server.heard) == 1


def test_a_mail_that_may_have_arrived_is_sent_again_byte_for_byte(
    tmp_path: Path, july: Summary, server: MailServer
) -> None:
    server.faults = [LOST, Fault("end", "say", b"451 later\r\n"), AWAY, None]
    send(tmp_path, july, settings(server.port))
    resolve(tmp_path, "monthly", "2021-07", "resend")
    # Even where the figures are others by now, and where other tries fail in between.
    later = dataclasses.replace(july, title="Tên khác", behind=dataclasses.replace(july.behind, articles=()))
    (done,) = send(tmp_path, later, settings(server.port), waits=(0, 0))
    server.wait()
    assert done.state == "sent"
    first, second = server.taken
    assert (first.content, first.told, second.told) == (second.content, False, True)
    entries = ledger.entries(tmp_path)
    assert {entry.report_id for entry in entries} == {entries[0].report_id}
    assert len(list((tmp_path / "sent/2021-07").glob("*.eml"))) == 2


def test_a_refused_mail_is_sent_again_when_a_person_says_so(tmp_path: Path, july: Summary, server: MailServer) -> None:
    server.faults = [REFUSED, None]
    send(tmp_path, july, settings(server.port))
    resolve(tmp_path, "monthly", "2021-07", "resend", KSTT)
    assert send(tmp_path, july, settings(server.port))[0].state == "sent"
    assert len(server.taken) == 1


def test_only_the_mail_to_the_address_named_is_settled(tmp_path: Path, july: Summary, server: MailServer) -> None:
    server.faults = [LOST, LOST]
    send(tmp_path, july, settings(server.port, recipients=[KSTT, SECOND]))
    resolve(tmp_path, "monthly", "2021-07", "sent", SECOND)
    assert questions(tmp_path) == [(KSTT, "unknown")]
    with pytest.raises(NotNow, match=f"no mail to {SECOND} that is unknown or refused"):
        resolve(tmp_path, "monthly", "2021-07", "resend", SECOND)
    for report, period in (("monthly", "2021-06"), ("daily", "2021-07")):
        with pytest.raises(NotNow, match="nothing to settle"):
            resolve(tmp_path, report, period, "sent")


def test_what_a_power_cut_tore_is_put_aside_and_the_mail_goes_out(
    tmp_path: Path, july: Summary, server: MailServer
) -> None:
    """Torn is `sending`: the text was not begun, for the line comes first."""
    path = tmp_path / "journal" / "mail.jsonl"
    path.parent.mkdir()
    path.write_bytes('{"detail": "sent/2021-07/monthly-đ'.encode()[:-1])
    assert send(tmp_path, july, settings(server.port))[0].state == "sent"
    assert path.with_suffix(".jsonl.torn").read_bytes() == '{"detail": "sent/2021-07/monthly-đ'.encode()[:-1] + b"\n"
    assert [state for _, _, state in lines(tmp_path)] == ["sending", "sent"]


@pytest.mark.parametrize("tail", [b"", b"\x00" * 300])
def test_an_outcome_that_a_power_cut_tore_leaves_the_mail_unknown(
    tail: bytes, tmp_path: Path, july: Summary, server: MailServer
) -> None:
    send(tmp_path, july, settings(server.port))
    path = tmp_path / "journal" / "mail.jsonl"
    *first, last, _ = path.read_bytes().split(b"\n")
    for length in range(1, len(last), 40):
        path.write_bytes(b"\n".join([*first, last[:length] + tail]))
        assert send(tmp_path, july, settings(server.port))[0].state == "unknown"
    assert len(server.taken) == 1


def test_a_whole_line_without_its_end_counts(tmp_path: Path, july: Summary, server: MailServer) -> None:
    send(tmp_path, july, settings(server.port))
    path = tmp_path / "journal" / "mail.jsonl"
    path.write_bytes(path.read_bytes()[:-1])
    (done,) = send(tmp_path, july, settings(server.port))
    assert (done.state, done.earlier) == ("sent", True)


def test_a_ledger_that_is_broken_in_the_middle_sends_nothing(tmp_path: Path, july: Summary, server: MailServer) -> None:
    send(tmp_path, july, settings(server.port))
    path = tmp_path / "journal" / "mail.jsonl"
    path.write_bytes(path.read_bytes()[5:])
    with pytest.raises(journal.JournalError, match=r"mail\.jsonl:1"):
        send(tmp_path, july, settings(server.port, recipients=[KSTT, SECOND]))
    assert len(server.taken) == 1


def test_lines_of_before_there_were_corrections_are_of_the_first_report(tmp_path: Path, july: Summary) -> None:
    send(tmp_path, july, settings(host=None))
    path = tmp_path / "journal" / "mail.jsonl"
    old = [
        {k: v for k, v in json.loads(line).items() if k != "revision"} for line in path.read_text("utf-8").splitlines()
    ]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in old), encoding="utf-8")
    assert send(tmp_path, july, settings(host=None))[0].earlier
    assert ledger.revision(tmp_path, "monthly", "2021-07") == 0


def test_a_correction_goes_once_to_each_and_belongs_to_the_mail_before(
    tmp_path: Path, july: Summary, changed: Summary, server: MailServer
) -> None:
    mail = settings(server.port, recipients=[KSTT, SECOND])
    send(tmp_path, july, mail)
    first = correct(tmp_path, changed, mail)
    assert [(done.state, done.revision, done.earlier) for done in first] == [("sent", 1, False)] * 2
    assert all(done.earlier for done in send(tmp_path, changed, mail))
    again = dataclasses.replace(changed, behind=july.behind)
    assert [done.revision for done in correct(tmp_path, again, mail)] == [2, 2]
    to_kstt = [parsed(taken.content) for taken in server.taken if taken.recipient == KSTT]
    assert len(server.taken) == 6
    identities = [message["Message-ID"] for message in to_kstt]
    assert len(set(identities)) == 3
    assert [message["In-Reply-To"] for message in to_kstt] == [None, *identities[:2]]
    assert to_kstt[2]["References"].split() == identities[:2]
    assert ["[ĐÍNH CHÍNH]" in message["Subject"] for message in to_kstt] == [False, True, True]
    assert sorted(path.name.split("-kstt")[0] for path in (tmp_path / "sent/2021-07").glob("*kstt*")) == [
        *("monthly", "monthly-r1", "monthly-r2")
    ]


def test_what_failed_of_a_correction_is_sent_by_the_next_run_and_the_first_report_is_not(
    tmp_path: Path, july: Summary, changed: Summary, server: MailServer
) -> None:
    mail = settings(server.port, recipients=[KSTT, SECOND])
    send(tmp_path, july, mail)
    server.faults = [None, AWAY]
    assert [done.state for done in correct(tmp_path, changed, mail, waits=())] == ["sent", "failed"]
    with pytest.raises(NotNow, match="is at revision 1 by now"):
        send(tmp_path, july, mail)
    assert [done.earlier for done in send(tmp_path, changed, mail)] == [True, False]
    assert [taken.recipient for taken in server.taken] == [KSTT, SECOND, KSTT, SECOND]


def test_a_correction_of_nothing_sent_and_of_nothing_changed_is_refused(
    tmp_path: Path, july: Summary, changed: Summary, server: MailServer
) -> None:
    with pytest.raises(NotNow, match="monthly 2021-07 was never sent"):
        correct(tmp_path, changed, settings(server.port))
    send(tmp_path, july, settings(server.port))
    same = dataclasses.replace(july, corrects=changed.corrects, made_at=july.made_at.replace(day=9))
    with pytest.raises(NotNow, match="nothing has changed since it was sent"):
        correct(tmp_path, same, settings(server.port))
    correct(tmp_path, changed, settings(server.port))
    with pytest.raises(NotNow, match="nothing has changed"):
        correct(tmp_path, changed, settings(server.port))
    assert len(server.taken) == 2


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (LOST, "is unknown; settle it first"),
        (REFUSED, "is refused; settle it first"),
        (AWAY, "has not gone to .* yet"),
    ],
)
def test_a_correction_waits_until_everybody_had_the_last_one(
    fault: Fault, message: str, tmp_path: Path, july: Summary, changed: Summary, server: MailServer
) -> None:
    mail = settings(server.port, recipients=[KSTT, SECOND])
    server.faults = [None, fault]
    send(tmp_path, july, mail, waits=())
    with pytest.raises(NotNow, match=message):
        correct(tmp_path, changed, mail)
    if fault is not AWAY:
        resolve(tmp_path, "monthly", "2021-07", "sent")
    else:
        send(tmp_path, july, mail)
    assert {done.state for done in correct(tmp_path, changed, mail)} == {"sent"}


def test_a_correction_that_was_killed_is_a_question_of_its_own(
    tmp_path: Path, july: Summary, changed: Summary, server: MailServer
) -> None:
    send(tmp_path, july, settings(server.port))
    server.faults = [LOST]
    correct(tmp_path, changed, settings(server.port))
    (question,) = open_questions(tmp_path)
    assert question.revision == 1
    (settled,) = resolve(tmp_path, "monthly", "2021-07", "resend")
    assert settled.revision == 1
    assert send(tmp_path, changed, settings(server.port))[0].state == "sent"


def test_what_a_correction_says_it_corrects_is_no_figure_of_the_report(july: Summary) -> None:
    told_before = Figure(
        -1, "coverage", (("kinds", ["press"]), ("topics", ["portal"])), ("press", "portal"), "articles"
    )
    correction = dataclasses.replace(july, corrects=(Paragraph("Trước: -1.", (told_before,)),))
    assert figures(correction) == figures(july)
    assert report_id(correction) == report_id(july)


def test_months_and_recipients_are_apart(
    tmp_path: Path, july: Summary, published: duckdb.DuckDBPyConnection, server: MailServer
) -> None:
    august = build_monthly(published, Month(2021, 8), REPORT, PLAN, NOW, relook_days=7)
    server.faults = [LOST]
    send(tmp_path, july, settings(server.port))
    assert send(tmp_path, august, settings(server.port))[0].state == "sent"
    assert ledger.revision(tmp_path, "monthly", "2021-09") is None
    states: Any = ledger.standing(tmp_path, "monthly", "2021-07", 0)
    assert {recipient: entry.state for recipient, entry in states.items()} == {KSTT: "unknown"}


def test_figures_are_compared_with_those_of_the_newest_revision_even_where_it_says_again_what_the_first_said(
    tmp_path: Path, july: Summary, changed: Summary
) -> None:
    mail = settings(host=None)
    send(tmp_path, july, mail)
    correct(tmp_path, changed, mail)
    assert last_sent(tmp_path, "monthly", "2021-07")["report_id"] == report_id(changed)
    correct(tmp_path, dataclasses.replace(july, corrects=changed.corrects), mail)
    assert last_sent(tmp_path, "monthly", "2021-07")["report_id"] == report_id(july)
    assert len(journal.read(tmp_path, journal.FIGURES)) == 2
