"""Hands one mail to the server, and says what became of it."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from config.schedule import Mail
from reports.vietnamese import one_line

USER = "DIEMBAO_SMTP_USER"
PASSWORD = "DIEMBAO_SMTP_PASSWORD"  # noqa: S105 - the name of a variable

State = Literal["sent", "refused", "failed", "unknown"]


def submit(mail: Mail, recipient: str, message: bytes) -> tuple[State, str]:
    """Hands the mail to the server. Until the server has taken the text nothing is lost by trying again; an answer
    that is missing after that leaves it unknown."""
    if not (recipient.isascii() and mail.sender.isascii()):
        return "failed", "the address holds letters outside ASCII; write its ASCII form"
    try:
        with _connection(mail) as server:
            _expect(server.mail(mail.sender))
            _expect(server.rcpt(recipient))
            try:
                return _answer(server.data(message))
            except (smtplib.SMTPServerDisconnected, OSError) as error:
                return "unknown", f"no answer after the text was handed over: {_words(error)}"
    except _NotTaken as refusal:
        return refusal.outcome
    except smtplib.SMTPResponseException as error:
        return _answer((error.smtp_code, error.smtp_error))
    except (smtplib.SMTPException, OSError) as error:
        return "failed", _words(error)


@contextmanager
def _connection(mail: Mail) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context(cafile=mail.ca_file)
    user, password = os.environ.get(USER), os.environ.get(PASSWORD)
    if user and mail.security == "none":
        raise smtplib.SMTPNotSupportedError(f"{USER} is set but security is 'none': no password is sent in clear")
    host = str(mail.host)
    server: smtplib.SMTP
    if mail.security == "tls":
        server = smtplib.SMTP_SSL(host, mail.port, timeout=mail.timeout_seconds, context=context)
    else:
        server = smtplib.SMTP(host, mail.port, timeout=mail.timeout_seconds)
    try:
        if mail.security == "starttls":
            server.starttls(context=context)
        if user:
            server.login(user, password or "")
        server.ehlo_or_helo_if_needed()
        yield server
    finally:
        # Not QUIT: its answer says nothing about the mail, and its loss must not change what became of it.
        server.close()


class _NotTaken(Exception):
    """The server said no before the text was handed over."""

    def __init__(self, outcome: tuple[State, str]) -> None:
        self.outcome = outcome
        super().__init__(outcome[1])


def _expect(reply: tuple[int, bytes]) -> None:
    if not 200 <= reply[0] < 300:
        raise _NotTaken(_answer(reply))


def _answer(reply: tuple[int, bytes | str]) -> tuple[State, str]:
    code, words = reply
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    state: State = "sent" if 200 <= code < 300 else "refused" if 500 <= code < 600 else "failed"
    return state, one_line(f"{code} {text}")


def _words(error: Exception) -> str:
    return one_line(f"{type(error).__name__}: {error}")
