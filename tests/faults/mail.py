"""A mail server that misbehaves as it is told, and remembers every mail that it took, whether it said so or not."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import message_from_bytes
from typing import BinaryIO, Literal

Step = Literal["greeting", "ehlo", "mail", "rcpt", "data", "text", "end"]
Act = Literal["say", "drop", "reset", "stall"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one connection. At `step` the server `say`s something else, hangs up (`drop`), breaks off
    (`reset`), or is late by `seconds` (`stall`). `drop` and `reset` say `words` before. In the `text` it happens after
    `read` bytes of it; who said something there says nothing at the end. Of both, `takes` says whether the mail is
    taken all the same."""

    step: Step
    act: Act
    words: bytes = b""
    seconds: float = 0.0
    read: int = 0
    takes: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that the server has. `told`: it said so before it hung up."""

    recipient: str
    content: bytes
    told: bool

    @property
    def message_id(self) -> str:
        return str(message_from_bytes(self.content)["Message-ID"])


class MailServer:
    """`faults` are those of the next connections, in order; `chosen` is asked where none is left."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self.port: int = listener.getsockname()[1]
        self.faults: list[Fault | None] = []
        self.chosen: Callable[[], Fault | None] = lambda: None
        self.taken: list[Taken] = []
        #: To whom a text was let begin, and what went wrong with that connection.
        self.began: list[tuple[str, Fault | None]] = []
        #: What each connection said, without the texts of mails.
        self.heard: list[list[bytes]] = []
        self._talking: list[threading.Thread] = []

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            fault = self.faults.pop(0) if self.faults else self.chosen()
            thread = threading.Thread(target=self._talk, args=[connection, fault], daemon=True)
            self._talking.append(thread)
            thread.start()

    def wait(self) -> None:
        """Until every connection that was begun has ended."""
        for thread in self._talking:
            thread.join(30)
        self._talking.clear()

    def _talk(self, connection: socket.socket, fault: Fault | None) -> None:
        with connection, suppress(OSError), connection.makefile("rb") as lines:
            _Dialogue(self, connection, lines, fault).run()


class _HungUp(Exception):
    pass


class _Dialogue:
    def __init__(self, server: MailServer, connection: socket.socket, lines: BinaryIO, fault: Fault | None) -> None:
        self._server, self._connection, self._lines, self._fault = server, connection, lines, fault
        self._heard: list[bytes] = []
        server.heard.append(self._heard)

    def run(self) -> None:
        with suppress(_HungUp):
            self._say("greeting", b"220 here\r\n")
            recipient = ""
            for line in self._lines:
                self._heard.append(line)
                match line[:4].upper():
                    case b"EHLO" | b"HELO":
                        self._say("ehlo", b"250-here\r\n250 SIZE 10000000\r\n")
                    case b"MAIL":
                        self._say("mail", b"250 OK\r\n")
                    case b"RCPT":
                        recipient = line.partition(b"<")[2].partition(b">")[0].decode()
                        self._say("rcpt", b"250 OK\r\n")
                    case b"DATA":
                        self._server.began.append((recipient, self._fault))
                        if self._say("data", b"354 go on\r\n").startswith(b"354"):
                            self._text(recipient)
                    case b"QUIT":
                        self._connection.sendall(b"221 bye\r\n")
                        return
                    case _:
                        self._connection.sendall(b"500 what?\r\n")

    def _text(self, recipient: str) -> None:
        lines: list[bytes] = []
        fault = self._fault
        if fault and fault.step == "text":
            read = 0
            while read < fault.read:
                lines.append(self._line())
                read += len(lines[-1])
            self._say("text", b"")
            self._fault = None
        while (line := self._line()) != b".\r\n":
            lines.append(line)
        content = b"".join(line.removeprefix(b".") for line in lines)
        late = fault is not None and fault.act == "stall"
        takes = fault is None or fault.step not in ("text", "end") or fault.takes or late
        told = False
        try:
            if not (fault and fault.step == "text" and fault.act == "say"):
                self._say("end", b"250 taken\r\n")
            told = True
        finally:
            if takes:
                self._server.taken.append(Taken(recipient, content, told))

    def _line(self) -> bytes:
        line = self._lines.readline()
        if not line.endswith(b"\n"):
            raise _HungUp
        return line

    def _say(self, step: Step, words: bytes) -> bytes:
        fault = self._fault
        if fault and fault.step == step:
            time.sleep(fault.seconds)
            words = words if fault.act == "stall" else fault.words
        with suppress(BrokenPipeError):
            self._connection.sendall(words)
        if fault and fault.step == step and fault.act in ("drop", "reset"):
            if fault.act == "reset":
                self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            # makefile holds the socket open too.
            self._lines.close()
            self._connection.close()
            raise _HungUp
        return words


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:
        server = MailServer(listener)
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            # close() alone leaves accept() waiting.
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            server.wait()
