"""A cue is checked where it is written: for itself, in a group, and with words in place of what is put in."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from config.facets import Facet, Kind


@pytest.mark.parametrize(
    ("cue", "says"),
    [
        ("a|b?", "matches where nothing stands"),
        ("%each%?", "matches where nothing stands"),
        ("a|%each%*", "matches where nothing stands"),
        ("a)|(b", "not a regular expression"),
        ("(a", "not a regular expression"),
        ("(?i)a", "an expression only by itself"),
    ],
)
def test_a_cue_that_can_not_stand_with_others_is_refused(cue: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Facet(value="v", label="V", topics=["portal"], cues=[cue], each=["x"])


@pytest.mark.parametrize("pattern", ["%value%?", "%value%*", "%value%{0,2}", "theo|%value%?"])
def test_a_pattern_that_matches_without_its_value_is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError, match="matches where nothing stands"):
        Kind(id="quoted", label="Q", of="agency", patterns=[pattern])


def test_cues_with_words_to_put_in_are_expanded_with_them() -> None:
    facet = Facet(
        value="so_%each%", label="Sở %each%", topics=["portal"], cues=["sở %each%(?:,|$)"], each=["y tế", "c.a"]
    )
    assert [(found.value, found.cues) for found in facet.expanded()] == [
        ("so_y tế", ["sở y tế(?:,|$)"]),
        ("so_c.a", [r"sở c\.a(?:,|$)"]),
    ]
