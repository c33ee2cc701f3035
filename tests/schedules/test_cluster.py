"""`process --cluster`: the same tables as the pool's, whoever is killed, and no start with workers that can't do it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from tests.conftest import ROOT, WriteWarc, diembao

pytest.importorskip("distributed")

TEXT = "<p>Cổng Dịch vụ công quốc gia mở thêm dịch vụ cho người dân và doanh nghiệp trong tháng này.</p>" * 4
WORKER = ("--nthreads", "1", "--no-dashboard", "--no-nanny", "--death-timeout", "60")

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts processes of Dask, away from our sources; they are ended with the test."""
    home = tmp_path / "away"
    home.mkdir()
    processes = []

    def started(*command: str, python_path: str = str(ROOT)) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": python_path}
        module = [sys.executable, "-m", "distributed.cli." + command[0], *command[1:]]
        log = (home / f"{len(processes)}.log").open("wb")
        processes.append(subprocess.Popen(module, cwd=home, env=environment, stdout=log, stderr=log))
        return processes[-1]

    yield started
    for process in processes:
        process.kill()
        process.wait()


@pytest.fixture
def scheduler(start: Start) -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    start("dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", python_path="")
    return f"tcp://127.0.0.1:{port}"


def wait_for_workers(address: str, count: int) -> None:
    import distributed  # noqa: PLC0415 (an optional extra)

    with distributed.Client(address, timeout=60, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=60)


@pytest.fixture
def workspace(write_warc: WriteWarc, tmp_path: Path) -> Path:
    """Eight archive files, not read yet."""
    data = tmp_path / "data"
    imported = data / "archive" / "imported"
    imported.mkdir(parents=True)
    for n in range(8):
        name = f"f{n}.warc.gz"
        pages = [
            (
                f"https://vnexpress.net/bai-viet-{4280000 + 100 * n + i}.html",
                200,
                {"Content-Type": "text/html; charset=utf-8"},
                f"<html><body><h1>Bài số {n}.{i} của báo</h1>{TEXT}</body></html>".encode(),
            )
            for i in range(40)
        ]
        shutil.copy(write_warc(name, pages), imported / name)
    return data


def tables(data: Path) -> list[object]:
    """All that was read, but for the numbers of texts, which are of the order of loading."""
    with duckdb.connect(str(data / "warehouse.duckdb"), read_only=True) as connection:
        return [
            connection.execute(f"SELECT * {left_out} FROM {table} ORDER BY ALL").fetchall()
            for table, left_out in (
                ("captures", ""),
                ("article_versions", "EXCLUDE (text_no)"),
                ("version_mentions", ""),
                ("version_facets", ""),
                ("processed_files", ""),
            )
        ]


@pytest.mark.drill
def test_killed_worker_loses_nothing_and_doubles_nothing(
    start: Start, scheduler: str, workspace: Path, tmp_path: Path
) -> None:
    by_pool = tmp_path / "pool"
    shutil.copytree(workspace, by_pool)
    workers = [start("dask_worker", scheduler, *WORKER) for _ in range(2)]
    wait_for_workers(scheduler, 2)
    command = [sys.executable, "-m", "diembao", "process", "--cluster", scheduler, "--data", str(workspace)]
    running = subprocess.Popen(command, cwd=ROOT)
    while running.poll() is None and not list(workspace.glob("scratch/*/*.parquet")):
        time.sleep(0.01)
    workers[0].send_signal(signal.SIGKILL)
    assert running.wait() == 0
    diembao("process", "--data", str(by_pool))
    assert tables(workspace) == tables(by_pool)
    assert not (workspace / "scratch").exists()


@pytest.mark.drill
def test_killed_process_of_the_local_pool_costs_no_file(workspace: Path) -> None:
    command = [sys.executable, "-m", "diembao", "process", "--jobs", "2", "--data", str(workspace)]
    running = subprocess.Popen(command, cwd=ROOT)
    while running.poll() is None and not list(workspace.glob("scratch/*/*.parquet")):
        time.sleep(0.01)
    (first, *_) = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
    os.kill(int(first), signal.SIGKILL)
    assert running.wait() == 0
    with duckdb.connect(str(workspace / "warehouse.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT count(*), count(DISTINCT article_id) FROM captures").fetchone() == (320, 320)


@pytest.mark.drill
def test_workers_that_cannot_do_it_are_named_before_anything_is_read(
    start: Start, scheduler: str, workspace: Path, tmp_path: Path
) -> None:
    asked = ("process", "--cluster", scheduler, "--data", str(workspace))
    nobody = diembao("process", "--cluster", "tcp://127.0.0.1:9", "--data", str(workspace), code=2)
    assert "no Dask scheduler answers" in nobody.stderr
    # Another version: a copy of our sources with one more line.
    other = tmp_path / "other"
    for room in ("archive", "config", "crawler", "nlp", "pipeline", "warehouse"):
        shutil.copytree(ROOT / room, other / room, ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "nlp" / "find.py").open("a") as file:
        file.write("\n# another rule\n")
    # Ours hides the installed one; an empty room of the name stands for a machine without it.
    (tmp_path / "bare" / "pipeline").mkdir(parents=True)
    (tmp_path / "bare" / "pipeline" / "__init__.py").touch()
    start("dask_worker", scheduler, *WORKER)
    start("dask_worker", scheduler, *WORKER, python_path=str(other))
    start("dask_worker", scheduler, *WORKER, python_path=str(tmp_path / "bare"))
    wait_for_workers(scheduler, 3)
    told = diembao(*asked, code=2).stderr
    assert told.count("has another version of diembao") == 1
    assert told.count("has no diembao") == 1
    assert "nothing was done" in told
