"""Runs a crawl in a process of its own and hands back the archive files it closed."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from crawler.job import CrawlJob, Event

#: A stop waits for the downloads in flight, each at most as long as its time-out.
_STOP_GRACE_SECONDS = 30


class CrawlBroken(Exception):
    """The crawl process itself failed; `files` are those it had closed before."""

    def __init__(self, why: str, files: list[Path]) -> None:
        self.files = files
        super().__init__(why)


def run_crawl(job: CrawlJob, on_event: Callable[[Event], None]) -> list[Path]:
    """Crawls and returns the closed archive files. Raises CrawlBroken.

    On KeyboardInterrupt or SystemExit in this process the crawl is stopped first: its files are closed, not lost.
    """
    command = [sys.executable, "-m", "crawler.process"]
    files: list[Path] = []
    with tempfile.TemporaryFile() as trouble:
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=trouble)  # noqa: S603
        try:
            if child.stdin is None or child.stdout is None:
                raise CrawlBroken("the crawl process has no pipes", [])
            # It stays open: its end tells the crawl that we are gone.
            child.stdin.write(job.model_dump_json().encode() + b"\n")
            child.stdin.flush()
            for line in child.stdout:
                event = Event.model_validate_json(line)
                on_event(event)
                if event.file:
                    files.append(Path(event.file))
            child.wait()
            child.stdin.close()
        except BaseException:
            _stop(child, _STOP_GRACE_SECONDS + job.manners.timeout_seconds)
            raise
        if child.returncode != 0:
            trouble.seek(0)
            words = trouble.read().decode(errors="replace").strip().splitlines()
            raise CrawlBroken(words[-1] if words else f"the crawl process ended with {child.returncode}", files)
    return files


def _stop(child: subprocess.Popen[bytes], seconds: float) -> None:
    child.send_signal(signal.SIGTERM)
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
