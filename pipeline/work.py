"""The unit of work: one archive file becomes one Parquet file, in whichever process of whichever machine, also twice.

What a page can do to its reader ends a child of the process that reads, never that process.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import secrets
import signal
import threading
from pathlib import Path

from archive.read import NotAWarc
from config.load import Config
from pipeline.facts import FactsReader, FileFacts
from pipeline.limits import PageClock, last_page

#: A file with more pages that end their reader is not worth its while.
_MOST_SKIPPED = 100

_reader: FactsReader | None = None


class ReaderKilled(Exception):
    """Page after page of a file ended its reader, or something else did."""


def start_worker() -> None:
    """Makes this process one of a pool's: a fork, which has the reader of its parent."""
    # The parent decides when to stop; a worker finishes its page.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def use(config: Config) -> None:
    """Makes this process, and those that it forks, read by a configuration: compiling its rules takes longer than a
    file."""
    global _reader  # noqa: PLW0603 (one reader a process)
    _reader = FactsReader(config)


def _end_with_parent() -> None:
    """A worker whose parent was killed would hold the workspace's lock for good: the lock came with the fork."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)


def read_file(warc: Path, name: str, parquet: Path) -> FileFacts:
    """Reads `warc`, known as `name`, in a child of this process, again without each page that ended it; `parquet` has
    its name once it is whole. Two that read the same file at once don't meet. Raises NotAWarc, ReaderKilled."""
    attempt = parquet.with_name(f"{parquet.name}.{secrets.token_hex(4)}")
    # Where the reader notes which page it is at.
    marker = attempt.with_name(f"{attempt.name}.page")
    skip: set[int] = set()
    try:
        while (answer := _read_in_child(warc, name, attempt, marker, frozenset(skip))) is None:
            page = last_page(marker)
            if page is None or page in skip or len(skip) == _MOST_SKIPPED:
                raise ReaderKilled(f"{warc}: its reader was killed again and again; not loaded")
            skip.add(page)
        if isinstance(answer, Exception):
            raise answer
        attempt.replace(parquet)
    finally:
        for left in parquet.parent.glob(f"{attempt.name}*"):
            left.unlink(missing_ok=True)
    return answer


def _read_in_child(
    warc: Path, name: str, parquet: Path, marker: Path, skip: frozenset[int]
) -> FileFacts | Exception | None:
    """What the child found or raised; None where it was ended. A fork of this process has the rules and the tokenizer
    loaded, which a new one takes seconds for."""
    if _reader is None:
        raise RuntimeError("worker was not started")
    answer = parquet.with_name(f"{parquet.name}.answer")
    answer.unlink(missing_ok=True)
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        # Our own child wrote it.
        return pickle.loads(answer.read_bytes()) if answer.exists() else None  # noqa: S301
    try:
        threading.Thread(target=_end_with_parent, daemon=True).start()
        found: FileFacts | Exception
        try:
            found = _reader.write(warc, name, parquet, PageClock(marker), skip)
        except Exception as error:  # noqa: BLE001 (the parent raises it)
            found = error
        answer.write_bytes(pickle.dumps(found))
    finally:
        os._exit(0)


def failure(warc: Path, error: BaseException) -> str:
    """Why a file was not read, in a line."""
    if isinstance(error, NotAWarc | ReaderKilled):
        return str(error)
    return f"{warc}: its reader failed ({type(error).__name__}: {error}); not loaded; please report this"
