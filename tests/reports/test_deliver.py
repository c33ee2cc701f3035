"""Mail: once to each recipient, with a ledger that survives a stop at any moment."""

from __future__ import annotations

import dataclasses
import datetime as dt
import email
import email.policy
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import duckdb
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from config.schedule import Mail
from reports import deliver, smtp
from reports.deliver import preview, send
from reports.document import Summary
from reports.monthly import build_monthly
from reports.period import Month
from tests.reports.press import NOW, PLAN, REPORT
from warehouse import journal

KSTT, SECOND = "kstt@coquan.example", "phong.hai@coquan.example"


class Mailbox:
    """Takes mail, or says what `answer` says."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], bytes]] = []
        self.answer = "250 OK"
        self.no_such: set[str] = set()

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.no_such:
            return "550 No such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            self.taken.append((list(envelope.rcpt_tos), bytes(envelope.original_content or b"")))
        return self.answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def server(mailbox: Mailbox) -> Iterator[Controller]:
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(smtp.USER, raising=False)
    monkeypatch.delenv(smtp.PASSWORD, raising=False)


def settings(port: int = 1, **changes: Any) -> Mail:
    values = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "sender": "diembao@coquan.example",
        "recipients": [KSTT],
        "timeout_seconds": 5,
        **changes,
    }
    return Mail.model_validate(values)


def ledger(workspace: Path) -> list[tuple[str, str]]:
    return [(entry["recipient"], entry["state"]) for entry in journal.read(workspace, journal.MAIL)]


def parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_preview_writes_both_forms_and_mails_nothing(tmp_path: Path, july: Summary) -> None:
    written = preview(tmp_path, july)
    assert written == [tmp_path / "preview/2021-07/summary.html", tmp_path / "preview/2021-07/summary.txt"]
    assert "BÁO CÁO" in written[1].read_text(encoding="utf-8")
    assert ledger(tmp_path) == []


def test_each_recipient_gets_one_mail_with_both_forms(
    tmp_path: Path, july: Summary, mailbox: Mailbox, server: Controller
) -> None:
    deliveries = send(tmp_path, july, settings(server.port, recipients=[KSTT, SECOND]))
    assert [(done.recipient, done.state, done.earlier) for done in deliveries] == [
        (KSTT, "sent", False),
        (SECOND, "sent", False),
    ]
    assert [recipients for recipients, _ in mailbox.taken] == [[KSTT], [SECOND]]
    message = parsed(mailbox.taken[0][1])
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert july.title in message["Subject"]
    assert july.title in message.get_body(("html",)).get_content()  # type: ignore[union-attr]


def test_the_same_report_is_not_mailed_twice(
    tmp_path: Path, july: Summary, mailbox: Mailbox, server: Controller
) -> None:
    send(tmp_path, july, settings(server.port))
    later = send(tmp_path, july, settings(server.port, recipients=[KSTT, SECOND, SECOND]))
    assert [(done.recipient, done.state, done.earlier) for done in later] == [
        (KSTT, "sent", True),
        (SECOND, "sent", False),
    ]
    assert len(mailbox.taken) == 2


def test_two_runs_at_once_mail_it_once(tmp_path: Path, july: Summary, mailbox: Mailbox, server: Controller) -> None:
    runs = [threading.Thread(target=send, args=(tmp_path, july, settings(server.port))) for _ in range(3)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert len(mailbox.taken) == 1
    assert ledger(tmp_path) == [(KSTT, "sending"), (KSTT, "sent")]


def test_a_person_can_have_it_sent_again_under_the_same_message_id(
    tmp_path: Path, july: Summary, mailbox: Mailbox, server: Controller
) -> None:
    first = send(tmp_path, july, settings(server.port))
    second = send(tmp_path, july, settings(server.port), again=True)
    assert first[0].message_id == second[0].message_id == parsed(mailbox.taken[1][1])["Message-ID"]
    assert len(mailbox.taken) == 2
    assert len(list((tmp_path / "sent/2021-07").glob("*.eml"))) == 2


def test_message_ids_differ_by_recipient_and_period(
    tmp_path: Path, published: duckdb.DuckDBPyConnection, july: Summary
) -> None:
    august = build_monthly(published, Month(2021, 8), REPORT, PLAN, NOW, relook_days=7)
    mail = settings(host=None, recipients=[KSTT, SECOND])
    ids = [done.message_id for summary in (july, august) for done in send(tmp_path, summary, mail)]
    assert len(set(ids)) == 4


def test_the_ledger_has_the_fields_of_reports_sent(
    tmp_path: Path, july: Summary, mailbox: Mailbox, server: Controller
) -> None:
    send(tmp_path, july, settings(server.port))
    entries = journal.read(tmp_path, journal.MAIL)
    assert [entry["state"] for entry in entries] == ["sending", "sent"]
    for entry in entries:
        fields = {"written_at", "report", "period", "recipient", "state", "message_id", "detail", "report_id"}
        assert set(entry) == fields
        assert (entry["report"], entry["period"], entry["recipient"]) == ("monthly", "2021-07", KSTT)
        assert dt.datetime.fromisoformat(entry["written_at"]).tzinfo
    assert entries[1]["detail"] == "250 OK"


def test_what_was_sent_is_kept_byte_for_byte(
    tmp_path: Path, july: Summary, mailbox: Mailbox, server: Controller
) -> None:
    send(tmp_path, july, settings(server.port))
    (kept,) = (tmp_path / "sent/2021-07").iterdir()
    assert kept.suffix == ".eml"
    assert kept.read_bytes() == mailbox.taken[0][1]


def test_without_a_mail_host_the_mail_is_kept_in_the_outbox(tmp_path: Path, july: Summary) -> None:
    (done,) = send(tmp_path, july, settings(host=None))
    assert done.state == "kept"
    (kept,) = (tmp_path / "outbox").iterdir()
    assert str(kept.relative_to(tmp_path)) == done.detail
    assert parsed(kept.read_bytes())["To"] == KSTT
    assert list((tmp_path / "sent/2021-07").iterdir()) == []
    assert send(tmp_path, july, settings(host=None))[0].earlier
    assert len(list((tmp_path / "outbox").iterdir())) == 1
    send(tmp_path, july, settings(host=None), again=True)
    assert len(list((tmp_path / "outbox").iterdir())) == 2


def test_a_mail_begun_and_not_ended_is_unknown_and_is_not_repeated(
    tmp_path: Path, july: Summary, mailbox: Mailbox, server: Controller
) -> None:
    entry = {"report": "monthly", "period": "2021-07", "recipient": KSTT, "state": "sending", "message_id": "<x@y>"}
    journal.append(tmp_path, journal.MAIL, {**entry, "written_at": "2021-08-04T08:00:00+07:00", "detail": ""})
    for _ in range(2):
        (done,) = send(tmp_path, july, settings(server.port))
        assert (done.state, done.earlier) == ("unknown", True)
    assert mailbox.taken == []
    assert ledger(tmp_path) == [(KSTT, "sending"), (KSTT, "unknown")]


def test_a_stop_while_mailing_leaves_an_unknown_mail_and_its_copy(
    tmp_path: Path, july: Summary, mailbox: Mailbox, server: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(deliver, "submit", stop)
    with pytest.raises(KeyboardInterrupt):
        send(tmp_path, july, settings(server.port))
    monkeypatch.undo()
    assert send(tmp_path, july, settings(server.port))[0].state == "unknown"
    assert mailbox.taken == []
    assert [path.suffix for path in (tmp_path / "sent/2021-07").iterdir()] == [".sending"]


def test_a_refused_recipient_is_told_and_the_others_get_theirs(
    tmp_path: Path, july: Summary, mailbox: Mailbox, server: Controller
) -> None:
    mailbox.no_such.add(KSTT)
    deliveries = send(tmp_path, july, settings(server.port, recipients=[KSTT, SECOND]))
    assert [done.state for done in deliveries] == ["refused", "sent"]
    assert deliveries[0].detail == "550 No such user"
    assert len(list((tmp_path / "sent/2021-07").iterdir())) == 1
    mailbox.no_such.clear()
    assert send(tmp_path, july, settings(server.port))[0].state == "sent"


def test_a_server_that_is_busy_or_away_is_tried_again_next_time(
    tmp_path: Path, july: Summary, mailbox: Mailbox, server: Controller
) -> None:
    assert send(tmp_path, july, settings(free_port()))[0].state == "failed"
    mailbox.answer = "451 Try later"
    assert send(tmp_path, july, settings(server.port))[0].state == "failed"
    mailbox.answer = "250 OK"
    assert send(tmp_path, july, settings(server.port))[0].state == "sent"
    assert len(mailbox.taken) == 1


def hang_up_after_the_text(listener: socket.socket) -> None:
    """A server that takes the whole mail and closes without an answer."""
    connection, _ = listener.accept()
    with connection, connection.makefile("rb") as lines:
        connection.sendall(b"220 here\r\n")
        for line in lines:
            if line.upper().startswith(b"DATA"):
                connection.sendall(b"354 go on\r\n")
                while next(lines) != b".\r\n":
                    pass
                return
            connection.sendall(b"250 OK\r\n")


def test_no_answer_after_the_text_is_unknown_and_is_not_repeated(
    tmp_path: Path, july: Summary, mailbox: Mailbox, server: Controller
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=hang_up_after_the_text, args=[listener])
        thread.start()
        (done,) = send(tmp_path, july, settings(listener.getsockname()[1]))
        thread.join()
    assert (done.state, done.earlier) == ("unknown", False)
    assert send(tmp_path, july, settings(server.port))[0].earlier
    assert mailbox.taken == []
    assert [path.suffix for path in (tmp_path / "sent/2021-07").iterdir()] == [".eml"]


def test_headers_cant_be_injected(tmp_path: Path, july: Summary) -> None:
    hostile = dataclasses.replace(july, title="Kết quả\r\nBcc: ke.la@xa.example\r\n\r\n<b>thân</b>")
    send(tmp_path, hostile, settings(host=None))
    (kept,) = (tmp_path / "outbox").iterdir()
    message = parsed(kept.read_bytes())
    assert message["Bcc"] is None
    assert message["Subject"] == "[DỰ THẢO] Kết quả Bcc: ke.la@xa.example <b>thân</b>"
    assert message.get_content_type() == "multipart/alternative"


def test_mail_of_sample_data_says_so_in_its_subject(tmp_path: Path, july: Summary) -> None:
    send(tmp_path, dataclasses.replace(july, sample=True), settings(host=None))
    (kept,) = (tmp_path / "outbox").iterdir()
    assert parsed(kept.read_bytes())["Subject"].startswith("[DỮ LIỆU MẪU]")


def test_a_password_is_never_sent_in_clear(
    tmp_path: Path, july: Summary, mailbox: Mailbox, server: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(smtp.USER, "diembao")
    (done,) = send(tmp_path, july, settings(server.port))
    assert done.state == "failed"
    assert "in clear" in done.detail
    assert mailbox.taken == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 that nobody trusts unless told to, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    form = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(signed.public_bytes(form))
    (folder / "key.pem").write_bytes(
        key.private_bytes(form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture(params=["starttls", "tls"])
def secure(
    request: pytest.FixtureRequest, mailbox: Mailbox, certificate: tuple[Path, Path]
) -> Iterator[Callable[[], Mail]]:
    """A server with TLS, each way."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    way: dict[str, Any] = {"ssl_context": context}
    if request.param == "starttls":
        way = {"tls_context": context, "require_starttls": True}
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), **way)
    controller.start()
    yield lambda: settings(controller.port, security=request.param)
    controller.stop()


def test_the_servers_certificate_is_verified(
    tmp_path: Path,
    july: Summary,
    mailbox: Mailbox,
    secure: Callable[[], Mail],
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (done,) = send(tmp_path, july, secure())
    assert done.state == "failed"
    assert "certificate verify failed" in done.detail.lower()
    assert mailbox.taken == []

    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    assert send(tmp_path, july, secure())[0].state == "sent"
    assert len(mailbox.taken) == 1


def test_a_server_without_tls_gets_no_mail_where_tls_is_asked_for(
    tmp_path: Path, july: Summary, mailbox: Mailbox, server: Controller
) -> None:
    assert send(tmp_path, july, settings(server.port, security="starttls"))[0].state == "failed"
    assert mailbox.taken == []
