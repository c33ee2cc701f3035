"""Which articles are one story."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from pipeline import stories
from pipeline.facts import body_hash
from pipeline.stories import StoryText, assign_stories, group_stories, text_row
from tests.conftest import first_of
from warehouse.database import new_warehouse
from warehouse.stories import load_texts

NOON = dt.datetime(2021, 7, 1, 12, tzinfo=dt.UTC)
WORDS = [f"từ{n}" for n in range(4000)]


def _text(seed: int, words: int = 200) -> list[str]:
    return random.Random(seed).choices(WORDS, k=words)


def _article(name: str, words: list[str], hours: float = 0) -> StoryText:
    body = " ".join(words)
    return StoryText(name, NOON + dt.timedelta(hours=hours), body_hash(body), body)


def _stories(*articles: StoryText) -> dict[str, str]:
    return dict(assign_stories(articles))


def test_one_alone_is_a_story_named_after_itself() -> None:
    assert _stories(_article("a", _text(1))) == {"a": "a"}


def test_same_text_is_one_story_whatever_the_time_between_and_is_named_after_the_earliest() -> None:
    late, early = _article("late", _text(1), hours=2000), _article("early", _text(1))
    other_print = StoryText("print", NOON, body_hash(late.body.upper() + "."), late.body.upper() + ".")
    assert _stories(late, early, other_print) == {"late": "early", "early": "early", "print": "early"}


def test_copy_with_a_cut_tail_or_another_lead_is_the_same_story_within_72_hours() -> None:
    text = _text(1)
    whole, cut, lead = _article("a", text), _article("b", text[:120], 10), _article("c", _text(9, 20) + text[5:], 71)
    assert set(_stories(whole, cut, lead).values()) == {"a"}
    assert _stories(whole, _article("b", text[:120], 73)) == {"a": "a", "b": "b"}


def test_pages_of_one_template_are_different_stories() -> None:
    first, second = _text(1), _text(1)
    for n in range(0, 200, 8):  # every eighth word is a figure of the day
        second[n] = "khác"
    assert _stories(_article("a", first), _article("b", second, 24)) == {"a": "a", "b": "b"}


def test_pages_without_text_and_very_short_ones_share_nothing() -> None:
    empty = [_article("a", []), _article("b", [])]
    short = [_article("c", ["Ảnh:", "TTXVN"]), _article("d", ["Ảnh:", "TTXVN", *_text(1)])]
    same = [_article("e", ["Xem", "video"]), _article("f", ["Xem", "video"], 1)]
    assert _stories(*empty, *short, *same) == {name: name for name in "abcdef"}


def test_order_does_not_matter() -> None:
    articles = [_article(str(n), _text(n // 3), n) for n in range(30)]
    shuffled = articles.copy()
    random.Random(1).shuffle(shuffled)
    assert _stories(*articles) == _stories(*shuffled)


def _sentences(seed: int, count: int = 12) -> list[str]:
    return [" ".join(_text(seed * 100 + n, 18)) + "." for n in range(count)]


def test_copy_with_paragraphs_dropped_moved_and_added_is_the_same_story() -> None:
    text = _sentences(3)
    other = _sentences(9, 3)
    copy = [other[0], *text[8:], *text[2:6], other[1]]
    first, second = _lines("a", text), _lines("b", copy, 20)
    assert _stories(first, second) == {"a": "a", "b": "a"}


def test_texts_that_quote_one_law_are_different_stories() -> None:
    law = _sentences(5, 9)
    texts = [_lines(name, [*_sentences(n, 3), *law], 40 * n) for n, name in enumerate("abcd", 20)]
    assert _stories(*texts) == {name: name for name in "abcd"}


def _lines(name: str, sentences: list[str], hours: float = 0) -> StoryText:
    body = "\n".join(sentences)
    return StoryText(name, NOON + dt.timedelta(hours=hours), body_hash(body), body)


def _press_of_a_month(chance: random.Random) -> list[StoryText]:
    """Reports, their copies (whole, cut, reordered, soon or weeks later), and a law that some of them quote."""
    law = _sentences(900, 7)
    found = []
    for n in range(40):
        text = [*_sentences(n, 6), *(law if n % 5 == 0 else [])]
        found.append(_lines(f"report-{n}", text, chance.uniform(0, 700)))
        for copy in range(chance.randrange(3)):
            kept = chance.sample(text, k=max(4, len(text) - 2))
            changed = text if chance.random() < 0.3 else kept + _sentences(5000 + 10 * n + copy, 1)
            hours = found[-1].counted_at + dt.timedelta(hours=chance.choice([1, 20, 60, 400]))
            body = "\n".join(changed)
            found.append(StoryText(f"copy-{n}-{copy}", hours, body_hash(body), body))
    return found


@pytest.mark.parametrize("seed", first_of(2, range(6)))
def test_night_by_night_in_any_order_the_stories_are_those_of_all_at_once(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    texts = _press_of_a_month(chance)
    at_once = assign_stories(texts)
    assert len({story for _, story in at_once}) not in (1, len(texts))
    monkeypatch.setattr(stories, "_STEP", 7)
    if seed % 2:
        texts.sort(key=lambda text: text.counted_at)
    else:
        chance.shuffle(texts)
    with new_warehouse() as connection:
        while texts:
            night = chance.randrange(1, 20)
            load_texts(connection, [text_row(text) for text in texts[:night]])
            del texts[:night]
            group_stories(connection)
        assert connection.execute("SELECT article_id, story_id FROM story_members ORDER BY ALL").fetchall() == at_once


def test_a_sentence_that_becomes_a_standing_one_parts_what_it_had_joined() -> None:
    law = _sentences(5, 9)
    first, second = _lines("a", [*_sentences(20, 3), *law]), _lines("b", [*_sentences(21, 3), *law], 20)
    with new_warehouse() as connection:
        load_texts(connection, [text_row(first), text_row(second)])
        group_stories(connection)
        held = "SELECT story_id FROM story_members ORDER BY article_id"
        assert connection.execute(held).fetchall() == [("a",), ("a",)]
        load_texts(connection, [text_row(_lines("c", [*_sentences(22, 3), *law], 200))])
        group_stories(connection)
        assert connection.execute(held).fetchall() == [("a",), ("b",), ("c",)]
