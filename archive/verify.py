"""Finds what became of archive files since they were closed: any changed byte, any cut, any file that is gone.

Two looks at each file. Its SHA-256 against the SHA256SUMS beside it finds every change; reading it record by record
says where the damage lies and what is still whole. Each finding comes with what to do about it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from archive.crawl_log import LOG_URI
from archive.manifest import IMPORTED, MANIFEST, Manifest, ManifestProblem, archive_files, listed, sha256
from archive.read import Damage, NotAWarc, Record, read_log, read_warc
from archive.write import PART

Severity = Literal["error", "warning"]
#: matches: the bytes are those that were entered. no manifest: nothing to compare with.
_State = Literal["matches", "differs", "not listed", "no manifest"]

_RESTORE = (
    "restore this file from the backup copy, then run `diembao archive reindex`; "
    "until then `diembao process` reads the records that are whole"
)
_FETCH_AGAIN = "get this file again from where it came; `diembao import` takes in the records that are whole"
_RESTORE_MANIFEST = (
    f"compare with the {MANIFEST} of the backup copy; restore it if the archive files beside it are the backup's"
)
_AS_ENTERED = (
    "nothing to restore: the file has been so since it was entered; `diembao process` reads the records that are whole"
)

# RFC 1952, 2.3: magic, method, no flags, no time; then the level (XFL) and the operating system. So zlib writes it, and
# its CRC covers none of it.
_GZIP_MAGIC = b"\x1f\x8b"
_OUR_GZIP = b"\x1f\x8b\x08\x00\x00\x00\x00\x00"
_XFL = (0, 2, 4)


@dataclass(frozen=True, slots=True)
class Finding:
    """`file` is relative to the workspace where it lies in it; `offset` is None where the whole file is meant.

    A warning asks for no action, or only for the next run.
    """

    file: str
    offset: int | None
    what: str
    remedy: str
    severity: Severity = "error"


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """`records` counts the whole ones, `bytes` those on the disk."""

    files: int
    records: int
    bytes: int
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "warning")


def _silent(_file: str, _size: int) -> None:
    pass


def verify(
    workspace: Path,
    files: Sequence[Path] = (),
    on_file: Callable[[str, int], None] = _silent,
    indexed: Iterable[str] = (),
) -> VerifyReport:
    """Checks all archive files of a workspace, or the given files, which may lie outside of it. Changes nothing.

    `on_file` hears each file's name and size before it is read. `indexed` are the files that the index knows, relative
    to the workspace: a day folder that is gone together with its SHA256SUMS is missed by nobody else.
    """
    archive = workspace / "archive"
    chosen = list(files) or archive_files(archive)
    directories = {path.parent for path in chosen}
    if not files:
        directories |= {path.parent for path in archive.rglob(MANIFEST)}
    findings: list[Finding] = []
    manifests: dict[Path, Manifest | None] = {}
    for directory in sorted(directories):
        manifest, found = _read_manifest(directory, workspace, everything=not files)
        manifests[directory] = manifest
        findings += found
    records = size = 0
    for path in chosen:
        name = _name(path, workspace)
        length = path.stat().st_size if path.is_file() else 0
        on_file(name, length)
        size += length
        whole, found = _check_file(path, name, manifests[path.parent], _in(path, archive))
        records += whole
        findings += found
    if not files:
        findings += _leftovers(archive, workspace)
        findings += _gone(workspace, indexed, {finding.file for finding in findings})
    return VerifyReport(len(chosen), records, size, tuple(findings))


def _read_manifest(directory: Path, workspace: Path, *, everything: bool) -> tuple[Manifest | None, list[Finding]]:
    """What a SHA256SUMS lists, and what is wrong with it; `everything`: all that it lists should be there."""
    path = directory / MANIFEST
    name = _name(path, workspace)
    try:
        manifest = listed(directory)
    except OSError as error:
        return None, [Finding(name, None, f"can't be read: {error.strerror or error}", _RESTORE_MANIFEST)]
    if manifest is None:
        what = f"no {MANIFEST}: only the structure was checked"
        remedy = (
            "restore it from the backup copy if there is one; otherwise the next run enters the files as they are now"
            if _in(path, workspace / "archive")
            else "ask for the digests where the files came from, if they matter"
        )
        return None, [Finding(name, None, what, remedy, "warning")]
    findings = [_malformed(name, problem) for problem in manifest.problems]
    if everything:
        findings += [
            Finding(_name(directory / file, workspace), None, f"listed in {MANIFEST} but missing", _RESTORE)
            for file in manifest.digests
            if not (directory / file).exists()
        ]
    return manifest, findings


def _malformed(name: str, problem: ManifestProblem) -> Finding:
    what = f"line {problem.line} {problem.what}: {problem.text[:200]!r}"
    if problem.torn:
        return Finding(
            name, None, what, "a run was killed while it wrote this line; the next one writes it again", "warning"
        )
    return Finding(name, None, what, _RESTORE_MANIFEST)


def _check_file(path: Path, name: str, manifest: Manifest | None, ours: bool) -> tuple[int, list[Finding]]:
    """How many records are whole, and what is wrong; `ours`: the file lies in the workspace's archive."""
    restore = _RESTORE if ours else _FETCH_AGAIN
    try:
        digest = sha256(path)
    except OSError as error:
        return 0, [Finding(name, None, f"can't be read: {error.strerror or error}", restore)]
    entered = manifest.digests.get(path.name, "") if manifest else ""
    state = _state(manifest, digest, entered)
    contents = _Contents()
    # An archive made elsewhere may have come damaged. What our crawler wrote was whole, whatever SHA256SUMS says now.
    came_so = state == "matches" and (not ours or IMPORTED in path.parts)
    findings = [
        Finding(name, offset, what, _AS_ENTERED, "warning") if came_so else Finding(name, offset, what, restore)
        for offset, what in contents.read(path, as_entered=state == "matches")
    ]
    if state == "differs":
        findings.insert(0, _differs(name, digest, entered, bool(findings), restore))
    if state == "not listed":
        what, remedy = f"not listed in {MANIFEST} yet", "the next run enters it"
        findings.insert(0, Finding(name, None, what, remedy, "warning"))
    return contents.records, findings


