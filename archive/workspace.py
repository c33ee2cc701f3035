"""The workspace folder: made, checked, and held by one run at a time."""

from __future__ import annotations

import datetime as dt
import getpass
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from archive.lock import is_locked, locked

_LOCK = "lock.json"
_SAMPLE = "SAMPLE"


class WorkspaceError(Exception):
    """The folder can't be used; the message says why and what to do."""


def prepare(workspace: Path) -> None:
    """Makes the folder and checks that it can be written. Raises WorkspaceError."""
    try:
        workspace.mkdir(parents=True, exist_ok=True)
        probe = workspace / f".probe-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise WorkspaceError(
            f"{workspace}: can't be written ({error.strerror}); choose another folder with --data"
        ) from None


def mark_sample(workspace: Path) -> None:
    """Notes that the workspace holds sample data, so that whatever comes out of it says so."""
    (workspace / _SAMPLE).write_text("This workspace holds sample data written for diembao; none of it is press.\n")


def is_sample(workspace: Path) -> bool:
    return (workspace / _SAMPLE).exists()


@contextmanager
def hold(workspace: Path, command: str) -> Iterator[None]:
    """Holds the workspace while a run writes it. Raises WorkspaceError, which says who holds it and since when."""
    prepare(workspace)
    path = workspace / _LOCK
    with ExitStack() as stack:
        try:
            file = stack.enter_context(locked(path, wait=False))
        except BlockingIOError:
            raise WorkspaceError(f"{workspace}: {_holder(path)}; wait for it to end") from None
        holder = {
            "command": command,
            "pid": os.getpid(),
            "user": _user(),
            "since": dt.datetime.now().astimezone().isoformat(timespec="seconds"),
        }
        file.truncate(0)
        file.write(json.dumps(holder))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def holder(workspace: Path) -> str | None:
    """Who holds the workspace now; None: nobody, or there is none. By the time it is told, it may have changed."""
    path = workspace / _LOCK
    return _holder(path) if is_locked(path) else None


def _user() -> str:
    try:
        return getpass.getuser()
    except KeyError:  # a container's user without a name
        return f"user {os.getuid()}"


def _holder(path: Path) -> str:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        return f"held by `{holder['command']}` of {holder['user']} (process {holder['pid']}) since {holder['since']}"
    except (ValueError, KeyError):
        return "held by another run"
