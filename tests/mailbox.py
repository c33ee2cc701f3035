"""A mail server on loopback that takes mail, for the fixtures of tests/conftest.py."""

from __future__ import annotations

import socket

from aiosmtpd.smtp import SMTP, Envelope, Session


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
