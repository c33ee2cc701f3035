"""The trap set: what a keyword query gets wrong, a sentence a kind."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml

from config.clock import VIETNAM
from config.outlets import Strict
from nlp.find import find_mentions
from nlp.mention import ArticleText
from nlp.topics import CompiledTopics


class Trap(Strict):
    """A sentence, the senses that must be found in it, and why it is a trap."""

    text: str
    portal: tuple[str, ...] = ()
    nq68: tuple[str, ...] = ()
    day: dt.date | None = None
    why: str


TRAPS = [Trap.model_validate(row) for row in yaml.safe_load(Path(__file__).with_name("traps.yaml").read_bytes())]


def test_there_are_a_hundred_and_no_two_are_alike() -> None:
    assert len({(trap.text, trap.day) for trap in TRAPS}) == len(TRAPS) >= 100
    assert all(trap.why for trap in TRAPS)


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.why)
def test_trap(topics: CompiledTopics, trap: Trap) -> None:
    day = dt.datetime.combine(trap.day, dt.time(8), VIETNAM) if trap.day else None
    found = find_mentions(ArticleText(None, None, trap.text, None, day), topics)
    senses = {topic: sorted({m.sense for m in found if m.topic == topic}) for topic in ("portal", "nq68")}
    assert senses == {"portal": sorted(trap.portal), "nq68": sorted(trap.nq68)}, [(m.surface, m.reason) for m in found]
