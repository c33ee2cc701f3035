"""A prompt for analysts: one statement after another, with a history that outlives the session."""

from __future__ import annotations

import os
import readline
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from rich.console import Console

from schedules.sql import NoAnswer, Show, ask
from warehouse.published import NotPublished, published_path

_FIRST, _MORE = "diembao> ", "    ...> "
_LINES_KEPT = 1000


def prompt(workspace: Path, out: Console, err: Console, show: Show) -> None:
    """Takes statements from the terminal until Ctrl-D. Each is asked by itself: it sees what is published by then.

    A statement that fails costs one line; Ctrl-C drops the one that is being typed or answered. Raises NotPublished
    and NoAnswer where the database can't be opened at all.
    """
    ask(workspace, "SELECT 1")
    out.print(f"{published_path(workspace)}, read-only. A statement ends with ; and Ctrl-D leaves.", markup=False)
    with _history(err), _ctrl_c_interrupts():
        while True:
            try:
                for statement in duckdb.extract_statements(_read()):
                    show(ask(workspace, statement.query))
            except EOFError:
                out.print()
                return
            except KeyboardInterrupt:
                out.print()
            except (NoAnswer, NotPublished) as error:
                err.print(str(error), style="red", markup=False)
            except duckdb.Error as error:
                err.print(f"sql: {str(error).splitlines()[0]}", style="red", markup=False)


def history_file() -> Path:
    """Where the lines typed before are kept."""
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "diembao" / "sql_history"


def _read() -> str:
    text = input(_FIRST)
    while not _is_whole(text):
        text += "\n" + input(_MORE)
    return text


def _is_whole(text: str) -> bool:
    """Whether it ends with a `;` that belongs to no string and no comment."""
    encoded = text.encode()
    if not encoded.strip():
        return True
    tokens = [at for at, kind in duckdb.tokenize(text) if kind != duckdb.token_type.comment]
    return bool(tokens) and encoded[tokens[-1] :].startswith(b";")


@contextmanager
def _history(err: Console) -> Iterator[None]:
    """Only the lines of this session are added at its end: several may be open at once."""
    file = history_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        readline.read_history_file(file)
    except OSError as error:
        err.print(f"{file}: the history is not kept: {error.strerror or error}", markup=False)
        yield
        return
    known = readline.get_current_history_length()
    readline.set_history_length(_LINES_KEPT)
    try:
        yield
    finally:
        readline.append_history_file(readline.get_current_history_length() - known, file)


@contextmanager
def _ctrl_c_interrupts() -> Iterator[None]:
    """Elsewhere in the program Ctrl-C ends it; here it ends a statement."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
