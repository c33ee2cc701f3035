"""Mails as files: in outbox/ where there is no mail server, in sent/ as they went out. None is overwritten."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path


def keep(workspace: Path, stem: str, message: bytes) -> str:
    """Puts the mail into outbox/, where it is on the disk when this returns; its path below the workspace."""
    kept = free_path(workspace / "outbox", stem)
    write_durably(kept, message)
    return str(kept.relative_to(workspace))


def file_name(recipient: str) -> str:
    """An address as part of a file's name; two addresses never have one."""
    digest = hashlib.sha256(recipient.encode()).hexdigest()[:8]
    return f"{re.sub(r'[^A-Za-z0-9.@_-]', '_', recipient)[:80]}-{digest}"


def free_path(directory: Path, stem: str) -> Path:
    """A .eml file that isn't there yet, nor one of its name with another ending."""
    directory.mkdir(parents=True, exist_ok=True)
    taken = {path.stem for path in directory.iterdir()}
    number = 1
    while (name := stem if number == 1 else f"{stem}-{number}") in taken:
        number += 1
    return directory / f"{name}.eml"


def write_durably(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
