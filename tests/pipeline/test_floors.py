"""Accuracy on the shared press stays at or above the floors of floors.yaml."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
import subprocess
from functools import reduce
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml

from config.load import load_config
from config.outlets import Strict
from pipeline.evaluate.extraction import evaluate_extraction
from pipeline.evaluate.facets import evaluate_facets
from pipeline.evaluate.mentions import evaluate_mentions
from tests.conftest import ROOT

JOBS = min(2, os.cpu_count() or 1)


class Floor(Strict):
    """What a figure must reach from a day on; `why` where that is less than before."""

    since: dt.date
    floor: float
    why: str | None = None


class Pinned(Strict):
    """One evaluation. The keys of `floors` are paths into its figures."""

    evaluation: Literal["extraction", "mentions", "facets"]
    archive: str | None = None
    articles: str | None = None
    gold: str
    sha256: str
    layouts: bool = True
    floors: dict[str, list[Floor]]


PINNED = [Pinned.model_validate(row) for row in yaml.safe_load(Path(__file__).with_name("floors.yaml").read_bytes())]


def _name(pinned: Pinned) -> str:
    return pinned.gold.partition(".")[0] + ("" if pinned.layouts else " without layouts")


@pytest.mark.press
@pytest.mark.parametrize("pinned", PINNED, ids=_name)
def test_no_figure_is_below_its_floor(press: Path, pinned: Pinned) -> None:
    gold = _gold(press, pinned)
    found = hashlib.sha256(gold.read_bytes()).hexdigest()
    assert found == pinned.sha256, (
        f"{gold} has changed: measure again, and write its floors and sha256 into floors.yaml"
    )
    figures = _figures(press, pinned)
    assert figures.get("missing", 0) == 0
    measured = {path: reduce(dict.__getitem__, path.split("."), figures) for path in pinned.floors}
    below = {path: (measured[path], floors[-1].floor) for path, floors in pinned.floors.items()}
    below = {path: pair for path, pair in below.items() if pair[0] is None or pair[0] < pair[1]}
    assert not below, "(measured, floor); mend it, or lower the floor in floors.yaml and say why"


def test_no_floor_is_lowered_without_a_reason() -> None:
    for pinned in PINNED:
        for path, floors in pinned.floors.items():
            assert floors, f"{_name(pinned)}: {path}"
            for before, after in pairwise(floors):
                assert before.since <= after.since, f"{_name(pinned)}: {path}"
                assert before.floor <= after.floor or after.why, f"{_name(pinned)}: {path}: lowered without `why`"


def _gold(press: Path, pinned: Pinned) -> Path:
    """The press's labels lie beside it, ours in this repository."""
    return ROOT / pinned.gold if pinned.evaluation == "facets" else press / pinned.gold


def _figures(press: Path, pinned: Pinned) -> dict[str, Any]:
    config = load_config()
    if pinned.evaluation == "mentions":
        return evaluate_mentions(press / pinned.gold, config, JOBS, lambda _: None).figures
    if pinned.evaluation == "facets":
        gold = _gold(press, pinned)
        return evaluate_facets(press / (pinned.articles or ""), gold, config, lambda _: None).figures
    archive = press / (pinned.archive or "")
    return evaluate_extraction(archive, press / pinned.gold, config, JOBS, pinned.layouts, lambda _: None).figures


def test_no_floor_was_taken_back_since_it_was_committed() -> None:
    """Each list of floors begins with what any commit of this history had: entries are added, never changed."""
    file = Path(__file__).with_name("floors.yaml")
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("no history here")
    name = file.relative_to(ROOT).as_posix()
    commits = _git("log", "--format=%H", "--", name).split()
    now = {(_name(pinned), pinned.sha256, path): floors for pinned in PINNED for path, floors in pinned.floors.items()}
    for commit in commits:
        for row in yaml.safe_load(_git("show", f"{commit}:{name}")):
            then = Pinned.model_validate(row)
            for path, floors in then.floors.items():
                kept = now.get((_name(then), then.sha256, path), [])
                assert kept[: len(floors)] == floors, (
                    f"{_name(then)}: {path}: not as in {commit[:9]}; add an entry instead"
                )


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, text=True, capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"git can't tell the history here: {done.stderr.strip()}")
    return done.stdout
