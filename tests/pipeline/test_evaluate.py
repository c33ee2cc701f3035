"""The evaluation's figures are those of the project's scoring script, and its bad input has a clear answer."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.evaluate.scores import names, score_extraction, score_mentions
from tests.conftest import diembao, diembao_json


def _rows(path: Path) -> list[dict[str, Any]]:
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def _script(press: Path, what: str, predictions: Path, gold: Path) -> Any:
    script = press.parent / "score" / "score.py"
    done = subprocess.run([sys.executable, script, what, predictions, gold], text=True, capture_output=True, check=True)
    return json.loads(done.stdout)


def _write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.mark.press
@pytest.mark.parametrize("name", ["genuine-articles", "fragments-2019-2020"])
def test_extraction_figures_and_predictions_agree_with_the_script(press: Path, tmp_path: Path, name: str) -> None:
    gold, written = press / f"{name}.gold.jsonl", tmp_path / "p.jsonl"
    files = ["--archive", str(press / f"{name}.warc.gz"), "--gold", str(gold)]
    ours = diembao_json("evaluate", "extraction", *files, "--predictions", str(written))
    assert ours.pop("pages_per_second") > 0
    assert isinstance(ours.pop("drift"), dict)
    assert ours == _script(press, "extraction", written, gold)
    assert (ours["f1"], ours["title"]) > (0.97, 0.99)


@pytest.mark.press
@pytest.mark.parametrize("name", ["cases.jsonl", "phrases.jsonl", "excerpts.jsonl"])
def test_mention_figures_and_predictions_agree_with_the_script(press: Path, tmp_path: Path, name: str) -> None:
    written = tmp_path / "p.jsonl"
    ours = diembao_json("evaluate", "mentions", "--articles", str(press / name), "--predictions", str(written))
    assert ours.pop("pages_per_second") > 0
    assert ours == _script(press, "mentions", written, press / name)


@pytest.mark.press
def test_story_figures_and_predictions_agree_with_the_script(press: Path, tmp_path: Path) -> None:
    written, gold = tmp_path / "p.jsonl", tmp_path / "gold.jsonl"
    packed = press / "stories.jsonl.gz"
    gold.write_bytes(gzip.decompress(packed.read_bytes()))
    ours = diembao_json("evaluate", "stories", "--articles", str(packed), "--predictions", str(written))
    assert ours.pop("articles_per_second") > 0
    assert ours == _script(press, "stories", written, gold)
    assert (ours["precision"], ours["recall"]) >= (0.99, 0.99)


@pytest.mark.press
def test_scores_agree_with_the_script_also_where_predictions_are_bad(press: Path, tmp_path: Path) -> None:
    gold = press / "fragments-2019-2020.gold.jsonl"
    pages = [
        {**row, "author": "PV", "published": None, "sapo": None, "title": row["title"].upper()} for row in _rows(gold)
    ]
    bad = _write(tmp_path / "bad.jsonl", pages[5:])
    assert score_extraction(pages[5:], _rows(gold)) == _script(press, "extraction", bad, gold)
    cases = press / "cases.jsonl"
    shuffled = [
        {
            "id": row["id"],
            "portal": n % 2 == 0,
            "portal_senses": ["national"],
            "nq68": ["other-68", "invented"][: n % 3],
        }
        for n, row in enumerate(_rows(cases))
    ]
    bad = _write(tmp_path / "cases.jsonl", shuffled[3:])
    assert score_mentions(shuffled[3:], _rows(cases)) == _script(press, "mentions", bad, cases)


@pytest.mark.parametrize(
    ("byline", "found"),
    [
        ("Theo TTXVN", set()),
        ("Nguyễn An - Trần Bình (TTXVN)", {"nguyễn an", "trần bình"}),
        ("Bài: Lê Chi và PV", {"lê chi"}),
        (None, set()),
    ],
)
def test_names_are_compared_without_roles_and_organisations(byline: str | None, found: set[str]) -> None:
    assert names(byline) == found


def test_errors_are_listed_with_their_sentence(tmp_path: Path) -> None:
    label = {"portal": False, "portal_senses": [], "nq68": ["nq68-2020"], "by": "read"}
    article = {"id": "x1", "title": "Tin", "paragraphs": ["Nộp hồ sơ trên Cổng Dịch vụ công quốc gia."], "label": label}
    done = diembao("evaluate", "mentions", "--articles", str(_write(tmp_path / "a.jsonl", [article])), "--errors")
    assert "x1 (labelled by read): portal: True instead of False" in done.stdout
    assert "nq68: [] instead of ['nq68-2020']" in done.stdout
    assert "Nộp hồ sơ trên Cổng Dịch vụ công quốc gia." in done.stdout


@pytest.mark.drill
@pytest.mark.parametrize(
    ("line", "says"),
    [("{half", "a.jsonl:1: not a JSON object"), ('{"id": 1}', "a.jsonl:1: has no 'title'"), ("[1]", "a.jsonl:1: ")],
)
def test_unusable_labels_are_named_by_file_and_line(tmp_path: Path, line: str, says: str) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(line + "\n", encoding="utf-8")
    assert says in diembao("evaluate", "mentions", "--articles", str(file), code=2).stderr
    assert "can't be read" in diembao("evaluate", "mentions", "--articles", str(tmp_path / "no"), code=2).stderr
