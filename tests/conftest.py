"""What many tests need: the shared press data, archives of our own, a configuration of few outlets."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.lock import locked
from tests.mailbox import Mailbox, free_port
from tests.program import Program

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples"
PRESS = ROOT.parent / "shared" / "press"

#: (address, status, headers, payload) of one response.
Answer = tuple[str, int, dict[str, str], bytes]
WriteWarc = Callable[..., Path]


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are named by their length: gzip keeps the second it ran in, and two workers must collect the same names."""
    return f"{argname}-{len(val)}-bytes" if isinstance(val, bytes) else None


@pytest.fixture
def press() -> Path:
    """The shared press data; the test is skipped where it is absent."""
    if not PRESS.is_dir():
        pytest.skip("../shared/press is not here")
    return PRESS


@pytest.fixture
def write_warc(tmp_path: Path) -> WriteWarc:
    """Writes a WARC as another program would: `write_warc(name, answers, time)`."""

    def write(
        name: str, answers: Sequence[Answer], time: str = "2021-08-01T18:30:00Z", kind: str | None = None
    ) -> Path:
        path = tmp_path / name
        with path.open("wb") as file:
            writer = WARCWriter(file, gzip=name.endswith(".gz"), warc_version="WARC/1.1")
            for url, status, headers, payload in answers:
                http = StatusAndHeaders(f"{status} Status", list(headers.items()), protocol="HTTP/1.1")
                record = writer.create_warc_record(
                    url,
                    "response",
                    payload=io.BytesIO(payload),
                    http_headers=http,
                    warc_headers_dict={"WARC-Date": time} | ({"Diembao-Kind": kind} if kind else {}),
                )
                writer.write_record(record)
        return path

    return write


def outlet_fields(host: str, **changes: Any) -> dict[str, Any]:
    """What an outlet's file must have, and what a test changes of it."""
    return {
        "id": "baothu",
        "name": "Báo Thử",
        "governing_body": "Không",
        "kind": "press",
        "tier": "central",
        "domains": [{"host": host}],
        "article_urls": [r"/bai-\d+\.html$"],
    } | changes


def html(url: str, body: bytes = b"<html><body><p>Xin ch\xc3\xa0o</p></body></html>", status: int = 200) -> Answer:
    """A page."""
    return url, status, {"Content-Type": "text/html; charset=utf-8"}, body


def at(text: str) -> dt.datetime:
    """A time from ISO text."""
    return dt.datetime.fromisoformat(text)


#: The sample's nights, in order.
NIGHTS = ("night-1", "night-2", "night-3")


def first_of(count: int, cases: Iterable[Any]) -> list[Any]:
    """Cases for parametrize: `make test` runs the first so many, and the others are drills."""
    return [
        pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=[] if n < count else pytest.mark.drill)
        for n, case in enumerate(cases)
    ]


def diembao(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Runs the program as an operator would and checks its exit code."""
    done = _program().run(arguments)
    assert done.returncode == code, f"exit code {done.returncode}: {done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done


@cache
def _program() -> Program:
    return Program()


def diembao_json(*arguments: str) -> Any:
    """What the program says with --json."""
    return json.loads(diembao(*arguments, "--json").stdout)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that has run the sample's nights, made by the first worker that asks. Tests read it; those that write
    take `sample_copy`."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    made, aside = shared / "sample", shared / "sample.made"
    with locked(shared / "sample.lock"):
        if not made.exists():
            archives = [str(SAMPLES / f"{night}.warc.gz") for night in NIGHTS]
            diembao("nightly", "--data", str(aside), "--replay", *archives)
            aside.rename(made)
    return Path(shutil.copytree(made, tmp_path_factory.mktemp("sample") / "workspace"))


@pytest.fixture
def sample_copy(sample: Path, tmp_path: Path) -> Path:
    """A copy of the sample workspace to write in."""
    return Path(shutil.copytree(sample, tmp_path / "workspace"))


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def server(mailbox: Mailbox) -> Iterator[Controller]:
    """A mail server on loopback that puts what it takes into `mailbox`."""
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller
    controller.stop()
