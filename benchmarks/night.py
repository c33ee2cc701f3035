"""Times a replayed night step by step, beside what the same pages cost others, in one run.

    python benchmarks/night.py ARCHIVE.warc.gz [--pages 200]

Prints seconds and pages a second of each step of `diembao nightly --replay`, the peak memory of this process and of
its largest child, and the pages a second of two peers on the first pages of the same archive, in one process: a bare
read of the WARC records, and trafilatura's extraction.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice, pairwise
from pathlib import Path

import trafilatura
from warcio.archiveiterator import ArchiveIterator

sys.path.append(sys.path.pop(0))  # benchmarks/warehouse.py must not hide the room of that name

from archive.read import Record, read_warc
from archive.workspace import hold
from config.load import load_config
from pipeline.extract.page import extract
from schedules.nightly import Watcher, nightly


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("archive", type=Path)
    arguments.add_argument("--pages", type=int, default=200, help="pages for the peers")
    given = arguments.parse_args()
    _night(given.archive)
    _peers(given.archive, given.pages)


def _night(archive: Path) -> None:
    begun: list[tuple[str, float]] = []
    watcher = Watcher(
        step=lambda name: begun.append((name, time.perf_counter())), event=lambda _: None, file=lambda _, __: None
    )
    with tempfile.TemporaryDirectory() as folder, hold(Path(folder), "benchmark"):
        night = nightly(Path(folder), load_config(), archive, os.cpu_count() or 1, watcher)
    begun.append(("end", time.perf_counter()))
    pages = night.after.articles
    print(f"replay of {archive.name}: {pages} articles, {os.cpu_count()} cores")
    for (name, start), (_, end) in pairwise(begun):
        print(f"  {name:8} {end - start:7.2f} s  {pages / (end - start):8.0f} pages/s")
    for who, what in (("this process", resource.RUSAGE_SELF), ("largest child", resource.RUSAGE_CHILDREN)):
        print(f"  peak memory of {who}: {resource.getrusage(what).ru_maxrss / 1024:.0f} MB")


def _peers(archive: Path, count: int) -> None:
    records = (item for item in read_warc(archive) if isinstance(item, Record) and item.capture)
    pages = [r.capture for r in records if r.capture and b"<html" in r.capture.body()[:2000]][:count]
    bodies = [(page, page.body()) for page in pages]
    by_host = {host: outlet for outlet in load_config().outlets for host in outlet.hosts}

    def ours() -> int:
        for page, body in bodies:
            outlet = by_host[page.url.split("/", 3)[2]]
            extract(body, page.url, page.header("Content-Type"), outlet, page.time)
        return len(bodies)

    def others() -> int:
        for _, body in bodies:
            trafilatura.extract(body, fast=True, include_comments=False, include_tables=False)
        return len(bodies)

    def bare_read() -> int:
        with archive.open("rb") as file:
            return sum(len(record.raw_stream.read()) > 0 for record in islice(ArchiveIterator(file), count))

    print(f"one process, {len(pages)} pages of the same archive")
    peers: list[tuple[str, Callable[[], int]]] = [
        ("extraction, ours", ours),
        ("extraction, trafilatura", others),
        ("bare read, warcio", bare_read),
    ]
    for name, work in peers:
        start = time.perf_counter()
        done = work()
        print(f"  {name:24} {done / (time.perf_counter() - start):8.0f} pages/s")


if __name__ == "__main__":
    main()
