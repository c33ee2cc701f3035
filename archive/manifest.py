"""SHA256SUMS, beside the archive files it lists: the digest of each as it was when it was closed.

Records have digests of their own, but none covers the gzip bytes around them, nor tells a file that lost its last
records from one that never had them. The format is that of coreutils, so an auditor needs nothing of ours:
`sha256sum -c SHA256SUMS`.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

MANIFEST = "SHA256SUMS"
#: The folder of archives made elsewhere, which may have come damaged.
IMPORTED = "imported"
#: What an archive file's name ends with.
SUFFIXES = (".warc.gz", ".warc")

# A leading backslash says that the name is escaped ("cksum output modes" of the coreutils manual).
_LINE = re.compile(rb"(\\?)([0-9a-f]{64})  ([^/\0\n]+)")
_ESCAPES = {b"\\": b"\\\\", b"\n": b"\\n", b"\r": b"\\r"}
_UNESCAPES = {escaped: plain for plain, escaped in _ESCAPES.items()}


class ManifestError(Exception):
    """A file is not the one that was entered under its name. Archive files are never rewritten."""


@dataclass(frozen=True, slots=True)
class ManifestProblem:
    """A line that can't be relied on. `torn`: the last one, without its end, as a kill while writing leaves it."""

    line: int
    text: str
    what: str
    torn: bool = False


@dataclass(frozen=True, slots=True)
class Manifest:
    """`digests`: file name -> SHA-256 in hexadecimal."""

    digests: dict[str, str]
    problems: tuple[ManifestProblem, ...]


def enter(path: Path) -> str:
    """Lists a closed archive file, durably; returns its SHA-256. Entering a file again changes nothing.

    Raises ManifestError where another digest is listed under its name.
    """
    digest = sha256(path)
    manifest = path.with_name(MANIFEST)
    with manifest.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        data = file.read()
        listed = _parse(data).digests.get(path.name)
        if listed == digest:
            return digest
        if listed:
            raise ManifestError(
                f"{path}: SHA-256 is {digest}, but {manifest} lists {listed}; archive files are never rewritten: "
                f"run `diembao archive verify`"
            )
        # A torn line is cut off, not completed: sha256sum would stumble over what is left of it for ever.
        file.truncate(data.rfind(b"\n") + 1)
        file.write(_line(path.name, digest))
        file.flush()
        os.fsync(file.fileno())
        if not data:
            sync_directory(path.parent)
    return digest


def listed(directory: Path) -> Manifest | None:
    """What the SHA256SUMS of a directory lists; None where there is none."""
    try:
        return _parse((directory / MANIFEST).read_bytes())
    except FileNotFoundError:
        return None


def archive_files(archive: Path) -> list[Path]:
    """All closed archive files under a folder, by name."""
    return sorted(path for suffix in SUFFIXES for path in archive.rglob(f"*{suffix}"))


def unlisted(archive: Path) -> list[Path]:
    """The archive files under a folder that are still to be entered."""
    files = archive_files(archive)
    manifests = {directory: listed(directory) for directory in {path.parent for path in files}}
    return [path for path in files if not (known := manifests[path.parent]) or path.name not in known.digests]


def sha256(path: Path) -> str:
    """Of the file as it is on the disk now."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _parse(data: bytes) -> Manifest:
    digests: dict[str, str] = {}
    problems = []
    *lines, tail = data.split(b"\n")
    for number, line in enumerate(lines, 1):
        name, digest = _entry(line)
        if not name:
            problems.append(ManifestProblem(number, _text(line), "is no line of a SHA256SUMS"))
        elif digests.setdefault(name, digest) != digest:
            problems.append(ManifestProblem(number, _text(line), "lists a file again, with another digest"))
    if tail:
        problems.append(ManifestProblem(len(lines) + 1, _text(tail), "has no end", torn=True))
    return Manifest(digests, tuple(problems))


def _entry(line: bytes) -> tuple[str, str]:
    """Name and digest; no name where the line is malformed."""
    match = _LINE.fullmatch(line)
    if not match:
        return "", ""
    escaped, digest, name = match.groups()
    if escaped:
        parts = re.findall(rb"\\.|[^\\]|\\$", name)
        if any(part[:1] == b"\\" and part not in _UNESCAPES for part in parts):
            return "", ""
        name = b"".join(_UNESCAPES.get(part, part) for part in parts)
    return os.fsdecode(name), digest.decode()


def _line(name: str, digest: str) -> bytes:
    raw = os.fsencode(name)
    escaped = re.sub(rb"[\\\n\r]", lambda match: _ESCAPES[match[0]], raw)
    return (b"\\" if escaped != raw else b"") + digest.encode() + b"  " + escaped + b"\n"


def _text(line: bytes) -> str:
    return line.decode("utf-8", "backslashreplace")


def sync_directory(directory: Path) -> None:
    """New names in it are on the disk when this returns."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
