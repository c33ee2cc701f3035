"""The program as an operator runs it, without the second that Python takes to import it for each of some hundred runs:
a process that has imported it forks for each.

    python -m tests.program    # reads a JSON line for each run, answers with its exit code
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]


class Program:
    """A process that waits to be asked; it ends with the one that made it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.program"], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def run(self, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """One run, in this process's environment and the root of the project. What is read of the environment when the
        program is imported is that of the first run."""
        asks, answers = self._process.stdin, self._process.stdout
        assert asks
        assert answers
        with TemporaryDirectory() as folder:
            out, err = Path(folder) / "out", Path(folder) / "err"
            asked = {"arguments": arguments, "env": dict(os.environ), "out": str(out), "err": str(err)}
            print(json.dumps(asked), file=asks, flush=True)
            answer = answers.readline()
            assert answer, "the process that forks has ended"
            return subprocess.CompletedProcess(
                ["diembao", *arguments], int(answer), out.read_text("utf-8"), err.read_text("utf-8")
            )


def _serve() -> None:
    for module in ("diembao", "schedules.nightly", "schedules.report"):
        import_module(module)
    while line := sys.stdin.readline():
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            os.environ.clear()
            os.environ.update(asked["env"])
            for number, path in ((0, os.devnull), (1, asked["out"]), (2, asked["err"])):
                os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), number)
            sys.argv = ["diembao", *asked["arguments"]]
            import_module("diembao").main()
            return
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    _serve()
