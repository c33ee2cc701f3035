"""What becomes of a mail when the server misbehaves, step by step: the border is the dot that ends the text."""

from __future__ import annotations

import base64
import dataclasses
import socket
from collections.abc import Iterator

import pytest

from reports import smtp
from reports.smtp import NotTaken, text_expected
from tests.faults.mail import Fault, MailServer, Step, running_mail_server
from tests.reports.test_deliver import KSTT, free_port, settings

MESSAGE = b"Message-ID: <one@coquan.example>\r\n\r\n.begins with a dot\r\n..\r\nlast\r\n"
#: More than the buffers of a connection take, so that a server which stops reading stops us.
LARGE = MESSAGE + b"x" * 70 + b"\r\n" + (b"y" * 76 + b"\r\n") * 150_000

BEFORE_THE_TEXT: list[Step] = ["greeting", "ehlo", "mail", "rcpt", "data"]


@pytest.fixture
def server() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(smtp.USER, raising=False)
    monkeypatch.delenv(smtp.PASSWORD, raising=False)
    monkeypatch.setattr(smtp, "_PATIENCE", 2)


def submitted(port: int, message: bytes = MESSAGE, **changes: object) -> tuple[str, str]:
    try:
        with text_expected(settings(port, **{"timeout_seconds": 0.3, **changes}), KSTT, len(message)) as hand_over:
            return hand_over(message)
    except NotTaken as no:
        return no.state, no.detail


def test_a_mail_arrives_as_it_is_and_the_dialogue_is_ended_politely(server: MailServer) -> None:
    assert submitted(server.port) == ("sent", "250 taken")
    server.wait()
    assert [(taken.recipient, taken.content) for taken in server.taken] == [(KSTT, MESSAGE)]
    (heard,) = server.heard
    assert [line[:4].lower() for line in heard] == [b"ehlo", b"mail", b"rcpt", b"data", b"quit"]
    assert f"size={len(MESSAGE)}".encode() in heard[1]


@pytest.mark.parametrize("step", BEFORE_THE_TEXT)
@pytest.mark.parametrize("act", ["drop", "reset", "stall"])
def test_whatever_breaks_before_the_text_can_be_tried_again(step: Step, act: str, server: MailServer) -> None:
    server.faults = [Fault(step, act, seconds=0.5 if act == "stall" else 0)]  # type: ignore[arg-type]
    assert submitted(server.port)[0] == "failed"
    assert submitted(server.port)[0] == "sent"
    server.wait()
    assert len(server.taken) == 1


@pytest.mark.parametrize("step", BEFORE_THE_TEXT)
@pytest.mark.parametrize(
    ("words", "state"),
    [
        (b"421 4.3.2 closing\r\n", "failed"),
        (b"450-later\r\n450 please\r\n", "failed"),
        (b"554 5.7.1 not you\r\n", "refused"),
        (b"what is this\r\n", "failed"),
        (b"\xff\xfe\r\n", "failed"),
    ],
)
def test_a_no_before_the_text_is_for_good_or_for_now(step: Step, words: bytes, state: str, server: MailServer) -> None:
    server.faults = [Fault(step, "say", words)]
    found, detail = submitted(server.port)
    assert found == state
    if words[:3].isdigit():
        assert detail.startswith(words[:3].decode())
    assert server.taken == []


@pytest.mark.parametrize("act", ["drop", "reset"])
@pytest.mark.parametrize("read", [0, 1, 20_000])
def test_a_break_in_the_middle_of_the_text_can_be_tried_again(act: str, read: int, server: MailServer) -> None:
    """The dot never left, and a text without it is no mail (RFC 5321, 4.1.1.4)."""
    server.faults = [Fault("text", act, read=read)]  # type: ignore[arg-type]
    state, detail = submitted(server.port, LARGE)
    assert (state, "before the end of the text" in detail) == ("failed", True)
    assert server.taken == []


def test_a_server_that_reads_no_further_is_left_before_the_dot(server: MailServer) -> None:
    server.faults = [Fault("text", "stall", read=10_000, seconds=1)]
    assert submitted(server.port, LARGE)[0] == "failed"
    server.wait()
    assert server.taken == []


