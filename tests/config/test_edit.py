"""An outlet's file is edited in one value, and not a byte beside it changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from config.edit import EditError, set_verified, write_outlet
from config.load import PACKAGED
from config.outlets import Outlet
from config.yaml_file import read_model
from tests.conftest import first_of

FILES = sorted((PACKAGED / "outlets").glob("*.yaml"))
PROOF = 'diembao outlets check: alive, 30 items, "newest" 24/11/2026: ok # mới, on 2026-11-25'

HEAD = """id: bao  # chú thích
name: Báo
governing_body: Không
kind: press
tier: central
domains:
  - {host: a.vn}
article_urls: ['^https://a\\.vn/\\d+$']
"""


def _outlet(path: Path, sources: str, newline: str = "\n") -> Path:
    path.write_bytes((HEAD + sources).replace("\n", newline).encode())
    return path


def _verified(path: Path) -> dict[str, str | None]:
    return {source.url: source.verified for _, source in read_model(path, Outlet).sources}


@pytest.mark.parametrize("file", first_of(12, FILES), ids=lambda file: file.stem)
def test_any_address_of_any_packaged_file_can_be_verified_and_all_else_stays(file: Path, tmp_path: Path) -> None:
    original = file.read_text("utf-8")
    copy = tmp_path / file.name
    for _, source in read_model(file, Outlet).sources:
        copy.write_text(original, "utf-8")
        set_verified(copy, {source.url: PROOF})
        edited = copy.read_text("utf-8")
        new = json.dumps(PROOF, ensure_ascii=False)
        assert edited.count(new) == 1
        if source.verified is None:
            assert edited.replace(f", verified: {new}", "") == original
        else:
            assert edited.replace(new, json.dumps(source.verified, ensure_ascii=False)) == original
        expected = yaml.safe_load(original)
        for entry in [*expected.get("feeds", []), *expected.get("sitemaps", []), *expected.get("sections", [])]:
            if entry["url"] == source.url:
                entry["verified"] = PROOF
        assert yaml.safe_load(edited) == expected
    assert not list(tmp_path.glob(".*"))


def test_all_addresses_of_a_file_can_be_verified_at_once(tmp_path: Path) -> None:
    for file in FILES:
        copy = tmp_path / file.name
        copy.write_bytes(file.read_bytes())
        urls = [source.url for _, source in read_model(file, Outlet).sources]
        set_verified(copy, dict.fromkeys(urls, PROOF))
        assert _verified(copy) == dict.fromkeys(urls, PROOF)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('feeds:\n  - url: "https://a.vn/r"\n', 'feeds:\n  - url: "https://a.vn/r"\n    verified: NEW\n'),
        (
            "feeds:\n- url: https://a.vn/r  # cũ\n  label: Tin  # E1\n# hết\n",
            "feeds:\n- url: https://a.vn/r  # cũ\n  label: Tin  # E1\n  verified: NEW\n# hết\n",
        ),
        ("feeds:\n  - url: https://a.vn/r", "feeds:\n  - url: https://a.vn/r\n    verified: NEW"),
        (
            "feeds:\n  - url: https://a.vn/r\n    label: >-\n      Tin\n      mới\n\nnotes: x\n",
            "feeds:\n  - url: https://a.vn/r\n    label: >-\n      Tin\n      mới\n    verified: NEW\n\nnotes: x\n",
        ),
        (
            "feeds:\n  - url: https://a.vn/r\n    verified: >-\n      E1,\n      cũ\n    label: Tin\n",
            "feeds:\n  - url: https://a.vn/r\n    verified: NEW\n    label: Tin\n",
        ),
        (
            "feeds:\n  - url: https://a.vn/r\n    verified:\n    label: Tin\n",
            "feeds:\n  - url: https://a.vn/r\n    verified: NEW\n    label: Tin\n",
        ),
        (
            "feeds:\n  - &r {url: 'https://a.vn/r'}\nsitemaps:\n  - *r\n",
            "feeds:\n  - &r {url: 'https://a.vn/r', verified: NEW}\nsitemaps:\n  - *r\n",
        ),
        ("feeds: [{url: 'https://a.vn/r', }]\n", "feeds: [{url: 'https://a.vn/r', verified: NEW, }]\n"),
        (
            'sections:\n  - {url: "https://a.vn/r",\n     label: Tin  # cũ\n    }\n',
            'sections:\n  - {url: "https://a.vn/r",\n     label: Tin, verified: NEW  # cũ\n    }\n',
        ),
        (
            "feeds:\n  - {url: 'https://a.vn/r', verified: 'E1: it''s'}\n",
            "feeds:\n  - {url: 'https://a.vn/r', verified: NEW}\n",
        ),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_way_of_writing_a_source_is_kept(before: str, after: str, newline: str, tmp_path: Path) -> None:
    file = _outlet(tmp_path / "bao.yaml", before, newline)
    set_verified(file, {"https://a.vn/r": "mới"})
    wanted = (HEAD + after).replace("NEW", '"mới"').replace("\n", newline)
    assert file.read_bytes().decode() == wanted
    assert _verified(file) == {"https://a.vn/r": "mới"}


@pytest.mark.parametrize(
    "sources",
    [
        "feeds:\n  - {<<: {url: 'https://a.vn/r'}}\n",  # an address merged in from elsewhere
        "feeds:\n  - {url: 'https://a.vn/other'}\n",  # the address is not there
        "feeds:\n  - {label: &v x, url: 'https://a.vn/r', verified: *v}\n",  # a value written elsewhere
    ],
)
def test_what_cannot_be_edited_for_certain_is_left_as_it_is_and_said(sources: str, tmp_path: Path) -> None:
    file = _outlet(tmp_path / "bao.yaml", sources)
    before = file.read_bytes()
    with pytest.raises(EditError, match=r"bao\.yaml.*by hand: https://a\.vn/r: verified: mới"):
        set_verified(file, {"https://a.vn/r": "mới"})
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def test_file_that_would_not_load_is_never_written(tmp_path: Path) -> None:
    file = _outlet(tmp_path / "bao.yaml", "feeds:\n  - {url: 'https://a.vn/r'}\nunknown: 1\n")
    before = file.read_bytes()
    with pytest.raises(EditError, match="unknown key 'unknown'"):
        set_verified(file, {"https://a.vn/r": "mới"})
    assert file.read_bytes() == before
    with pytest.raises(EditError, match="would not load"):
        write_outlet(tmp_path / "new.yaml", HEAD + "volume: 3\n")
    assert list(tmp_path.iterdir()) == [file]


def test_link_and_mode_of_a_file_are_kept(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real = _outlet(tmp_path / "real" / "bao.yaml", "feeds:\n  - {url: 'https://a.vn/r'}\n")
    real.chmod(0o640)
    link = tmp_path / "bao.yaml"
    link.symlink_to(real)
    set_verified(link, {"https://a.vn/r": "mới"})
    assert link.is_symlink()
    assert _verified(real) == {"https://a.vn/r": "mới"}
    assert real.stat().st_mode & 0o777 == 0o640


def test_outlet_that_exists_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "outlets" / "bao.yaml"
    assert write_outlet(file, HEAD).id == "bao"
    with pytest.raises(EditError, match="exists already"):
        write_outlet(file, HEAD + "notes: other\n")
    assert file.read_text("utf-8") == HEAD
