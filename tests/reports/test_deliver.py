"""Mail: once to each recipient, with a ledger that survives a stop at any moment."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import email
import email.policy
import errno
import ipaddress
import ssl
import threading
import traceback
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NoReturn

import duckdb
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from config.schedule import Mail
from reports import deliver, smtp
from reports.deliver import preview, send
from reports.document import Summary
from reports.monthly import build_monthly
from reports.period import Month
from tests.faults.mail import Fault, running_mail_server
from tests.mailbox import Mailbox, free_port
from tests.reports.press import NOW, PLAN, REPORT
from warehouse import journal

KSTT, SECOND = "kstt@coquan.example", "phong.hai@coquan.example"


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


def test_preview_writes_all_forms_and_mails_nothing(tmp_path: Path, july: Summary) -> None:
    written = preview(tmp_path, july)
    endings = ("html", "txt", "docx", "pdf", "xlsx")
    assert written == [tmp_path / f"preview/2021-07/summary.{ending}" for ending in endings]
    assert all(file.stat().st_size > 1000 for file in written)
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
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "multipart/related"]
    pictures = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert [part["Content-ID"] for part in pictures] == [f"<{chart.name}@diembao>" for chart in july.charts]
    assert len(mailbox.taken[0][1]) < 300_000
    assert july.title in message["Subject"]
    assert july.title in message.get_body(("html",)).get_content()  # type: ignore[union-attr]


def test_files_go_with_the_mail_where_they_are_asked_for(
    tmp_path: Path, july: Summary, mailbox: Mailbox, server: Controller
) -> None:
    send(tmp_path, july, settings(server.port, attach=["docx", "pdf", "xlsx"]))
    message = parsed(mailbox.taken[0][1])
    names = [part.get_filename() for part in message.iter_attachments()]
    assert names == ["Bao-cao-2021-07.docx", "Bao-cao-2021-07.pdf", "Bao-cao-2021-07.xlsx"]


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
        fields = {
            "written_at",
            "report",
            "period",
            "recipient",
            "state",
            "message_id",
            "detail",
            "report_id",
            "revision",
        }
        assert set(entry) == fields
        assert (entry["report"], entry["period"], entry["recipient"]) == ("monthly", "2021-07", KSTT)
        assert entry["revision"] == 0
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
    def stop(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(smtp, "_hand_over", stop)
    with pytest.raises(KeyboardInterrupt):
        send(tmp_path, july, settings(server.port))
    monkeypatch.undo()
    assert ledger(tmp_path) == [(KSTT, "sending")]
    assert send(tmp_path, july, settings(server.port))[0].state == "unknown"
    assert mailbox.taken == []
    assert [path.suffix for path in (tmp_path / "sent/2021-07").iterdir()] == [".eml"]


def test_a_stop_before_the_text_leaves_nothing_and_the_mail_goes_out_next_time(
    tmp_path: Path, july: Summary, mailbox: Mailbox, server: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(smtp, "_expect", stop)
    with pytest.raises(KeyboardInterrupt):
        send(tmp_path, july, settings(server.port))
    monkeypatch.undo()
    assert ledger(tmp_path) == []
    assert send(tmp_path, july, settings(server.port))[0].state == "sent"


def test_a_refused_recipient_is_told_and_the_others_get_theirs(
    tmp_path: Path, july: Summary, mailbox: Mailbox, server: Controller
) -> None:
    mailbox.no_such.add(KSTT)
    deliveries = send(tmp_path, july, settings(server.port, recipients=[KSTT, SECOND]))
    assert [done.state for done in deliveries] == ["refused", "sent"]
    assert deliveries[0].detail == "550 No such user"
    assert len(list((tmp_path / "sent/2021-07").iterdir())) == 1
    mailbox.no_such.clear()
    assert send(tmp_path, july, settings(server.port))[0] == dataclasses.replace(deliveries[0], earlier=True)
    assert len(mailbox.taken) == 1, "a no for good is for a person to settle"


def test_a_server_that_is_busy_or_away_is_tried_again_next_time(
    tmp_path: Path, july: Summary, mailbox: Mailbox, server: Controller
) -> None:
    assert send(tmp_path, july, settings(free_port()), waits=())[0].state == "failed"
    assert ledger(tmp_path) == [(KSTT, "failed")], "no text was begun"
    mailbox.answer = "451 Try later"
    assert send(tmp_path, july, settings(server.port), waits=())[0].state == "failed"
    assert list((tmp_path / "sent/2021-07").iterdir()) == []
    mailbox.answer = "250 OK"
    assert send(tmp_path, july, settings(server.port))[0].state == "sent"
    assert len(mailbox.taken) == 1


def test_what_fails_is_tried_again_after_each_wait_and_the_others_are_not(tmp_path: Path, july: Summary) -> None:
    with running_mail_server() as server:
        server.faults = [Fault("greeting", "drop"), None, Fault("rcpt", "say", b"450 later\r\n"), None]
        deliveries = send(tmp_path, july, settings(server.port, recipients=[KSTT, SECOND]), waits=(0.01, 0.01))
    assert [delivery.state for delivery in deliveries] == ["sent", "sent"]
    assert [taken.recipient for taken in server.taken] == [SECOND, KSTT]
    assert [state for recipient, state in ledger(tmp_path) if recipient == KSTT] == [
        *("failed", "failed", "sending", "sent")
    ]


def test_a_full_disk_before_the_text_stops_the_mail(
    tmp_path: Path, july: Summary, mailbox: Mailbox, server: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(deliver, "write_durably", full)
    with pytest.raises(OSError, match="No space left"):
        send(tmp_path, july, settings(server.port))
    monkeypatch.undo()
    assert mailbox.taken == []
    assert send(tmp_path, july, settings(server.port))[0].state == "sent"


def test_no_answer_after_the_text_is_unknown_and_is_not_repeated(
    tmp_path: Path, july: Summary, mailbox: Mailbox, server: Controller
) -> None:
    with running_mail_server() as silent:
        silent.faults = [Fault("end", "drop", takes=True)]
        (done,) = send(tmp_path, july, settings(silent.port))
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
    (done,) = send(tmp_path, july, settings(server.port), waits=())
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
    (done,) = send(tmp_path, july, secure(), waits=())
    assert done.state == "failed"
    assert "certificate verify failed" in done.detail.lower()
    assert mailbox.taken == []

    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    assert send(tmp_path, july, secure())[0].state == "sent"
    assert len(mailbox.taken) == 1


def test_a_certificate_file_of_ones_own_is_accepted_and_a_certificate_of_another_host_is_not(
    tmp_path: Path, july: Summary, mailbox: Mailbox, secure: Callable[[], Mail], certificate: tuple[Path, Path]
) -> None:
    trusting = secure().model_copy(update={"ca_file": certificate[0]})
    (done,) = send(tmp_path, july, trusting.model_copy(update={"host": "localhost"}), waits=())
    assert (done.state, "certificate is not valid for 'localhost'" in done.detail) == ("failed", True)
    assert send(tmp_path, july, trusting)[0].state == "sent"
    assert len(mailbox.taken) == 1


def test_a_server_without_tls_gets_no_mail_where_tls_is_asked_for(
    tmp_path: Path, july: Summary, mailbox: Mailbox, server: Controller
) -> None:
    assert send(tmp_path, july, settings(server.port, security="starttls"), waits=())[0].state == "failed"
    assert mailbox.taken == []


NAME, SECRET = "may-chu", "mat-khau-bi-mat"


@pytest.fixture(params=["starttls", "tls"])
def guarded(
    request: pytest.FixtureRequest, mailbox: Mailbox, certificate: tuple[Path, Path]
) -> Iterator[Callable[[], Mail]]:
    """A server that demands TLS and a login, and repeats what it was told of a login that is wrong."""

    def authenticator(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        right = (given.login, given.password) == (NAME.encode(), SECRET.encode())
        repeated = f"535 {given.login.decode()}: {given.password.decode()} is no password"
        return AuthResult(success=right, handled=False, message=None if right else repeated)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    way: dict[str, Any] = {"ssl_context": context, "auth_require_tls": False}
    if request.param == "starttls":
        way = {"tls_context": context, "require_starttls": True}
    controller = Controller(
        *(mailbox, "127.0.0.1"), port=free_port(), authenticator=authenticator, auth_required=True, **way
    )
    controller.start()
    yield lambda: settings(controller.port, security=request.param, ca_file=certificate[0])
    controller.stop()


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_server_that_demands_a_login_gets_it_and_nobody_reads_it(
    tmp_path: Path,
    july: Summary,
    mailbox: Mailbox,
    guarded: Callable[[], Mail],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    (done,) = send(tmp_path, july, guarded())
    assert (done.state, done.detail[:4]) == ("refused", "530 "), "without a login"
    monkeypatch.setenv(smtp.USER, NAME)
    for number, password in enumerate(["sai-hoan-toan", SECRET + "x"]):
        monkeypatch.setenv(smtp.PASSWORD, password)
        (done,) = send(tmp_path, july, guarded().model_copy(update={"recipients": [f"{number}@coquan.example"]}))
        assert (done.state, done.detail) == ("refused", f"535 ${smtp.USER}: ${smtp.PASSWORD} is no password")
    monkeypatch.setenv(smtp.PASSWORD, SECRET)
    (done,) = send(tmp_path, july, guarded().model_copy(update={"recipients": [SECOND]}))
    assert done.state == "sent"
    assert len(mailbox.taken) == 1
    everything = "".join(capfd.readouterr()) + "".join(
        path.read_text(encoding="utf-8", errors="replace") for path in tmp_path.rglob("*") if path.is_file()
    )
    own = "".join(record.getMessage() for record in caplog.records if not record.name.startswith("mail."))
    for secret in (NAME, SECRET, "sai-hoan-toan"):
        for form in (secret, base64.b64encode(secret.encode()).decode()):
            assert form not in everything + own


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_login_that_fails_leaves_no_secret_in_what_is_raised(
    mailbox: Mailbox, guarded: Callable[[], Mail], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(smtp.USER, NAME)
    monkeypatch.setenv(smtp.PASSWORD, "sai-hoan-toan")
    with pytest.raises(smtp.NotTaken) as raised, smtp.text_expected(guarded(), KSTT, 10):
        pass
    assert raised.value.__suppress_context__
    shown = "".join(traceback.format_exception(raised.value))
    assert "535" in shown
    assert "sai-hoan-toan" not in shown
