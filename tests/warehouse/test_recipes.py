"""Every question of the cookbook can be asked, and says what it asks."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import diembao
from warehouse.published import open_published
from warehouse.recipes import Recipe, recipes


def test_there_are_at_least_25_and_their_numbers_go_on() -> None:
    assert [recipe.number for recipe in recipes()] == list(range(1, len(recipes()) + 1))
    assert len(recipes()) >= 25
    assert all(recipe.question.endswith("?") for recipe in recipes())
    assert len({recipe.question for recipe in recipes()}) == len(recipes())


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.number)
def test_a_question_is_answered(sample: Path, recipe: Recipe) -> None:
    with closing(open_published(sample)) as connection:
        answer = connection.execute(recipe.sql)
        assert answer.description
        answer.fetchall()


def test_diacritics_are_not_needed_and_a_name_typed_without_them_is_found(sample: Path) -> None:
    (recipe,) = [recipe for recipe in recipes() if "topic_texts" in recipe.sql]
    with closing(open_published(sample)) as connection:
        assert len(connection.execute(recipe.sql).fetchall()) > 10


def test_the_command_lists_shows_and_asks(sample: Path) -> None:
    at = ("--data", str(sample))
    listed = diembao("cookbook", *at).stdout
    assert all(recipe.question in listed for recipe in recipes())
    assert json.loads(diembao("cookbook", "1", "--json", *at).stdout)[0]["month"] == "2021-06"
    assert "there are 1 to" in diembao("cookbook", "99", *at, code=2).stderr
