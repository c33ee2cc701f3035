"""The published file under fault: readers without pause, strangers that write, a full disk, a second writer."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from getpass import getuser
from pathlib import Path

import pytest

from tests.conftest import ROOT, SAMPLES, diembao, diembao_json, first_of
from tests.warehouse.reader import ask_published
from warehouse.publish import publish
from warehouse.published import open_published, published_path
from warehouse.reviews import decide, items

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


# Readers


@pytest.mark.slow
@pytest.mark.parametrize("publications", first_of(1, [3, 10]))
def test_four_readers_without_pause_see_all_publications_whole_and_in_their_order(
    publications: int, sample_copy: Path, tmp_path: Path
) -> None:
    states = [ask_published(sample_copy)]
    stop = tmp_path / "stop"
    with _readers(4, sample_copy, stop, tmp_path) as answers:
        for _ in range(publications):
            _decide(sample_copy)
            publish(sample_copy)
            states.append(ask_published(sample_copy))
        stop.touch()
    assert len(set(states)) == publications + 1, "each publication says something new"
    seen = [[json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] for file in answers]
    unknown = [answer for reader in seen for answer in reader if answer not in states]
    assert unknown == [], "an error, or a mixture of two publications"
    order = [[states.index(answer) for answer in reader] for reader in seen]
    assert order == [sorted(reader) for reader in order]
    assert [reader[-1] for reader in order] == [publications] * 4
    assert all(len(set(reader)) >= min(3, publications) for reader in order), "the readers were there while it changed"


@pytest.mark.drill
def test_reader_that_holds_the_file_open_keeps_its_data_and_a_new_one_sees_the_new(sample_copy: Path) -> None:
    holder = (
        "import sys; from pathlib import Path; from warehouse.published import open_published\n"
        "from tests.warehouse.reader import ask\n"
        "connection = open_published(Path(sys.argv[1]))\n"
        "for line in sys.stdin: print(ask(connection), flush=True)"
    )
    with _python(holder, sample_copy) as reader:
        old = _answer(reader)
        for _ in range(3):
            _decide(sample_copy)
            publish(sample_copy)
            assert _answer(reader) == old
        with _python(holder, sample_copy) as other:
            new = _answer(other)
    assert new != old
    assert new == ask_published(sample_copy)


# Strangers that write


def _own_writer(file: Path) -> list[str]:
    session = (
        "import sys, duckdb; connection = duckdb.connect(sys.argv[1])\n"
        "for line in sys.stdin: print(connection.execute(line).fetchall(), flush=True)"
    )
    return [sys.executable, "-c", session, str(file)]


def _duckdb_1_5(file: Path) -> list[str]:
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    program = shutil.which("duckdb", path=places)
    if program is None:
        pytest.skip("no `duckdb` program here; the dev dependency duckdb-cli brings it")
    version = subprocess.run([program, "--version"], text=True, capture_output=True, check=True).stdout
    if not version.startswith("v1.5."):
        pytest.skip(f"`duckdb` is {version.strip()}, not the 1.5 that is meant")
    return [program, "-noheader", "-list", str(file)]


Session = Callable[[Path], list[str]]
both_engines = pytest.mark.parametrize("session", [_own_writer, _duckdb_1_5], ids=["DuckDB of ours", "DuckDB 1.5"])


@both_engines
def test_after_a_killed_writing_session_publication_refuses_names_its_wal_and_touches_nothing(
    sample_copy: Path, session: Session
) -> None:
    path = published_path(sample_copy)
    with _writing_session(session, path) as stranger:
        _say(stranger, "CREATE TABLE note AS SELECT 42 AS x; SELECT 'written'")
    wal = path.with_name(path.name + ".wal")
    before = _contents(path.parent)
    assert wal in before, "the killed session left its .wal"
    _decide(sample_copy)
    refused = diembao("publish", "--data", str(sample_copy), code=2)
    assert str(wal) in _one_line(refused.stderr)
    assert _contents(path.parent) == before
    wal.unlink()
    diembao("publish", "--data", str(sample_copy))
    assert _reviews(sample_copy) == 1
    assert "note" not in _tables(sample_copy)


@both_engines
def test_what_a_stranger_wrote_and_closed_is_gone_with_the_next_publication(
    sample_copy: Path, session: Session
) -> None:
    path = published_path(sample_copy)
    with _writing_session(session, path) as stranger:
        _say(stranger, "CREATE TABLE note AS SELECT 42 AS x; SELECT 'written'")
        assert stranger.stdin
        stranger.stdin.close()
        assert stranger.wait(timeout=30) == 0
    assert "note" in _tables(sample_copy)
    publish(sample_copy)
    assert "note" not in _tables(sample_copy)
    assert path.stat().st_mode & 0o222 == 0


@pytest.mark.drill
@both_engines
def test_session_that_writes_after_a_publication_does_not_shut_the_new_file(
    sample_copy: Path, session: Session
) -> None:
    """Refusing to publish while somebody has the file open for writing is as good as surviving it."""
    path = published_path(sample_copy)
    with _writing_session(session, path) as stranger:
        _say(stranger, "SELECT 'open'")
        published = subprocess.run(
            [sys.executable, "-m", "diembao", "publish", "--data", str(sample_copy)],
            cwd=ROOT,
            text=True,
            capture_output=True,
            check=False,
        )
        assert published.returncode == 0 or str(path) in _one_line(published.stderr)
        _say(stranger, "CREATE TABLE note AS SELECT 42 AS x; SELECT 'written'")
    diembao("sql", "SELECT count(*) FROM articles", "--data", str(sample_copy))


@pytest.mark.drill
@pytest.mark.slow
def test_night_that_cant_publish_is_told_with_its_table_and_counts_as_done_with_failures(sample_copy: Path) -> None:
    wal = published_path(sample_copy).with_name("coverage.duckdb.wal")
    wal.write_bytes(b"a stranger's")
    nights = [str(SAMPLES / f"{name}.warc.gz") for name in ("night-2025-06", "night-1")]
    done = diembao("nightly", "--data", str(sample_copy), "--replay", *nights, code=1)
    assert done.stdout.count("Held now: 68 articles") == 2
    assert str(wal) in done.stdout + done.stderr


# Who may write


def test_neither_file_nor_folder_can_be_written_by_readers(sample_copy: Path) -> None:
    publish(sample_copy)
    folder = published_path(sample_copy).parent
    assert published_path(sample_copy).stat().st_mode & 0o222 == 0
    writable = [path.relative_to(folder) for path in (folder, *folder.rglob("*")) if path.stat().st_mode & 0o022]
    assert writable == []


@as_root
@pytest.mark.parametrize("umask", [0o022, 0], ids=["usual umask", "no umask"])
def test_reader_of_another_user_reads_and_can_neither_change_nor_remove_anything(sample: Path, umask: int) -> None:
    attempts = (
        "import duckdb, json, os, sys; from pathlib import Path\n"
        "from tests.warehouse.reader import ask_published\n"
        "workspace, nobody = Path(sys.argv[1]), int(sys.argv[2])\n"
        "os.setgroups([]); os.setgid(nobody); os.setuid(nobody)\n"
        "file = workspace / 'published' / 'coverage.duckdb'\n"
        "parquet = next(file.parent.rglob('*.parquet'))\n"
        "def write():\n"
        "    with duckdb.connect(str(file)) as connection: connection.execute('CREATE TABLE note (x INTEGER)')\n"
        "done, answer = [], ask_published(workspace)\n"
        "for name, attempt in {\n"
        "    'write into the database': write,\n"
        "    'write into a Parquet file': lambda: parquet.open('ab'),\n"
        "    'lay a .wal beside it': lambda: Path(str(file) + '.wal').touch(),\n"
        "    'lay a file beside Parquet files': lambda: (parquet.parent / 'x.parquet').touch(),\n"
        "    'make it writable': lambda: file.chmod(0o644),\n"
        "    'replace it': lambda: file.rename(file.with_name('moved')),\n"
        "    'remove a Parquet file': parquet.unlink,\n"
        "}.items():\n"
        "    try: attempt()\n"
        "    except (OSError, duckdb.Error): continue\n"
        "    done.append(name)\n"
        "print(json.dumps([done, answer]))"
    )
    # pytest's own folders are closed to other users.
    with tempfile.TemporaryDirectory() as open_folder:
        Path(open_folder).chmod(0o755)
        workspace = Path(open_folder) / "workspace"
        shutil.copytree(sample, workspace)
        shutil.rmtree(workspace / "published")
        workspace.chmod(0o755)
        command = [sys.executable, "-m", "diembao", "publish", "--data", str(workspace)]
        subprocess.run(command, cwd=ROOT, umask=umask, check=True, stdout=subprocess.DEVNULL)
        reader = [sys.executable, "-c", attempts, str(workspace), str(NOBODY)]
        told = subprocess.run(reader, cwd=ROOT, text=True, capture_output=True, check=True).stdout
        done, answer = json.loads(told)
        assert done == []
        assert answer == ask_published(workspace)


# A full disk


FULL = (0.0001, 0.04, 0.5, 0.99)


@pytest.mark.parametrize("share", first_of(1, [FULL[1], *FULL[::2]]))
def test_full_disk_fails_publication_in_one_line_the_old_file_stays_and_the_next_publication_works(
    sample_copy: Path, share: float
) -> None:
    folder = published_path(sample_copy).parent
    before = _contents(folder)
    _decide(sample_copy)
    full = _publish_on_full_disk(sample_copy, share)
    assert full.returncode != 0
    assert "duckdb" in _one_line(full.stderr)
    after = _contents(folder)
    assert {path: after.get(path) for path in before} == before
    assert _reviews(sample_copy) == 0
    diembao("publish", "--data", str(sample_copy))
    assert _reviews(sample_copy) == 1
    assert _contents(folder).keys() == before.keys()


@pytest.mark.parametrize("share", first_of(1, [FULL[2], *FULL[1::2]]))
def test_full_disk_is_named_and_nothing_is_left_half_written(sample_copy: Path, share: float) -> None:
    names = _contents(published_path(sample_copy).parent).keys()
    full = _publish_on_full_disk(sample_copy, share)
    assert _contents(published_path(sample_copy).parent).keys() == names
    assert "File too large" in full.stderr


# A second writer


@pytest.mark.drill
def test_second_writer_is_told_who_holds_the_workspace_and_harms_nothing(sample_copy: Path) -> None:
    night = str(SAMPLES / "night-2025-06.warc.gz")
    first = subprocess.Popen(
        [sys.executable, "-m", "diembao", "nightly", "--data", str(sample_copy), "--replay", night],
        cwd=ROOT,
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert first.stderr
    try:
        assert "collecting" in first.stderr.readline()
        os.killpg(first.pid, signal.SIGSTOP)
        before = _contents(sample_copy)
        for command in (["process"], ["process", "--all", night], ["publish"], ["nightly", "--replay", night]):
            refused = diembao(*command, "--data", str(sample_copy), code=2)
            assert f"held by `diembao nightly` of {getuser()} (process {first.pid})" in _one_line(refused.stderr)
        assert _contents(sample_copy) == before
        assert diembao_json("sql", "SELECT count(*) AS n FROM articles", "--data", str(sample_copy)) == [{"n": 67}]
    finally:
        os.killpg(first.pid, signal.SIGCONT)
        first.communicate(timeout=120)
    assert first.returncode == 0
    assert diembao_json("sql", "SELECT count(*) AS n FROM articles", "--data", str(sample_copy)) == [{"n": 68}]


# An activity that the plan does not have


@pytest.mark.parametrize(
    ("file", "right", "wrong", "told"),
    [
        ("plan.yaml", "  - id: II.2\n", "  - id: II.9\n", "'II.2'"),
        (
            "facets.yaml",
            "      - value: II.2\n",
            "      - value: IV.7\n",
            "activity 'IV.7' is not in plan.yaml",
        ),
    ],
    ids=["plan.yaml", "facets.yaml"],
)
@pytest.mark.parametrize("command", ["process", "nightly"])
def test_unknown_activity_is_one_line_with_file_and_line_and_nothing_is_done(
    tmp_path: Path, command: str, file: str, right: str, wrong: str, told: str
) -> None:
    diembao("init", str(tmp_path))
    path = tmp_path / "config" / file
    text = path.read_text(encoding="utf-8")
    assert text.count(right) == 1
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    line = text[: text.index(right)].count("\n") + 1
    archive = [*(["--replay"] if command == "nightly" else []), str(SAMPLES / "night-1.warc.gz")]
    refused = _one_line(diembao(command, *archive, "--data", str(tmp_path), code=2).stderr)
    assert told in refused
    assert not (tmp_path / "warehouse.duckdb").exists()
    assert f"{path}:{line}:" in refused


# What these tests do


def _decide(workspace: Path) -> None:
    """Journals one more decision: the next publication differs from the last in many tables."""
    with closing(open_published(workspace)) as connection:
        mention = next(item for item in items(connection, decided=False) if item.ruled == "national")
        decide(connection, workspace, mention.item, "none", "Lê Mẫu", None)


def _publish_on_full_disk(workspace: Path, share: float) -> subprocess.CompletedProcess[str]:
    """Publishes where no file can grow beyond a share of the published one: its first write fails, or its last."""
    most = int(published_path(workspace).stat().st_size * share)
    return subprocess.run(
        [sys.executable, "-m", "diembao", "publish", "--data", str(workspace)],
        cwd=ROOT,
        text=True,
        capture_output=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY)),
    )


def _reviews(workspace: Path) -> int:
    """How many decisions are published."""
    (answer,) = diembao_json("sql", "SELECT count(*) AS n FROM reviews", "--data", str(workspace))
    return int(answer["n"])


@contextmanager
def _readers(count: int, workspace: Path, stop: Path, folder: Path) -> Iterator[list[Path]]:
    """Readers that have begun to ask; on leaving they are waited for."""
    files = [folder / f"answers-{number}" for number in range(count)]
    command = [sys.executable, "-m", "tests.warehouse.reader", str(workspace), str(stop)]
    readers = []
    for file in files:
        with file.open("wb") as out:
            readers.append(subprocess.Popen(command, cwd=ROOT, stdout=out))
    try:
        while not all(file.stat().st_size for file in files):
            assert all(reader.poll() is None for reader in readers)
        yield files
    finally:
        stop.touch()
        codes = [reader.wait(timeout=60) for reader in readers]
    assert codes == [0] * count


@contextmanager
def _python(code: str, workspace: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", code, str(workspace)]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield process
        assert process.stdin
        process.stdin.close()


def _answer(process: subprocess.Popen[str]) -> str:
    assert process.stdin
    assert process.stdout
    process.stdin.write("?\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


@contextmanager
def _writing_session(session: Session, path: Path) -> Iterator[subprocess.Popen[str]]:
    """Somebody's tool with the published file open for writing, killed on leaving; only root need not make it writable
    first."""
    path.chmod(0o644)
    command = session(path)
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as stranger:
        try:
            yield stranger
        finally:
            if stranger.poll() is None:
                os.killpg(stranger.pid, signal.SIGKILL)


def _say(stranger: subprocess.Popen[str], statement: str) -> None:
    """Gives the session one line of SQL that ends by selecting a word, and waits for its answer."""
    assert stranger.stdin
    assert stranger.stdout
    stranger.stdin.write(f"{statement};\n")
    stranger.stdin.flush()
    word = statement.split("'")[-2]
    assert word in stranger.stdout.readline()


def _contents(folder: Path) -> dict[Path, str]:
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*")) if path.is_file()}


def _one_line(stderr: str) -> str:
    """What an operator is told, which is one line."""
    lines = [line for line in stderr.splitlines() if line.strip()]
    assert len(lines) == 1, stderr
    return lines[0]


def _tables(workspace: Path) -> set[str]:
    with closing(open_published(workspace)) as connection:
        return {name for (name,) in connection.execute("SELECT table_name FROM information_schema.tables").fetchall()}
