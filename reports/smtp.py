"""Hands one mail to the server, and says what became of it.

The border is the dot that ends the text. Before it leaves this machine the server has no mail, whatever breaks: the
attempt `failed` and can be repeated. Once it has left, only a whole reply says what became of the mail; without one it
is `unknown`. Nothing that happens after the reply changes it.
"""

from __future__ import annotations

import base64
import os
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Literal

from config.schedule import Mail
from reports.vietnamese import one_line

USER = "DIEMBAO_SMTP_USER"
PASSWORD = "DIEMBAO_SMTP_PASSWORD"  # noqa: S105 - the name of a variable

State = Literal["sent", "refused", "failed", "unknown"]
HandOver = Callable[[bytes], tuple[State, str]]

#: How many times longer than for all else we wait for the reply to the dot: minutes against ten of them (RFC 5321,
#: 4.5.3.2). To give up early costs a person's time, for then nobody knows.
_PATIENCE = 10
#: A piece of the text, each of which has to leave within the time-out: a slow line is no fault.
_PIECE = 1 << 16
#: Of the server's words, which are the server's to choose.
_MOST_WORDS = 500
#: Errors of the network, of the dialogue, and of names that can't be a host's.
_ERRORS = (smtplib.SMTPException, OSError, ValueError)


class NotTaken(Exception):
    """The server did not come to take the text: the mail certainly did not go out."""

    def __init__(self, state: State, detail: str) -> None:
        self.state, self.detail = state, detail
        super().__init__(detail)


@contextmanager
def text_expected(mail: Mail, recipient: str, size: int) -> Iterator[HandOver]:
    """Leads the dialogue to where the server expects the text; what is yielded hands it over and never raises for the
    network's sake. Raises NotTaken."""
    server = _server_that_expects(mail, recipient, size)
    ended = False

    def hand_over(message: bytes) -> tuple[State, str]:
        nonlocal ended
        state, detail, ended = _hand_over(server, message, mail.timeout_seconds)
        return state, _told(detail)

    try:
        yield hand_over
    finally:
        if ended:
            # Its reply is not waited for: it says nothing about the mail.
            with suppress(*_ERRORS):
                server.putcmd("quit")
        server.close()


def submit(mail: Mail, recipient: str, message: bytes) -> tuple[State, str]:
    """The whole dialogue, for mail of which no ledger has to know when the text began to leave."""
    try:
        with text_expected(mail, recipient, len(message)) as hand_over:
            return hand_over(message)
    except NotTaken as no:
        return no.state, no.detail


def _server_that_expects(mail: Mail, recipient: str, size: int) -> smtplib.SMTP:
    server = None
    try:
        if not (recipient.isascii() and mail.sender.isascii()):
            raise NotTaken("failed", "the address holds letters outside ASCII; write its ASCII form")
        user, password = _credentials(mail)
        server = _connected(mail)
        if user:
            server.login(user, password)
        server.ehlo_or_helo_if_needed()
        announced = [f"size={size}"] if server.has_extn("size") else []
        _expect(server.mail(mail.sender, announced), 200)
        _expect(server.rcpt(recipient), 200)
        _expect(server.docmd("DATA"), 354)
    except _ERRORS as error:
        if server:
            server.close()
        if isinstance(error, smtplib.SMTPResponseException):
            raise _not_taken(error.smtp_code, error.smtp_error) from None
        # Not from it: what it carries may be what was said at the login.
        raise NotTaken("failed", _told(_words(error))) from None
    except NotTaken:
        if server:
            with suppress(*_ERRORS):
                server.putcmd("quit")
            server.close()
        raise
    return server


def _credentials(mail: Mail) -> tuple[str, str]:
    user, password = os.environ.get(USER, ""), os.environ.get(PASSWORD, "")
    if user and mail.security == "none":
        raise NotTaken("failed", f"{USER} is set but security is 'none': no password is sent in clear")
    if bool(user) != bool(password):
        raise NotTaken("failed", f"{USER} and {PASSWORD}: only one of them is set")
    if not (user.isascii() and password.isascii()):
        raise NotTaken("failed", f"{USER} or {PASSWORD} holds letters outside ASCII, which SMTP logins don't take")
    return user, password


def _connected(mail: Mail) -> smtplib.SMTP:
    try:
        context = ssl.create_default_context(cafile=mail.ca_file)
    except OSError as error:
        raise NotTaken("failed", f"{mail.ca_file}: no certificates can be read from it: {_words(error)}") from None
    if mail.security == "tls":
        return smtplib.SMTP_SSL(str(mail.host), mail.port, timeout=mail.timeout_seconds, context=context)
    server = smtplib.SMTP(str(mail.host), mail.port, timeout=mail.timeout_seconds)
    if mail.security == "starttls":
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server


def _hand_over(server: smtplib.SMTP, message: bytes, timeout: float) -> tuple[State, str, bool]:
    """State, the server's words or ours, and whether the server has ended the text's part of the dialogue."""
    connection = server.sock
    assert connection is not None, "it has just said 354"  # noqa: S101
    text = re.sub(rb"^\.", b"..", message, flags=re.MULTILINE)
    text += b"" if text.endswith(b"\r\n") else b"\r\n"
    try:
        for start in range(0, len(text), _PIECE):
            connection.sendall(text[start : start + _PIECE])
        early = _said_early(connection)
    except OSError as error:
        return "failed", f"the connection broke before the end of the text: {_words(error)}", False
    if early == b"":
        return "failed", "the server hung up before the end of the text", False
    if early:
        code = int(early[:3]) if early[:3].isdigit() else -1
        # A yes to half a text is none.
        state = _state(code) if code >= 400 else "unknown"
        return state, f"{one_line(early.decode(errors='replace'))} (before the end of the text)", False
    try:
        connection.settimeout(timeout * _PATIENCE)
        connection.sendall(b".\r\n")
        code, words = server.getreply()
    except _ERRORS as error:
        return "unknown", f"no answer after the text was handed over: {_words(error)}", False
    return _state(code), f"{code} {words.decode(errors='replace')}", True


def _said_early(connection: socket.socket) -> bytes | None:
    """What the server says though the text has not ended: a refusal, or b"" where it has hung up."""
    waits = connection.gettimeout()
    connection.settimeout(0)
    try:
        return connection.recv(_MOST_WORDS)
    except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
        return None
    finally:
        connection.settimeout(waits)


def _state(code: int) -> State:
    """Of a reply to the text. What is no reply of SMTP says nothing."""
    match code // 100:
        case 2:
            return "sent"
        case 4:
            return "failed"
        case 5:
            return "refused"
        case _:
            return "unknown"


def _expect(reply: tuple[int, bytes], wanted: int) -> None:
    code, words = reply
    if code != wanted and not (wanted == 200 and 200 <= code < 300):
        raise _not_taken(code, words)


def _not_taken(code: int, words: bytes | str) -> NotTaken:
    """Before the text: all that is no refusal for good can be tried again."""
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return NotTaken("refused" if 500 <= code < 600 else "failed", _told(f"{code} {text}"))


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _told(words: str) -> str:
    """One line for the ledger, without what a server may have repeated of the login."""
    user, password = os.environ.get(USER, ""), os.environ.get(PASSWORD, "")
    for secret, name in ((f"\0{user}\0{password}", PASSWORD), (password, PASSWORD), (user, USER)):
        for form in (secret, base64.b64encode(secret.encode()).decode()):
            if secret.strip("\0"):
                words = words.replace(form, f"${name}")
    return one_line(words)[:_MOST_WORDS]
