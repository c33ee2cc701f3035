"""The doctor names what is wrong with real files, survives them, and rebuilds the warehouse without losing anything."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast

import duckdb
import pytest

from archive.checkup import Finding, is_workspace
from archive.index import ArchiveIndex
from archive.manifest import archive_files
from schedules.doctor import NoWorkspace, examine
from tests.conftest import ROOT, diembao, diembao_json, first_of
from warehouse import checkup, journal
from warehouse.blocks import UnknownLayout, check_blocks
from warehouse.checkup import _ask_child, _Request, check_warehouse
from warehouse.database import migrations, open_warehouse, warehouse_path
from warehouse.publish import PUBLISHED
from warehouse.published import open_published, published_path

Tell = Callable[[Path], None]


def _silent(_name: str, _total: int) -> None:
    pass


def _found(workspace: Path) -> list[Finding]:
    return [finding for finding in examine(workspace, _silent) if "are free, and" not in finding.what]


def _errors(workspace: Path) -> list[tuple[str, str]]:
    return [(finding.path, finding.what) for finding in _found(workspace) if finding.level == "error"]


def _files(workspace: Path, *folders: str) -> dict[str, bytes]:
    """What the folders hold, file by file; the folder itself where none is named."""
    tops = [workspace / folder for folder in folders] or [workspace]
    return {str(path): path.read_bytes() for top in tops for path in sorted(top.rglob("*")) if path.is_file()}


def test_healthy_workspace_has_no_findings_and_is_left_as_it_is(sample_copy: Path) -> None:
    before = _files(sample_copy)
    assert _found(sample_copy) == []
    assert _files(sample_copy) == before


def test_healthy_workspace_is_exit_code_0_and_the_archive_verification_is_named(sample: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "diembao", "doctor", "--data", str(sample)],
        cwd=ROOT,
        text=True,
        capture_output=True,
        check=False,
    )
    if "are free, and" in done.stdout:
        pytest.skip("this disk is almost full, and the doctor says so")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 errors" in done.stdout
    assert "`diembao archive verify`" in done.stdout


def test_folder_that_is_no_workspace_is_exit_code_2_and_stays_empty(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        done = diembao("doctor", "--data", str(folder), code=2)
        assert "there is no workspace" in done.stderr
        with pytest.raises(NoWorkspace):
            examine(folder, _silent)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.drill
def test_fresh_workspace_is_well(tmp_path: Path) -> None:
    diembao("init", str(tmp_path / "d"))
    assert is_workspace(tmp_path / "d")
    assert _found(tmp_path / "d") == []


def _zeros(path: Path) -> None:
    data = bytearray(path.read_bytes())
    middle = len(data) // 4
    data[middle : middle + 1_000_000] = bytes(1_000_000)
    path.write_bytes(data)


def _cut(path: Path) -> None:
    os.truncate(path, 3_000_000)


def _cut_in_the_header(path: Path) -> None:
    os.truncate(path, 5000)


def _text(path: Path) -> None:
    path.write_text("Xin chào\n" * 5000, encoding="utf-8")


def _nothing(path: Path) -> None:
    path.write_bytes(b"")


def _sqlite(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE t (x)")


@pytest.mark.parametrize(
    "spoil",
    first_of(2, [_zeros, _cut, _cut_in_the_header, _text, _nothing, _sqlite]),
)
def test_spoilt_warehouse_is_an_error_and_rebuilding_its_remedy(sample_copy: Path, spoil: Tell) -> None:
    spoil(warehouse_path(sample_copy))
    spoilt = warehouse_path(sample_copy).read_bytes()
    errors = [finding for finding in _found(sample_copy) if finding.level == "error"]
    assert errors
    assert {finding.path for finding in errors} == {"warehouse.duckdb"}
    assert {finding.remedy for finding in errors} == {checkup.REBUILD}
    assert warehouse_path(sample_copy).read_bytes() == spoilt


#: Deletes and writes all rows again: reads each block that a run could need.
_REWRITE = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
for (table,) in connection.execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary").fetchall():
    connection.execute(f'CREATE OR REPLACE TEMP TABLE kept AS FROM "{table}"')
    connection.execute(f'DELETE FROM "{table}"')
    connection.execute(f'INSERT INTO "{table}" FROM kept')
connection.execute("CHECKPOINT")
"""


