"""SHA256SUMS lists each closed file once, in the form sha256sum reads, whatever a kill left of it."""

from __future__ import annotations

import hashlib
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.manifest import MANIFEST, ManifestError, enter, listed, unlisted

ZERO = "0" * 64


def _file(directory: Path, name: str, content: bytes = b"x") -> Path:
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _audit(directory: Path) -> None:
    """As an auditor does it, who has nothing of ours."""
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", MANIFEST], cwd=directory, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _digests(directory: Path) -> dict[str, str]:
    manifest = listed(directory)
    assert manifest is not None
    return manifest.digests


def test_entered_file_is_listed_with_its_digest_and_sha256sum_agrees(tmp_path: Path) -> None:
    digest = enter(_file(tmp_path, "a.warc.gz", b"a"))
    enter(_file(tmp_path, "b.warc.gz", b"b" * 3_000_000))
    assert digest == hashlib.sha256(b"a").hexdigest()
    assert _digests(tmp_path) == {"a.warc.gz": digest, "b.warc.gz": hashlib.sha256(b"b" * 3_000_000).hexdigest()}
    _audit(tmp_path)


def test_entering_a_file_again_changes_nothing(tmp_path: Path) -> None:
    path = _file(tmp_path, "a.warc.gz")
    digest = enter(path)
    before = (tmp_path / MANIFEST).read_bytes()
    assert enter(path) == digest
    assert (tmp_path / MANIFEST).read_bytes() == before


def test_file_that_is_not_the_one_entered_is_refused_and_its_line_stays(tmp_path: Path) -> None:
    path = _file(tmp_path, "a.warc.gz", b"first")
    digest = enter(path)
    path.write_bytes(b"second")
    with pytest.raises(ManifestError, match=r"never rewritten.*archive verify"):
        enter(path)
    assert _digests(tmp_path) == {"a.warc.gz": digest}


def test_directory_without_sums_lists_nothing(tmp_path: Path) -> None:
    assert listed(tmp_path) is None


@settings(max_examples=60, deadline=None)
@given(
    names=st.lists(
        st.one_of(
            st.binary(min_size=1, max_size=20).map(os.fsdecode),
            st.text("\\\r\n .*#-\x85đ", min_size=1, max_size=12),
        )
        .filter(lambda name: "/" not in name and "\0" not in name)
        .map(lambda name: f"{name}.warc.gz"),
        min_size=1,
        max_size=4,
        unique=True,
    )
)
def test_any_name_an_archive_file_can_have_is_listed_and_read_back(names: list[str]) -> None:
    with TemporaryDirectory() as directory:
        folder = Path(directory)
        for name in names:
            enter(_file(folder, name, os.fsencode(name)))
        assert set(_digests(folder)) == set(names)
        _audit(folder)


def test_sums_cut_anywhere_list_their_whole_lines_and_the_next_entry_mends_them(tmp_path: Path) -> None:
    names = ["a.warc", "a.warc.gz", "b.warc.gz"]
    digests = {name: enter(_file(tmp_path, name, name.encode())) for name in names}
    whole = (tmp_path / MANIFEST).read_bytes()
    for length in range(len(whole)):
        (tmp_path / MANIFEST).write_bytes(whole[:length])
        kept = names[: whole[:length].count(b"\n")]
        manifest = listed(tmp_path)
        assert manifest is not None
        assert list(manifest.digests) == kept
        torn = length > 0 and whole[length - 1 : length] != b"\n"
        assert [(problem.line, problem.torn) for problem in manifest.problems] == [(len(kept) + 1, True)] * torn
        for name in names:
            enter(tmp_path / name)
        assert _digests(tmp_path) == digests
        assert (tmp_path / MANIFEST).read_bytes() == whole


def test_zeros_that_a_power_cut_left_at_the_end_are_cut_off(tmp_path: Path) -> None:
    enter(_file(tmp_path, "a.warc.gz"))
    with (tmp_path / MANIFEST).open("ab") as file:
        file.write(b"\0" * 80)
    enter(_file(tmp_path, "b.warc.gz"))
    assert list(_digests(tmp_path)) == ["a.warc.gz", "b.warc.gz"]
    _audit(tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        "",
        f"{ZERO} a.warc.gz",
        f"{ZERO[1:]}  a.warc.gz",
        f"{ZERO[1:]}A  a.warc.gz",
        f"{ZERO}  ",
        f"{ZERO}  ../a.warc.gz",
        f"{ZERO}  a\0.warc.gz",
        f"\\{ZERO}  a\\t.warc.gz",
        f"\\{ZERO}  a.warc.gz\\",
        f"# {ZERO}  a.warc.gz",
    ],
)
def test_malformed_line_is_named_and_lists_nothing(tmp_path: Path, line: str) -> None:
    (tmp_path / MANIFEST).write_bytes(f"{ZERO}  b.warc.gz\n{line}\n{ZERO}  c.warc.gz\n".encode())
    manifest = listed(tmp_path)
    assert manifest is not None
    assert set(manifest.digests) == {"b.warc.gz", "c.warc.gz"}
    assert [(problem.line, problem.text, problem.torn) for problem in manifest.problems] == [(2, line, False)]


def test_file_listed_with_two_digests_is_named_and_the_first_one_holds(tmp_path: Path) -> None:
    one = "1" * 64
    (tmp_path / MANIFEST).write_text(f"{ZERO}  a\n{ZERO}  a\n{one}  a\n")
    manifest = listed(tmp_path)
    assert manifest is not None
    assert manifest.digests == {"a": ZERO}
    assert [(problem.line, problem.what) for problem in manifest.problems] == [
        (3, "lists a file again, with another digest")
    ]


def test_files_entered_at_the_same_time_are_all_listed(tmp_path: Path) -> None:
    paths = [_file(tmp_path, f"{number}.warc.gz", str(number).encode()) for number in range(60)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(enter, paths * 2))
    assert len((tmp_path / MANIFEST).read_bytes().splitlines()) == len(paths)
    _audit(tmp_path)


def test_unlisted_are_the_archive_files_without_a_line(tmp_path: Path) -> None:
    enter(_file(tmp_path, "2026/11/24/a.warc.gz"))
    later = _file(tmp_path, "2026/11/24/b.warc.gz")
    elsewhere = _file(tmp_path, "imported/c.warc")
    for other in ("index.sqlite", "2026/11/24/d.warc.gz.part"):
        _file(tmp_path, other)
    assert unlisted(tmp_path) == [later, elsewhere]
