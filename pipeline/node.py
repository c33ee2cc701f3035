"""What a worker of a cluster reads archive files with: a process beside it, one for each of its threads.

Dask's workers are full of threads and may not have children of multiprocessing; a process of our own may fork for each
file (pipeline/work.py), so that a page that ends its reader does not end the worker.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path

from pipeline.cluster import CONFIG
from pipeline.facts import FileFacts
from pipeline.work import failure, read_file, use

_TRIES = 3

_nodes: dict[int, _Node] = {}


class _Node:
    """The process, and the run whose configuration it has."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process = subprocess.Popen(  # noqa: S603 (this program)
            [sys.executable, "-m", "pipeline.node", str(folder / CONFIG)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )

    def read(self, warc: Path, name: str, parquet: Path) -> FileFacts | str:
        """The file's facts, or why there are none. Raises OSError, EOFError or UnpicklingError if the process died."""
        if not (self._process.stdin and self._process.stdout):
            raise EOFError
        pickle.dump((warc, name, parquet), self._process.stdin)
        self._process.stdin.flush()
        answer: FileFacts | str = pickle.load(self._process.stdout)  # noqa: S301 (our own process wrote it)
        return answer

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


def read_on_node(folder: Path, warc: Path, name: str, parquet: Path) -> FileFacts | str:
    """Called in a thread of a cluster's worker; a process that was killed is started again."""
    thread = threading.get_ident()
    for _ in range(_TRIES):
        node = _nodes.get(thread)
        if node and node.folder != folder:
            _nodes.pop(thread).end()
            node = None
        node = node or _nodes.setdefault(thread, _Node(folder))
        try:
            return node.read(warc, name, parquet)
        except (OSError, EOFError, pickle.UnpicklingError):
            _nodes.pop(thread).end()
    return f"{warc}: its reader was killed again and again; not loaded"


def end_nodes() -> None:
    """Ends what the run has started in this process."""
    while _nodes:
        _nodes.popitem()[1].end()


def _serve(config: Path) -> None:
    """Reads until nobody asks any more, as when the worker was killed."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    use(pickle.loads(config.read_bytes()))  # noqa: S301 (the run wrote it)
    while True:
        try:
            warc, name, parquet = pickle.load(sys.stdin.buffer)  # noqa: S301 (the worker wrote it)
        except EOFError:
            return
        answer: FileFacts | str
        try:
            answer = read_file(warc, name, parquet)
        except Exception as error:  # noqa: BLE001 (whatever a file does to its reader, it is told)
            answer = failure(warc, error)
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