@pytest.mark.drill
@pytest.mark.drill
def test_byte_flipped_anywhere_is_found_or_does_no_harm(sample: Path, tmp_path: Path) -> None:
    whole = warehouse_path(sample).read_bytes()
    chance = random.Random("doctor")
    offsets = [100, 4100, 8300, *(chance.randrange(12288, len(whole)) for _ in range(15))]
    harmless = 0
    for offset in offsets:
        data = bytearray(whole)
        data[offset] ^= 0xFF
        path = warehouse_path(tmp_path)
        path.write_bytes(data)
        found, held = check_warehouse(tmp_path, _silent)
        errors = [finding for finding in found if finding.remedy == checkup.REBUILD]
        assert held or errors, offset
        if not errors:
            harmless += 1
            done = subprocess.run([sys.executable, "-c", _REWRITE, str(path)], capture_output=True, check=False)
            assert done.returncode == 0, (offset, done.stderr)
        path.with_name(path.name + ".wal").unlink(missing_ok=True)
    assert 0 < harmless < len(offsets)


@pytest.mark.drill
def test_damaged_index_block_is_found_though_every_table_can_be_read(sample: Path, tmp_path: Path) -> None:
    path = warehouse_path(tmp_path)
    whole = warehouse_path(sample).read_bytes()
    said = []
    for block in range(30):
        data = bytearray(whole)
        data[12288 + block * 262144 + 1000] ^= 1
        path.write_bytes(data)
        if check_blocks(path).damaged:
            try:
                with closing(duckdb.connect(str(path), read_only=True)) as connection:
                    tables = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
                    for (table,) in tables:
                        connection.execute(f"SELECT bit_xor(hash(t)) FROM {table} AS t").fetchall()
            except duckdb.Error:
                continue
            said = [finding.what for finding in check_warehouse(tmp_path, _silent)[0]]
            break
    assert any("blocks in use are damaged, the first at byte" in what for what in said)


@pytest.mark.drill
def test_blocks_of_what_is_no_database_are_unknown(tmp_path: Path) -> None:
    for name, content in (("empty", b""), ("text", b"x" * 20000), ("magic", b"12345678DUCK" + bytes(20000))):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UnknownLayout):
            check_blocks(tmp_path / name)


