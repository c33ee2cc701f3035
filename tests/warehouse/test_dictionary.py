"""The dictionary is what the database says of itself, and it says something of everything."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from tests.conftest import ROOT
from warehouse.dictionary import dictionary
from warehouse.published import open_published


def test_the_dictionary_is_that_of_the_database(sample: Path) -> None:
    with closing(open_published(sample)) as connection:
        made = dictionary(connection)
    assert (ROOT / "docs" / "dictionary.md").read_text("utf-8") == made, "run: make run dictionary"


def test_everything_published_is_described(sample: Path) -> None:
    with closing(open_published(sample)) as connection:
        made = dictionary(connection)
    assert "|  |" not in made
    assert "\n\nNone.\n" not in made