@pytest.mark.parametrize(
    ("words", "state"),
    [(b"552 too large\r\n", "refused"), (b"421 going down\r\n", "failed"), (b"250 ?\r\n", "unknown")],
)
def test_what_a_server_says_in_the_middle_of_the_text_counts_and_no_dot_follows(
    words: bytes, state: str, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.faults = [Fault("text", "say", words, read=1)]
    # The server has spoken before we look.
    said_early = smtp._said_early

    def later(connection: socket.socket) -> bytes | None:
        connection.settimeout(0.3)
        connection.recv(1, socket.MSG_PEEK)
        return said_early(connection)

    monkeypatch.setattr(smtp, "_said_early", later)
    found, detail = submitted(server.port)
    assert (found, detail) == (state, f"{words.decode().strip()} (before the end of the text)")
    server.wait()
    assert server.taken == []


@pytest.mark.parametrize("takes", [False, True])
@pytest.mark.parametrize(
    "fault",
    [
        Fault("end", "drop"),
        Fault("end", "reset"),
        Fault("end", "drop", b"25"),
        Fault("end", "drop", b"250-half of it\r\n"),
        Fault("end", "say", b"what is this\r\n"),
        Fault("end", "say", b"354 go on\r\n"),
        Fault("end", "say", b"25\r\n"),
        Fault("end", "say", b"4\r\n"),
        Fault("end", "say", b"250 " + b"x" * 9000 + b"\r\n"),
    ],
    ids=lambda fault: f"{fault.act}-{fault.words[:12]!r}",
)
def test_without_a_whole_reply_to_the_dot_nobody_knows(fault: Fault, takes: bool, server: MailServer) -> None:
    server.faults = [dataclasses.replace(fault, takes=takes)]
    assert submitted(server.port)[0] == "unknown"
    server.wait()
    assert len(server.taken) == takes


def test_a_reply_that_comes_too_late_leaves_it_unknown(server: MailServer) -> None:
    server.faults = [Fault("end", "stall", seconds=0.9)]
    assert submitted(server.port)[0] == "unknown"
    server.wait()
    assert len(server.taken) == 1


@pytest.mark.parametrize(
    ("words", "state"), [(b"451 disk full\r\n", "failed"), (b"421 bye\r\n", "failed"), (b"554 spam\r\n", "refused")]
)
def test_a_no_to_the_whole_text_is_for_good_or_for_now(words: bytes, state: str, server: MailServer) -> None:
    server.faults = [Fault("end", "say", words)]
    assert submitted(server.port) == (state, words.decode().strip())
    assert server.taken == []


@pytest.mark.parametrize("act", ["drop", "reset"])
def test_what_happens_after_the_reply_changes_nothing(act: str, server: MailServer) -> None:
    server.faults = [Fault("end", act, b"250 taken\r\n", takes=True)]  # type: ignore[arg-type]
    if act == "drop":
        assert submitted(server.port) == ("sent", "250 taken")
    else:  # the break may overtake the reply
        assert submitted(server.port)[0] in ("sent", "unknown")


def test_the_reply_to_the_dot_is_waited_for_longer_than_others(server: MailServer) -> None:
    server.faults = [Fault("end", "stall", seconds=0.45, takes=True)]
    assert submitted(server.port, timeout_seconds=0.3)[0] == "sent"


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b", "x" * 70, "192.0.2.1"])
def test_a_host_that_is_not_there_can_be_tried_again(host: str) -> None:
    assert submitted(25, host=host)[0] == "failed"


def test_nobody_listens_and_no_certificates_are_told() -> None:
    assert submitted(free_port())[0] == "failed"
    state, detail = submitted(free_port(), security="tls", ca_file="no/such.pem")
    assert state == "failed"
    assert detail.startswith("no/such.pem: ")


@pytest.mark.parametrize("only", [smtp.USER, smtp.PASSWORD])
def test_half_a_login_is_told(only: str, server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(only, "x")
    assert submitted(server.port, security="starttls") == (
        "failed",
        f"{smtp.USER} and {smtp.PASSWORD}: only one of them is set",
    )


def test_what_a_server_repeats_of_the_login_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(smtp.USER, "diembao")
    monkeypatch.setenv(smtp.PASSWORD, "mật-khẩu 9!")
    plain = base64.b64encode("\0diembao\0mật-khẩu 9!".encode()).decode()
    told = smtp._told(f"535 AUTH PLAIN {plain}: diembao, 'mật-khẩu 9!' is wrong\r\n")
    assert told == f"535 AUTH PLAIN ${smtp.PASSWORD}: ${smtp.USER}, '${smtp.PASSWORD}' is wrong"