class _Deadly:
    """A path that ends, or keeps, the process that opens it, as a damaged file can."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        if self.name == "abort":
            os.abort()
        time.sleep(600)
        return self.name


@pytest.mark.drill
@pytest.mark.parametrize(
    ("name", "said"), [("abort", "reading the file ended the reader (signal 6)"), ("hang", "came to no end")]
)
def test_reader_that_is_ended_or_kept_by_a_file_is_a_finding(
    name: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "hang":
        monkeypatch.setattr(checkup, "_PATIENCE_SECONDS", 3)
    request = _Request(cast(Path, _Deadly(name)), "warehouse.duckdb", checkup.REBUILD, checks=True)
    (finding,), held = _ask_child(request, _silent)
    assert (held, finding.level) == (None, "error")
    assert said in finding.what


@pytest.mark.drill
def test_log_of_a_killed_run_is_no_finding_unless_it_cannot_be_replayed(sample_copy: Path) -> None:
    path = warehouse_path(sample_copy)
    kill = "import os, sys, duckdb; c = duckdb.connect(sys.argv[1]); c.execute(sys.argv[2]); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", kill, str(path), "UPDATE outlets SET name = name || ' '"], check=False)
    log = path.with_name(path.name + ".wal")
    assert log.stat().st_size > 100
    before = _files(sample_copy)
    assert _found(sample_copy) == []
    assert _files(sample_copy) == before
    data = bytearray(log.read_bytes())
    data[len(data) // 2] ^= 0xFF
    log.write_bytes(data)
    ((path_of_finding, what),) = _errors(sample_copy)
    assert path_of_finding == "warehouse.duckdb"
    assert "Failure while replaying WAL file" in what


def _torn(path: Path) -> None:
    entry = json.dumps({"subject": "mention", "decision": "Cổng"}, ensure_ascii=False).encode()
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b'{"a": 1}\n' + entry[: entry.index("ổ".encode()) + 1])


def test_torn_line_of_the_journal_is_told_with_its_remedy(sample_copy: Path) -> None:
    path = sample_copy / "journal" / "decisions.jsonl"
    _torn(path)
    (finding,) = _found(sample_copy)
    assert (finding.level, finding.path) == ("error", "journal/decisions.jsonl:2")
    assert "torn by a power cut" in finding.what
    assert "take the decision again" in finding.remedy
    with pytest.raises(journal.JournalError, match=r"decisions\.jsonl:2"):
        journal.read(sample_copy, journal.DECISIONS)


def test_entry_behind_a_torn_line_is_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "journal" / "decisions.jsonl"
    _torn(path)
    journal.append(tmp_path, journal.DECISIONS, {"b": 2})
    assert [(line.number, line.torn) for line in journal.bad_lines(path)] == [(2, False)]
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([lines[0], *lines[2:]]))
    assert journal.read(tmp_path, journal.DECISIONS) == [{"a": 1}, {"b": 2}]
    path.write_bytes(b"")
    assert journal.read(tmp_path, journal.DECISIONS) == []


@pytest.mark.drill
def test_log_beside_the_published_file_is_told_with_owner_and_time(sample_copy: Path) -> None:
    path = published_path(sample_copy)
    path.with_name(path.name + ".wal").write_bytes(b"")
    path.chmod(0o644)
    log, mode = _found(sample_copy)
    assert (log.level, log.path) == ("error", "published/coverage.duckdb.wal")
    assert log.what.startswith(f"{path.owner()} wrote into the published file, last at 20")
    assert (mode.level, mode.remedy) == ("warning", f"chmod a-w {path}")


@pytest.mark.drill
def test_published_copy_that_is_spoilt_or_gone_is_published_again(sample_copy: Path) -> None:
    path = published_path(sample_copy)
    path.chmod(0o644)
    _zeros(path)
    path.chmod(0o444)
    shutil.rmtree(path.parent / "parquet")
    found = _found(sample_copy)
    assert {finding.remedy for finding in found} == {"diembao publish"}
    assert {finding.path for finding in found} == {"published/coverage.duckdb", "published/parquet"}
    path.unlink()
    assert [(finding.level, finding.what) for finding in _found(sample_copy)] == [("hint", "nothing is published")]


@pytest.mark.drill
def test_older_and_richer_publications_are_told_apart(sample_copy: Path) -> None:
    with open_warehouse(sample_copy) as connection:
        connection.execute("CREATE TEMP TABLE one AS SELECT article_id FROM article_heads LIMIT 1")
        for table in ("article_heads", "story_members"):
            connection.execute(f"DELETE FROM {table} WHERE article_id IN (FROM one)")
    (finding,) = _found(sample_copy)
    assert (finding.level, finding.path) == ("error", "published/coverage.duckdb")
    assert "has 67 articles, the warehouse 66" in finding.what


@pytest.mark.drill
def test_missing_archive_file_is_told_once(sample_copy: Path) -> None:
    gone = archive_files(sample_copy / "archive")[0]
    gone.unlink()
    assert _errors(sample_copy) == [(gone.relative_to(sample_copy).as_posix(), "was in the archive and is missing")]
    ArchiveIndex(sample_copy).delete()
    assert len(_errors(sample_copy)) == 1


@pytest.mark.drill
def test_archive_file_not_read_yet_is_a_hint(sample_copy: Path) -> None:
    first = archive_files(sample_copy / "archive")[0]
    new = first.with_name("20990101T000000Z-0000-new.warc.gz")
    shutil.copyfile(first, new)
    found = {(finding.level, finding.path, finding.remedy.partition(",")[0]) for finding in _found(sample_copy)}
    assert found == {
        ("hint", "archive/index.sqlite", "diembao archive reindex"),
        ("hint", "warehouse.duckdb", "diembao process"),
    }


def _flip_pages(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for page in range(1, len(data) // 4096):
        data[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    path.write_bytes(data)


@pytest.mark.drill
@pytest.mark.parametrize("spoil", first_of(1, [_flip_pages, _text, _nothing]))
def test_damaged_index_of_the_archive_is_made_anew(sample_copy: Path, spoil: Tell) -> None:
    spoil(sample_copy / "archive" / "index.sqlite")
    (finding,) = _found(sample_copy)
    assert finding.path == "archive/index.sqlite"
    assert "diembao archive reindex" in finding.remedy or "makes it anew" in finding.remedy
    diembao("archive", "reindex", "--data", str(sample_copy))
    assert _found(sample_copy) == []


@pytest.mark.drill
def test_newer_and_older_schemas_are_told(sample_copy: Path) -> None:
    with open_warehouse(sample_copy) as connection:
        connection.execute("INSERT INTO schema_version VALUES (99)")
    (finding,) = _found(sample_copy)
    assert "has schema 99, newer than this program's" in finding.what
    assert finding.remedy == "upgrade diembao"
    with closing(duckdb.connect(str(warehouse_path(sample_copy)))) as connection:
        connection.execute("DELETE FROM schema_version WHERE version >= ?", [max(migrations())])
    assert [finding.level for finding in _found(sample_copy)] == ["hint"]


@contextmanager
def _child(code: str, path: Path) -> Iterator[int]:
    """Another process that has done `code` and waits; gives its number."""
    command = [sys.executable, "-c", f"import sys\n{code}\nprint('ready', flush=True)\nsys.stdin.read()", str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        yield child.pid
        child.communicate("")


@pytest.mark.drill
def test_program_that_has_the_warehouse_open_is_named_and_it_is_not_rebuilt(sample_copy: Path) -> None:
    before = _files(sample_copy)
    with _child("import duckdb\nc = duckdb.connect(sys.argv[1])", warehouse_path(sample_copy)) as pid:
        (finding,) = _found(sample_copy)
        assert finding.level == "error"
        assert "another program has it open" in finding.what
        assert f"PID {pid}" in finding.what
        done = diembao("doctor", "--rebuild", "--data", str(sample_copy), code=2)
        assert "another program has it open" in done.stderr
    assert _files(sample_copy) == before


@pytest.mark.drill
def test_run_at_work_is_named_and_its_warehouse_left_alone(sample_copy: Path) -> None:
    (sample_copy / "scratch").mkdir()
    code = (
        "from pathlib import Path\nfrom archive.workspace import hold\n"
        "held = hold(Path(sys.argv[1]), 'diembao nightly')\nheld.__enter__()"
    )
    with _child(code, sample_copy) as pid:
        (finding,) = _found(sample_copy)
        assert (finding.level, finding.path) == ("hint", "lock.json")
        assert (
            f"held by `diembao nightly` of {finding.what.split(' of ')[1].split()[0]} (process {pid})" in finding.what
        )
        assert "warehouse.duckdb was not examined" in finding.remedy
        done = diembao("doctor", "--rebuild", "--data", str(sample_copy), code=2)
        assert "held by `diembao nightly`" in done.stderr


@pytest.mark.drill
def test_leftovers_of_killed_runs_are_hints(sample_copy: Path) -> None:
    left = ("archive/2021/x.warc.gz.part", "archive/imported/y.warc.gz.copy", "published/coverage.duckdb.new")
    for name in left:
        (sample_copy / name).parent.mkdir(exist_ok=True)
        (sample_copy / name).touch()
    (sample_copy / "scratch").mkdir()
    found = _found(sample_copy)
    assert {finding.path for finding in found} == {*left, "scratch"}
    assert {finding.level for finding in found} == {"hint"}


@pytest.mark.drill
@pytest.mark.parametrize(
    ("change", "level", "said"),
    [
        ("DELETE FROM article_versions", "error", "articles whose current version is not in article_versions"),
        (
            "UPDATE version_mentions SET start_pos = start_pos + 1, end_pos = end_pos + 1",
            "error",
            "mentions whose words",
        ),
        ("UPDATE version_facets SET surface = 'khác'", "error", "facets whose words do not stand"),
        ("DELETE FROM story_members", "hint", "articles that are in no story yet"),
        ("DELETE FROM processed_files", "hint", "looks at pages whose archive file"),
    ],
)
def test_rows_that_break_a_rule_are_counted_and_named(sample_copy: Path, change: str, level: str, said: str) -> None:
    with open_warehouse(sample_copy) as connection:
        connection.execute(change)
    (found,) = [finding for finding in check_warehouse(sample_copy, _silent)[0] if said in finding.what]
    assert found.level == level
    assert found.what[0].isdigit()
    assert found.what.endswith(" is one")


#: Numbers given in the order of loading: another order tells nothing else.
_BY_ORDER = {"text_no"}


def _published(workspace: Path) -> dict[str, str]:
    """A digest of the rows of each published table."""
    digests = {}
    with closing(open_published(workspace)) as connection:
        for table in PUBLISHED:
            columns = ", ".join(name for name in connection.table(table).columns if name not in _BY_ORDER)
            rows = sorted(map(repr, connection.execute(f"SELECT {columns} FROM {table}").fetchall()))
            digests[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return digests


def _decide_and_send(workspace: Path) -> None:
    items: Any = diembao_json("review", "list", "--data", str(workspace))
    diembao("review", "decide", items[0]["item"], "none", "--by", "Lê Mẫu", "--data", str(workspace))
    diembao("monthly", "2021-07", "--send", "--data", str(workspace))
    diembao("publish", "--data", str(workspace))


@pytest.mark.drill
def test_rebuilding_gives_the_same_tables_keeps_decisions_and_sends_nothing(sample_copy: Path) -> None:
    _decide_and_send(sample_copy)
    before, kept = _published(sample_copy), ("journal", "outbox", "sent", "archive/2021")
    files = _files(sample_copy, *kept)
    assert any("decisions.jsonl" in file for file in files)
    assert any(".eml" in file for file in files)
    _zeros(warehouse_path(sample_copy))
    spoilt = warehouse_path(sample_copy).read_bytes()
    done = diembao("doctor", "--rebuild", "--data", str(sample_copy))
    assert "ERROR: warehouse.duckdb:" in done.stdout
    assert "0 errors, 0 warnings, 1 hints" in done.stdout
    assert _published(sample_copy) == before
    assert _files(sample_copy, *kept) == files
    (aside,) = sample_copy.glob("warehouse.duckdb.broken-*")
    assert aside.read_bytes() == spoilt
    assert diembao_json("sql", "SELECT decided_by FROM reviews", "--data", str(sample_copy)) == [
        {"decided_by": "Lê Mẫu"}
    ]


@pytest.mark.drill
def test_nothing_is_moved_where_it_cannot_be_rebuilt(sample_copy: Path) -> None:
    _torn(sample_copy / "journal" / "mail.jsonl")
    before = _files(sample_copy)
    assert "mail.jsonl:2" in diembao("doctor", "--rebuild", "--data", str(sample_copy), code=2).stderr
    (sample_copy / "journal" / "mail.jsonl").unlink()
    assert _files(sample_copy) == {path: data for path, data in before.items() if "mail.jsonl" not in path}
    shutil.rmtree(sample_copy / "archive")
    assert "holds no archive files" in diembao("doctor", "--rebuild", "--data", str(sample_copy), code=2).stderr
    assert warehouse_path(sample_copy).read_bytes() == before[str(warehouse_path(sample_copy))]


@pytest.mark.drill
def test_rebuilding_without_all_of_the_archive_publishes_nothing(sample_copy: Path) -> None:
    archive_files(sample_copy / "archive")[0].unlink()
    (sample_copy / "archive" / "index.sqlite").write_bytes(b"no index" * 1000)
    published = published_path(sample_copy).read_bytes()
    done = diembao("doctor", "--rebuild", "--data", str(sample_copy), "--json", code=1)
    made = json.loads(done.stdout)
    assert made["rebuilt"]["published"] is None
    assert "1 archive files are missing" in made["rebuilt"]["problems"][-1]
    assert published_path(sample_copy).read_bytes() == published
    assert ["error", "was in the archive and is missing"] in [[f["level"], f["what"]] for f in made["findings"]]
