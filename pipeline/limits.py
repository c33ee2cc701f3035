"""A page gets so much processor time and no more.

lexbor can spend minutes on a page made for it (tech-notes: 59 KB took 8 s), inside C, where no exception
reaches them. So the kernel ends the process that reads the page; whoever started it reads on without that page.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: A page of the press takes some 9 ms with its mentions, the slowest of 689 (a law of 300 KB of text) 220 ms: room for
#: a machine nine times slower.
PAGE_SECONDS = 2.0
#: Why the page that ended its reader has no article.
TOOK_TOO_LONG = "took_too_long"


@contextmanager
def limited() -> Iterator[None]:
    """Around the reading of one page: ends this process where that takes too long."""
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # which ends the process
    signal.setitimer(signal.ITIMER_PROF, PAGE_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


class PageClock:
    """The limit of one worker process; `marker` is where it notes which page it is reading."""

    def __init__(self, marker: Path) -> None:
        self._marker = os.open(marker, os.O_CREAT | os.O_WRONLY)

    @contextmanager
    def page(self, offset: int) -> Iterator[None]:
        """Around the reading of the page whose record begins at `offset`."""
        os.pwrite(self._marker, offset.to_bytes(8, "big"), 0)
        with limited():
            yield


def last_page(marker: Path) -> int | None:
    """The offset of the page that a worker was reading last; None if it had not come to one."""
    try:
        noted = marker.read_bytes()
    except FileNotFoundError:
        return None
    return int.from_bytes(noted, "big") if noted else None
