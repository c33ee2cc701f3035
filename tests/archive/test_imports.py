"""What `diembao import` takes out of archives made elsewhere, and that it takes it once."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fastwarc.warc import WarcRecord, WarcRecordType

from archive.imports import ORIGIN_FILE, ORIGIN_ID, ORIGIN_OFFSET, PROGRESS_URI, Choice, Imported, import_warc
from archive.index import ArchiveIndex
from archive.manifest import archive_files
from archive.read import NotAWarc, Record, read_warc
from archive.verify import verify
from archive.write import payload_digest
from config.outlets import Outlet
from tests.conftest import ROOT, Answer, WriteWarc, diembao, diembao_json, html, outlet_fields

HOST = "https://baothu.vn"
OUTLETS = [Outlet(**outlet_fields("baothu.vn"))]
ANSWERS: list[Answer] = [
    *(html(f"{HOST}/bai-{n}.html", f"<html><p>Bài {n}</p></html>".encode()) for n in range(6)),
    html(f"{HOST}/", b"<html><p>Trang nh\xe1\xba\xa5t</p></html>"),
    html(f"{HOST}/bai-9.html", status=404),
    html("https://elsewhere.example/bai-1.html"),
]


def take(workspace: Path, source: Path, host_only: bool = False) -> Imported:
    ArchiveIndex(workspace).catch_up()
    return import_warc(workspace, source, Choice(OUTLETS, host_only), "test")


def records(workspace: Path) -> list[Record]:
    found = [item for path in archive_files(workspace / "archive") for item in read_warc(path)]
    assert all(isinstance(item, Record) for item in found)
    return [item for item in found if isinstance(item, Record) and item.capture]


def counts(done: Imported) -> tuple[int, ...]:
    c = done.counts
    assert c.read == c.taken + c.duplicate + c.foreign_host + c.not_a_page + c.other
    return c.taken, c.duplicate, c.foreign_host, c.not_a_page, c.damaged


@pytest.mark.parametrize("name", ["x.warc.gz", "x.warc"])
def test_pages_are_copied_byte_for_byte_with_their_origin(name: str, write_warc: WriteWarc, tmp_path: Path) -> None:
    source = write_warc(name, ANSWERS)
    assert counts(take(tmp_path, source)) == (6, 0, 1, 2, 0)
    theirs = {item.offset: item for item in read_warc(source) if isinstance(item, Record)}
    ours = records(tmp_path)
    assert len(ours) == 6
    for record in ours:
        original = theirs[int(record.header(ORIGIN_OFFSET) or "")]
        assert record.block == original.block
        assert (record.url, record.time) == (original.url, original.time)
        assert record.header(ORIGIN_FILE) == name
        assert record.header(ORIGIN_ID) == original.header("WARC-Record-ID")
    assert verify(tmp_path).findings == ()
    assert counts(take(tmp_path, source)) == (0, 6, 1, 2, 0)
    assert len(archive_files(tmp_path / "archive")) == 1


def test_host_only_takes_all_that_a_registered_host_answered(write_warc: WriteWarc, tmp_path: Path) -> None:
    source = write_warc("x.warc.gz", ANSWERS)
    assert counts(take(tmp_path, source, host_only=True)) == (8, 0, 1, 0, 0)


def fast_record(url: str, kind: WarcRecordType, payload: bytes, headers: dict[str, str]) -> WarcRecord:
    record = WarcRecord()
    record.init_headers(record_type=kind)
    record.headers["WARC-Target-URI"] = url
    record.headers["WARC-Date"] = headers.pop("WARC-Date", "2021-08-01T18:30:00.250Z")
    record.headers["Content-Type"] = "application/http; msgtype=response"
    for header, value in headers.items():
        record.headers[header] = value
    record.set_bytes_content(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + payload)
    return record


def test_another_writers_digests_and_revisits_are_understood(tmp_path: Path) -> None:
    page = "<html><p>Cổng Dịch vụ công</p></html>".encode()
    sha256 = "sha256:" + hashlib.sha256(page).hexdigest()
    small = "sha1:" + base64.b32encode(hashlib.sha1(page, usedforsecurity=False).digest()).decode().lower()
    url = f"{HOST}/bai-1.html"
    later = {
        "WARC-Date": "2021-08-03T18:30:00Z",
        "WARC-Profile": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
    }
    source = tmp_path / "fast.warc.gz"
    with source.open("wb") as file:
        for record in (
            fast_record(url, WarcRecordType.response, page, {"WARC-Payload-Digest": sha256}),
            fast_record(f"{HOST}/bai-2.html", WarcRecordType.response, page, {"WARC-Payload-Digest": small}),
            fast_record(f"{HOST}/bai-3.html", WarcRecordType.response, page, {"WARC-Payload-Digest": "blake9:abc"}),
            fast_record(url, WarcRecordType.revisit, b"", {"WARC-Payload-Digest": sha256, **later}),
            fast_record("https://elsewhere.example/", WarcRecordType.response, page, {}),
        ):
            member = io.BytesIO()
            record.write(member)
            file.write(gzip.compress(member.getvalue()))
    assert counts(take(tmp_path, source)) == (4, 0, 1, 0, 0)
    ours = [record.capture for record in records(tmp_path) if record.capture]
    assert {capture.digest for capture in ours} == {payload_digest(page)}
    assert [capture.revisit for capture in ours] == [False, False, False, True]
    assert counts(take(tmp_path, source)) == (0, 4, 1, 0, 0)


def test_damage_is_named_and_the_records_around_it_are_taken(write_warc: WriteWarc, tmp_path: Path) -> None:
    source = write_warc("x.warc.gz", ANSWERS)
    third = [item.offset for item in read_warc(source)][2]
    data = bytearray(source.read_bytes())
    data[third + 40] ^= 0xFF
    source.write_bytes(data[:-5])
    done = take(tmp_path, source)
    assert counts(done) == (5, 0, 0, 2, 2)
    assert done.damages[0].offset == third


def test_what_is_foreign_leaves_nothing_behind(write_warc: WriteWarc, tmp_path: Path) -> None:
    done = take(tmp_path, write_warc("x.warc.gz", ANSWERS[-1:]))
    assert counts(done) == (0, 0, 1, 0, 0)
    assert archive_files(tmp_path / "archive") == []
    with pytest.raises(NotAWarc):
        take(tmp_path, ROOT / "README.md")


KILLED = """
import os, signal, sys
from pathlib import Path
import archive.imports as imports
from tests.archive.test_imports import take
write, left = imports._Part.write, [int(sys.argv[3])]
def dying(self, member):
    left[0] -= 1
    if left[0] < 0:
        self._file.write(member[:len(member) // 2])
        os.kill(os.getpid(), signal.SIGKILL)
    write(self, member)
imports._Part.write = dying
imports._NOTED_BYTES = int(sys.argv[4])
take(Path(sys.argv[1]), Path(sys.argv[2]))
"""


@pytest.mark.parametrize(("written", "noted"), [(0, 1 << 20), (3, 1 << 20), (8, 0)])
def test_killed_import_goes_on_and_doubles_nothing(
    written: int, noted: int, write_warc: WriteWarc, tmp_path: Path
) -> None:
    source = write_warc("x.warc.gz", ANSWERS)
    command = [sys.executable, "-c", KILLED, str(tmp_path), str(source), str(written), str(noted)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL
    done = take(tmp_path, source)
    assert counts(done) == (6, 0, 1, 2, 0)
    assert done.went_on == (noted == 0)
    assert sorted(record.url or "" for record in records(tmp_path)) == [f"{HOST}/bai-{n}.html" for n in range(6)]
    assert verify(tmp_path).errors == ()
    again = take(tmp_path, source)
    assert (counts(again), again.went_on) == ((0, 6, 1, 2, 0), False)


def test_full_disk_keeps_whole_records_and_the_next_import_goes_on(write_warc: WriteWarc, tmp_path: Path) -> None:
    source = write_warc("x.warc.gz", [html(f"{HOST}/bai-{n}.html", os.urandom(40_000)) for n in range(6)])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ArchiveIndex(tmp_path)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, before[1]))
    try:
        done = take(tmp_path, source)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert done.stopped
    assert done.counts.taken == 3
    assert verify(tmp_path).findings == ()
    assert counts(take(tmp_path, source)) == (6, 0, 0, 0, 0)
    assert len(records(tmp_path)) == 6


def test_outlet_that_is_added_later_gets_its_pages_from_the_same_file(write_warc: WriteWarc, tmp_path: Path) -> None:
    source = write_warc("x.warc.gz", ANSWERS)
    take(tmp_path, source)
    more = [*OUTLETS, Outlet(**outlet_fields("elsewhere.example", id="khac"))]
    done = import_warc(tmp_path, source, Choice(more, False), "test")
    assert counts(done) == (1, 6, 0, 2, 0)


def test_progress_lies_in_the_archive(write_warc: WriteWarc, tmp_path: Path) -> None:
    take(tmp_path, write_warc("x.warc.gz", ANSWERS))
    (file,) = archive_files(tmp_path / "archive")
    assert [item.url for item in read_warc(file) if isinstance(item, Record)][-1] == PROGRESS_URI


def test_command_counts_and_tells_what_is_wrong(write_warc: WriteWarc, tmp_path: Path) -> None:
    foreign = write_warc("foreign.warc.gz", ANSWERS)
    data = str(tmp_path / "data")
    done = diembao("import", str(foreign), "--data", data, code=1)
    assert "nothing in it is from a host of the registry" in done.stderr
    done = diembao("import", str(ROOT / "README.md"), "--data", data, code=2)
    assert "is not a WARC file" in done.stderr


@pytest.mark.press
def test_every_gold_page_becomes_an_article_once(press: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    files = [str(press / f"{name}.warc.gz") for name in ("genuine-articles", "fragments-2019-2020")]
    told = diembao_json("import", *files, "--data", str(data))
    assert [one["taken"] for one in told["imported"]] == [15, 43]
    held = "SELECT collection, count(*) AS n FROM articles GROUP BY collection"
    assert diembao_json("sql", held, "--data", str(data)) == [{"collection": "import", "n": 58}]


@pytest.mark.drill
def test_killed_anywhere_an_import_of_thousands_is_whole(write_warc: WriteWarc, tmp_path: Path) -> None:
    source = write_warc("x.warc.gz", [html(f"{HOST}/bai-{n}.html", os.urandom(9000)) for n in range(3000)])
    code = (
        "import sys; from pathlib import Path; import archive.imports as i; i._NOTED_BYTES = i._PART_BYTES = 1 << 20\n"
    )
    code += "from tests.archive.test_imports import take; take(Path(sys.argv[1]), Path(sys.argv[2]))"
    command = [sys.executable, "-c", code, str(tmp_path), str(source)]
    for wait in range(10, 40):
        process = subprocess.Popen(command, cwd=ROOT)
        time.sleep(wait / 10)
        process.kill()
        process.wait()
    assert counts(take(tmp_path, source))[0] + counts(take(tmp_path, source))[1] >= 3000
    assert len({record.url for record in records(tmp_path)}) == len(records(tmp_path)) == 3000