def _state(manifest: Manifest | None, digest: str, entered: str) -> _State:
    if manifest is None:
        return "no manifest"
    if not entered:
        return "not listed"
    return "matches" if digest == entered else "differs"


def _differs(name: str, digest: str, entered: str, damaged: bool, restore: str) -> Finding:
    what = f"SHA-256 is {digest}, {MANIFEST} lists {entered}"
    if damaged:
        return Finding(name, None, what, restore)
    return Finding(
        name,
        None,
        f"{what}, yet every record is well: the damage is in bytes that no record's digest covers, or in {MANIFEST}",
        f"compare file and {MANIFEST} with the backup copy and restore the one that differs; the records can be used",
    )


class _Contents:
    """What reading a file record by record found."""

    def __init__(self) -> None:
        self.records = 0

    def read(self, path: Path, *, as_entered: bool) -> Iterator[tuple[int | None, str]]:
        """Yields offset and damage. What only another writer could have written differently is no damage in a file that
        is as it was entered: someone may have compressed it anew before it was taken in."""
        crawl, last, first_header = False, None, b""
        try:
            with path.open("rb") as raw:
                for item in read_warc(path):
                    last = item
                    if isinstance(item, Damage):
                        yield item.offset, item.what
                        continue
                    self.records += 1
                    crawl = crawl or _is_crawl(item)
                    header = os.pread(raw.fileno(), 10, item.offset)
                    first_header = first_header or header
                    if crawl and not as_entered and not _well_headed(header, first_header):
                        yield item.offset, f"gzip header {header.hex(' ')} is not one that our writer writes"
        except (NotAWarc, OSError) as error:
            yield None, str(error).removeprefix(f"{path}: ")
            return
        if crawl and isinstance(last, Record):
            yield from _ending(last, as_entered)


def _is_crawl(record: Record) -> bool:
    """Whether a warcinfo record names a run and an outlet, as only our crawler's does."""
    if record.kind != "warcinfo":
        return False
    names = {line.partition(b":")[0] for line in record.block.splitlines()}
    return {b"run", b"outlet"} <= names


def _well_headed(header: bytes, first: bytes) -> bool:
    """Level and operating system are the same in all of a file, whatever they are."""
    if not first.startswith(_GZIP_MAGIC):
        return True  # an uncompressed file
    return header[:8] == _OUR_GZIP and header[8] in _XFL and header[8:] == first[8:]


def _ending(last: Record, as_entered: bool) -> Iterator[tuple[int | None, str]]:
    if last.url == LOG_URI:
        log = read_log(last)
        if isinstance(log, Damage):
            yield log.offset, log.what
    elif as_entered:
        yield None, "ends without its crawl log: the run that wrote it was killed"
    else:
        yield None, "ends without its crawl log: cut at a record's end?"


def _leftovers(archive: Path, workspace: Path) -> Iterator[Finding]:
    for path in sorted(archive.rglob(f"*{PART}")):
        if not is_being_written(path):
            what, remedy = "left open: a run was killed", "the next run salvages its whole records"
            yield Finding(_name(path, workspace), None, what, remedy, "warning")


def is_being_written(part: Path) -> bool:
    """Whoever writes it holds its lock."""
    try:
        with part.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:  # locked, or it has got its name meanwhile
        return True
    return False


def _gone(workspace: Path, indexed: Iterable[str], reported: set[str]) -> Iterator[Finding]:
    for file in indexed:
        if file not in reported and not (workspace / file).exists():
            yield Finding(file, None, f"known to the index but missing, and no {MANIFEST} lists it", _RESTORE)


def _in(path: Path, archive: Path) -> bool:
    return path.resolve().is_relative_to(archive.resolve())


def _name(path: Path, workspace: Path) -> str:
    return path.relative_to(workspace).as_posix() if path.is_relative_to(workspace) else str(path)
