"""What is said elsewhere, and how it is spelled, changes no meaning."""

from __future__ import annotations

import datetime as dt
import unicodedata
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from config.clock import VIETNAM
from config.load import PACKAGED
from config.topics import Topics
from config.yaml_file import read_model
from nlp.find import find_mentions
from nlp.mention import ArticleText
from nlp.topics import compile_topics
from tests.nlp.test_traps import TRAPS, Trap

TOPICS = compile_topics(read_model(PACKAGED / "topics.yaml", Topics))
TITLES = yaml.safe_load((Path(__file__).parents[2] / "samples" / "expected.yaml").read_text(encoding="utf-8"))[
    "articles"
]
#: Headlines of the sample that name no topic: football, weather, markets.
UNRELATED = [row["title"] for row in TITLES if not row["portal"] and not row["nq68"] and "68" not in row["title"]]


def _senses(trap: Trap, body: str) -> list[tuple[str, str]]:
    day = dt.datetime.combine(trap.day, dt.time(8), VIETNAM) if trap.day else None
    return [(m.topic, m.sense) for m in find_mentions(ArticleText(None, None, body, None, day), TOPICS)]


@settings(max_examples=250, deadline=None)
@given(
    trap=st.sampled_from(TRAPS),
    before=st.lists(st.sampled_from(UNRELATED), max_size=3),
    after=st.lists(st.sampled_from(UNRELATED), max_size=3),
)
def test_unrelated_paragraphs_change_no_sense(trap: Trap, before: list[str], after: list[str]) -> None:
    assert _senses(trap, "\n".join([*before, trap.text, *after])) == _senses(trap, trap.text)


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.why)
@pytest.mark.parametrize(
    "spell",
    [
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: text.replace(" ", "\u00a0"),
        lambda text: text.replace(" ", "  "),
        lambda text: text.replace("-", "\u2013"),
    ],
    ids=["decomposed", "no-break spaces", "double spaces", "long dashes"],
)
def test_spelling_changes_no_sense(trap: Trap, spell: object) -> None:
    assert callable(spell)
    assert _senses(trap, spell(trap.text)) == _senses(trap, trap.text)
