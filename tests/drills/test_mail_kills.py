"""kill -9 at random moments while mails are sent to a server that misbehaves at random: nobody gets a mail twice, and
nobody is left out without a question that says so."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from reports import ledger
from reports.deliver import resolve
from tests.conftest import ROOT
from tests.faults.mail import Act, Fault, MailServer, Step, running_mail_server

pytestmark = pytest.mark.slow

#: `make drills` asks for two hundred.
RUNS = int(os.environ.get("DIEMBAO_MAIL_KILLS", "6"))
RECIPIENTS = ["kstt@coquan.example", "phong.hai@coquan.example", "van.thu@coquan.example"]
STEPS: list[Step] = ["greeting", "ehlo", "mail", "rcpt", "data", "text", "end"]
ACTS: list[Act] = ["drop", "reset"]
#: Longer than the mailer waits.
LATE = 0.3
#: After so many connections the server behaves: a run has to end.
PATIENT = 10


class Mailer:
    """The process that forks the senders (tests/drills/mailer.py)."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        #: Of a run that is not killed and whose server behaves.
        self.seconds = 0.0

    def run(self, workspace: Path, port: int, correction: bool = False, until: Callable[[], None] | None = None) -> int:
        """Exit code of one run. It is killed when `until` returns; -9 where that was in time."""
        assert self._process.stdin
        assert self._process.stdout
        command = {"workspace": str(workspace), "port": port, "recipients": RECIPIENTS, "correction": correction}
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        child = int(self._process.stdout.readline())
        if until:
            until()
            # It may have ended meanwhile, and be a zombie no longer.
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        return int(self._process.stdout.readline())


@pytest.fixture(scope="module")
def mailer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailer]:
    command = [sys.executable, "-m", "tests.drills.mailer"]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        mailer = Mailer(process)
        with running_mail_server() as server:
            assert mailer.run(tmp_path_factory.mktemp("warm"), server.port) == 0
            begin = time.monotonic()
            assert mailer.run(tmp_path_factory.mktemp("undisturbed"), server.port) == 0
            mailer.seconds = time.monotonic() - begin
        yield mailer
        assert process.stdin
        process.stdin.close()


@pytest.fixture(scope="module")
def tally() -> Iterator[Counter[str]]:
    counted: Counter[str] = Counter()
    yield counted
    print("\n" + ", ".join(f"{name}: {number}" for name, number in sorted(counted.items())))


@pytest.mark.parametrize("number", range(RUNS))
def test_killed_sender_mails_nobody_twice_and_forgets_nobody(
    number: int, mailer: Mailer, tally: Counter[str], tmp_path: Path
) -> None:
    chance = random.Random(f"{os.environ.get('DIEMBAO_DRILL_SEED', 'mail')} {number}")
    tally["runs"] += 1
    with running_mail_server() as server:
        server.chosen = _misbehaviour(chance, server)
        _send_until_settled(chance, mailer, tally, server, tmp_path, correction=False)
        _settle_questions(chance, mailer, tally, server, tmp_path)
        # A correction, under the same blows, where everybody had the first one.
        if number % 2 and not ledger.open_questions(tmp_path):
            tally["corrections"] += 1
            server.heard.clear()
            _send_until_settled(chance, mailer, tally, server, tmp_path, correction=True)
    copies = Counter(taken.message_id for taken in server.taken)
    assert not [identity for identity, times in copies.items() if times > 1]


def _misbehaviour(chance: random.Random, server: MailServer) -> Callable[[], Fault | None]:
    def chosen() -> Fault | None:
        if len(server.heard) > PATIENT or chance.random() < 0.4:
            return None
        step = chance.choice([*STEPS, "text", "end", "end"])
        takes = chance.random() < 0.5
        read = chance.randrange(100_000)
        match chance.randrange(4):
            case 0:
                return Fault(step, "say", chance.choice([b"421 bye\r\n", b"452 later\r\n", b"550 no\r\n"]), read=read)
            case 1:
                return Fault(step, "say", b"???\r\n", read=read, takes=takes)
            case 2:
                # Late, but in time or not.
                return Fault(step, "stall", seconds=chance.choice([0.02, 0.1, LATE]), read=read)
            case _:
                words = chance.choice([b"", b"25", b"250-half\r\n"]) if step == "end" else b""
                return Fault(step, chance.choice(ACTS), words, read=read, takes=takes)

    return chosen


