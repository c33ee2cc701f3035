"""What else an article is about, where it is about a target."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from config.facets import Facet as Rule
from config.facets import Facets
from nlp.mention import ArticleText, Facet, Field, Mention
from nlp.normalize import Normal, normalize, spelled


@dataclass(frozen=True, slots=True)
class _Place:
    """A stretch of one field in which a rule's words count."""

    field: Field
    normal: Normal
    begin: int
    end: int


@lru_cache(maxsize=512)
def _cue(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{spelled(pattern)})(?!\w)")


def tag_facets(text: ArticleText, mentions: Sequence[Mention], facets: Facets) -> list[Facet]:
    """At most one facet for each value, with the first words that show it. None without a target mention."""
    targets = [m for m in mentions if facets.targets.get(m.topic) == m.sense]
    if not targets:
        return []
    normals = {name: normalize(stored) for name, stored in text.fields()}
    found = []
    for kind in facets.kinds:
        for rule in kind.values:
            places = list(_places(rule, targets, normals))
            evidence = _first(rule.cues, places)
            if evidence:
                place, match = evidence
                start, end = place.normal.span(*match.span())
                found.append(Facet(kind.id, rule.value, place.field, start, end, place.normal.stored[start:end]))
    return found


def _places(rule: Rule, targets: Sequence[Mention], normals: dict[Field, Normal]) -> Iterator[_Place]:
    seen: set[tuple[Field, int]] = set()
    for mention in targets:
        if mention.topic in rule.topics:
            normal = normals[mention.field]
            start, end = normal.find(mention.start), normal.find(mention.end - 1) + 1
            begin, stop = normal.paragraph(start, end)
            if (mention.field, begin) not in seen:
                seen.add((mention.field, begin))
                yield _Place(mention.field, normal, begin, stop)


def _first(cues: Sequence[str], places: Sequence[_Place]) -> tuple[_Place, re.Match[str]] | None:
    for place in places:
        matches = [m for cue in cues if (m := _cue(cue).search(place.normal.lower, place.begin, place.end))]
        if matches:
            return place, min(matches, key=lambda m: m.start())
    return None
