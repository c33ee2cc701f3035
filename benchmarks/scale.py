"""Reads copies of an archive with the local pool and with Dask's workers, in one run, and compares the tables.

    python benchmarks/scale.py ARCHIVE.warc.gz [--copies 8] [--kill]

Each copy belongs to an outlet of its own: hosts of the archive get a number, and so do their outlets' files. Prints the
seconds of the pool, of one worker and of two, and what a file costs more on one worker than in a pool of one process.
With --kill one of two workers is killed for good when half of the files are read.
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

sys.path.append(sys.path.pop(0))  # benchmarks/warehouse.py must not hide the room of that name

from archive.read import Record, read_warc
from config.load import load_config, write_editable

ROOT = Path(__file__).parents[1]
_TABLES = ("captures", "article_heads", "article_versions", "version_mentions", "version_facets")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("archive", type=Path)
    arguments.add_argument("--copies", type=int, default=8)
    arguments.add_argument("--kill", action="store_true", help="also kill one of two workers half-way")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data")
        _prepare(given.archive, given.copies, data)
        cores = os.cpu_count() or 1
        alone = _run(data, ["--jobs", "1"])
        pool = _run(data, ["--jobs", str(cores)])
        expected = _digest(data)
        print(f"{given.copies} copies of {given.archive.name}, {cores} cores")
        print(f"  pool of 1     {alone:7.1f} s")
        print(f"  pool of {cores}     {pool:7.1f} s")
        for workers in (1, 2):
            with _cluster(workers, Path(folder)) as (address, _):
                seconds = _run(data, ["--cluster", address])
            same = "same tables" if _digest(data) == expected else "OTHER TABLES"
            against = alone if workers == 1 else pool
            print(f"  {workers} worker(s)   {seconds:7.1f} s  {seconds / against:5.2f} x the pool of {workers}; {same}")
            if workers == 1:
                print(f"  overhead      {(seconds - alone) / given.copies:7.2f} s a file")
        if given.kill:
            with _cluster(2, Path(folder)) as (address, processes):
                seconds = _run(data, ["--cluster", address], given.copies // 2, processes[0])
            same = "same tables" if _digest(data) == expected else "OTHER TABLES"
            print(f"  one of 2 killed {seconds:5.1f} s; {same}")


def _prepare(archive: Path, copies: int, data: Path) -> None:
    """A workspace with the copies, and a configuration of their outlets."""
    config = data / "config"
    write_editable(config)
    hosts = {r.capture.url.split("/", 3)[2] for r in read_warc(archive) if isinstance(r, Record) and r.capture}
    chosen = [outlet for outlet in load_config().outlets if any(outlet.owns(host) for host in hosts)]
    files = {outlet.id: (config / "outlets" / f"{outlet.id}.yaml").read_text(encoding="utf-8") for outlet in chosen}
    for file in (config / "outlets").glob("*.yaml"):
        file.unlink()
    imported = data / "archive" / "imported"
    imported.mkdir(parents=True)
    registered = sorted({host for outlet in chosen for host in outlet.every_host}, key=len, reverse=True)
    for n in range(copies):
        for name, text in files.items():
            renamed = re.sub(rf"^id: {name}$", f"id: {name}_{n}", text, flags=re.MULTILINE)
            for host in registered:
                pattern = re.escape(host).replace(r"\.", r"(\\?)\.")
                renamed = re.sub(rf"(?<![\w.-]){pattern}(?![\w.])", lambda m, n=n: f"c{n}-{m[0]}", renamed)
            (config / "outlets" / f"{name}_{n}.yaml").write_text(renamed, encoding="utf-8")
        with (imported / f"copy-{n}.warc.gz").open("wb") as copy:
            for record in read_warc(archive):
                if isinstance(record, Record) and record.capture:
                    copy.write(gzip.compress(_renamed(record, n), compresslevel=1))


def _renamed(record: Record, n: int) -> bytes:
    url = (record.url or "").replace("://", f"://c{n}-", 1)
    headers = [("WARC-Target-URI", url)] + [h for h in record.headers if h[0].lower() != "warc-target-uri"]
    return (
        b"WARC/1.0\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers).encode() + b"\r\n" + record.block + b"\r\n\r\n"
    )


@contextmanager
def _cluster(workers: int, folder: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    address = f"tcp://127.0.0.1:{port}"
    run = [sys.executable, "-m"]
    commands = [[*run, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard"]]
    worker = [*run, "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    commands += [worker] * workers
    with (folder / "dask.log").open("ab") as log:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        processes = [
            subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log) for command in commands
        ]
        try:
            from distributed import Client  # noqa: PLC0415

            with Client(address, timeout=60) as client:
                client.wait_for_workers(workers, timeout=60)
            yield address, processes[1:]
        finally:
            for process in processes:
                process.kill()
                process.wait()


def _run(data: Path, options: list[str], kill_at: int = 0, victim: subprocess.Popen[bytes] | None = None) -> float:
    for old in data.glob("warehouse.duckdb*"):
        old.unlink()
    shutil.rmtree(data / "scratch", ignore_errors=True)
    start = time.perf_counter()
    command = [sys.executable, "-m", "diembao", "process", "--data", str(data), *options]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    while victim and running.poll() is None:
        if len(list(data.glob("scratch/*/*.parquet"))) >= kill_at:
            victim.send_signal(signal.SIGKILL)
            break
        time.sleep(0.02)
    if running.wait():
        sys.exit(f"diembao process {' '.join(options)} ended with {running.returncode}")
    return time.perf_counter() - start


def _digest(data: Path) -> list[object]:
    """Of all that was read, whatever the order it was loaded in."""
    found: list[object] = []
    with duckdb.connect(str(data / "warehouse.duckdb"), read_only=True) as connection:
        for table in _TABLES:
            columns = [row[0] for row in connection.execute(f"DESCRIBE {table}").fetchall() if row[0] != "text_no"]
            text = ", ".join(f'"{column}"::VARCHAR' for column in columns)
            found += connection.execute(
                f"SELECT count(*), bit_xor(hash(coalesce(concat_ws('|', {text}), ''))) FROM {table}"
            ).fetchall()
    return found


if __name__ == "__main__":
    main()