def _send_until_settled(
    chance: random.Random, mailer: Mailer, tally: Counter[str], server: MailServer, workspace: Path, correction: bool
) -> None:
    """Kills some runs, then lets them be, until nothing is left to send; and looks at what everybody has then."""
    number = 1 if correction else 0
    server.taken.clear()
    disturbed: set[str] = set()
    kills = chance.randrange(1, 4)
    for attempt in range(30):
        begun = ledger.revision(workspace, "monthly", "2021-07")
        server.began.clear()
        until = _moment(chance, mailer, server) if attempt < kills else None
        code = mailer.run(workspace, server.port, correction and begun != 1, until)
        server.wait()
        assert code in (0, -signal.SIGKILL)
        tally["sendings"] += 1
        tally["kills"] += code != 0
        for recipient, fault in server.began:
            if code or (fault and fault.step in ("text", "end")):
                disturbed.add(recipient)
        states: dict[str, str] = {
            to: entry.state for to, entry in ledger.standing(workspace, "monthly", "2021-07", number).items()
        }
        tally["kills between text and ledger"] += code != 0 and "sending" in states.values()
        if code == 0 and set(states) == set(RECIPIENTS) and not {"failed", "sending"} & set(states.values()):
            break
    else:
        pytest.fail(f"it is not settled: {states}")
    has = Counter(taken.recipient for taken in server.taken)
    for recipient in RECIPIENTS:
        tally[f"{states[recipient]}, mails at the server: {has[recipient]}"] += 1
        match states[recipient]:
            case "sent":
                assert has[recipient] == 1
            case "refused":
                assert has[recipient] == 0
            case "unknown":
                assert has[recipient] <= 1
                assert recipient in disturbed, "nothing was in doubt"
            case other:
                pytest.fail(other)


def _moment(chance: random.Random, mailer: Mailer, server: MailServer) -> Callable[[], None]:
    """Any moment of a run, or, as that is where it matters, one soon after a text was let begin, or was taken."""
    after = chance.uniform(0, 1.5 * mailer.seconds)
    texts, has = chance.randrange(1, 4), len(server.taken)

    def any_moment() -> None:
        time.sleep(after)

    def in_a_text() -> None:
        _wait(lambda: len(server.began) >= texts)
        time.sleep(chance.uniform(0, 0.03))

    def after_a_text() -> None:
        _wait(lambda: len(server.taken) > has)
        time.sleep(chance.uniform(0, 0.003))

    return chance.choice([any_moment, in_a_text, after_a_text])


def _wait(is_so: Callable[[], bool]) -> None:
    """Until it is so, or for a second."""
    patience = time.monotonic() + 1
    while not is_so() and time.monotonic() < patience:
        time.sleep(0.0002)


def _settle_questions(
    chance: random.Random, mailer: Mailer, tally: Counter[str], server: MailServer, workspace: Path
) -> None:
    """A person asks the recipients, and what did not arrive is sent again: then everybody has exactly one mail."""
    has = Counter(taken.recipient for taken in server.taken)
    for question in ledger.open_questions(workspace):
        resolve(workspace, "monthly", "2021-07", "sent" if has[question.recipient] else "resend", question.recipient)
        tally["questions settled"] += 1
    server.chosen = lambda: None
    assert mailer.run(workspace, server.port) == 0
    server.wait()
    assert Counter(taken.recipient for taken in server.taken) == Counter(RECIPIENTS)
    server.chosen = _misbehaviour(chance, server)
