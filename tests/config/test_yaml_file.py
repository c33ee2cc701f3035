"""Wrong YAML is refused with file, line, column and remedy, and never read as something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import ConfigError
from config.outlets import Outlet
from config.plan import Plan
from config.yaml_file import read_model

GOOD = """\
id: bao_mau
name: Báo Mẫu
governing_body: Bộ Mẫu
kind: press
tier: ministry
domains:
  - {host: baomau.vn, when: "2020 to now"}
feeds:
  - {url: "https://baomau.vn/rss/home.rss", label: Trang chủ, verified: "seen alive 2026-09-04"}
  - {url: "https://baomau.vn/rss/kinh-te.rss"}
article_urls:
  - '^https://baomau\\.vn/[a-z0-9-]+-\\d{6}\\.html$'
volume: {floor: 5, ceiling: 50}
"""


def refusal(tmp_path: Path, text: str) -> list[str]:
    """The lines of the error that `text` gives, each without the folder."""
    path = tmp_path / "bao_mau.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        read_model(path, Outlet)
    return str(raised.value).replace(f"{tmp_path}/", "").splitlines()


def test_a_right_file_is_read_and_only_verified_addresses_are_on(tmp_path: Path) -> None:
    path = tmp_path / "bao_mau.yaml"
    path.write_text(GOOD, encoding="utf-8")
    outlet = read_model(path, Outlet)
    assert outlet.hosts == {"baomau.vn"}
    assert [feed.enabled for feed in outlet.feeds] == [True, False]
    assert outlet.core is None


@pytest.mark.parametrize(
    ("old", "new", "where", "words"),
    [
        ("to now\"}", "to now\"", ":8:1:", ["not valid YAML", "check the indentation"]),
        ("tier: ministry", "teir: ministry", ":5:7:", ["unknown key 'teir'", "correct its spelling"]),
        ("tier: ministry", "kind: own", ":5:1:", ["key 'kind' is given twice", "keep one"]),
        ("name: Báo Mẫu", "name: no", ":2:7:", ["'no' is read as a truth value", "quote it"]),
        ("floor: 5", "floor: 010", ":13:17:", ["'010' is read as an octal number", "drop the zero"]),
        ("floor: 5", "floor: 12:30", ":13:17:", ["'12:30' is read as a number to the base 60", "quote it"]),
        ("floor: 5", "floor: 51", ":13:30:", ["lies below the floor (51)", "exchange the two"]),
        ("floor: 5", "floor: many", ":13:17:", ["volume.floor", "valid integer"]),
        ("{6}", "{6}(", ":12:5:", ["article_urls.0: not a regular expression", "correct it"]),
        ("host: baomau.vn", "host: https://BaoMau.vn/", ":7:12:", ["write the host alone, in lower case"]),
        ("https://baomau.vn/rss/home.rss", "baomau.vn/rss/home.rss", ":9:11:", ["write a full address"]),
        ("tier: ministry", "tier: provincial", ":5:7:", ["tier", "'central', 'ministry' or 'local'"]),
        ("name: Báo Mẫu\n", "", ":1:1:", ["key 'name' is missing", "add it"]),
        ("name: Báo Mẫu", "name: Báo\x07Mẫu", ":2:10:", ["can't stand in a YAML file", "remove it"]),
        ("name: Báo Mẫu", "\tname: Báo Mẫu", ":2:1:", ["'\\t' that cannot start any token"]),
        ("name: Báo Mẫu", "name: *mau", ":2:7:", ["undefined alias 'mau'"]),
        ("name: Báo Mẫu", "name: !ten Báo Mẫu", ":2:7:", ["could not determine a constructor for the tag '!ten'"]),
        ("name: Báo Mẫu", "? [name]\n: Báo Mẫu", ":2:3:", ["a key is one word"]),
        ("floor: 5", "floor: !!int năm", ":1:1:", ["a tag (!!int) that its value does not fit"]),
        ("floor: 5", "floor: &a [*a]", ":1:1:", ["an alias (*name) within what it names"]),
    ],
    ids=[
        "syntax", "unknown key", "duplicate key", "no", "octal", "base 60", "floor over ceiling",
        "word for number", "regex", "host", "address", "choice", "missing key", "control character", "tab", "alias",
        "tag", "key", "number", "alias in itself",
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_file_line_column_and_remedy(
    tmp_path: Path, old: str, new: str, where: str, words: list[str]
) -> None:
    assert GOOD.count(old) == 1
    lines = refusal(tmp_path, GOOD.replace(old, new))
    at_place = [line for line in lines if line.startswith(f"bao_mau.yaml{where} ")]
    assert any(all(word in line for word in words) for line in at_place), lines


def test_every_mistake_is_listed_not_only_the_first(tmp_path: Path) -> None:
    text = GOOD.replace("kind: press", "kind: blog").replace("host: baomau.vn", "host: BaoMau.vn")
    places = [line.split(" ")[0] for line in refusal(tmp_path, text)]
    assert places == ["bao_mau.yaml:4:7:", "bao_mau.yaml:7:12:"]


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    with pytest.raises(ConfigError) as raised:
        read_model(path, Plan)
    assert str(raised.value) == f"{path}:1:1: file is missing; `diembao init DIR` writes a complete set"


@pytest.mark.parametrize("text", ["", "# only a comment\n"])
def test_an_empty_file_says_so(tmp_path: Path, text: str) -> None:
    (line,) = refusal(tmp_path, text)
    assert line == "bao_mau.yaml:1:1: file is empty; `diembao init DIR` writes a complete one"


def test_a_day_that_does_not_exist_is_named_at_its_place(tmp_path: Path) -> None:
    layout = "layouts:\n  - {id: old, title: h1, body: article, until: 2021-11-31}\n"
    assert refusal(tmp_path, GOOD + layout) == [
        "bao_mau.yaml:15:48: '2021-11-31' is not in the calendar; write an existing day, or quote it"
    ]


def test_a_quoted_no_stays_a_word(tmp_path: Path) -> None:
    path = tmp_path / "bao_mau.yaml"
    path.write_text(GOOD.replace("name: Báo Mẫu", 'name: "no"'), encoding="utf-8")
    assert read_model(path, Outlet).name == "no"


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bao_mau.yaml"
    path.write_bytes(GOOD.encode("utf-16"))
    with pytest.raises(ConfigError, match=r"bao_mau\.yaml:1:1: can't be read"):
        read_model(path, Outlet)
