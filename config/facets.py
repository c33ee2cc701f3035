"""What else an article about a target can be about, and the words that show it."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from config.outlets import Strict, check_regex

_EACH = "%each%"
_VALUE = "%value%"
#: What stands for the words that are put in, when a cue is checked.
_WORDS = "(?:x)"
_LEFT = re.compile(r"%\w+%")
_TONE = "tone"


def _cue(cue: str) -> str:
    """A cue stands in a group with others, and %each% and %value% in it for words, which are not nothing."""
    check_regex(cue)
    try:
        compiled = re.compile(f"(?:{cue.replace(_EACH, _WORDS).replace(_VALUE, _WORDS)})")
    except re.error:
        raise ValueError(f"'{cue}' is an expression only by itself; leave out flags such as (?i)") from None
    if compiled.search(""):
        raise ValueError(f"'{cue}' matches where nothing stands; make a part of it necessary")
    return cue


Cue = Annotated[str, AfterValidator(_cue)]


class Facet(Strict):
    """One value of a kind, given where one of `cues` stands in the passage about a target of one of `topics`.

    Cues are expressions over normalised, lower-case text (see config.topics.Pattern), matched as whole words. With
    `each`, one value for each of those words, put in for %each%.
    """

    value: str
    label: str
    topics: Annotated[list[str], Field(min_length=1)]
    cues: Annotated[list[Cue], Field(min_length=1)]
    each: list[Annotated[str, Field(min_length=1)]] = []

    def expanded(self) -> list[Facet]:
        """The values, with nothing left to put in."""
        if not self.each:
            return [self]
        return [
            self.model_copy(
                update={
                    "value": self.value.replace(_EACH, word),
                    "label": self.label.replace(_EACH, word),
                    "cues": [cue.replace(_EACH, re.escape(word).replace(r"\ ", " ")) for cue in self.cues],
                    "each": [],
                }
            )
            for word in self.each
        ]


class Kind(Strict):
    """A kind of facet, such as service fields.

    `within` is where its words count: in the `passage` (headline, standfirst, the paragraphs that name a target with
    the lists that these open) or in the whole `article`. A kind `of` another has that one's values, each shown by one
    of `patterns` with its words put in for %value%.
    """

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    label: str
    within: Literal["passage", "article"] = "passage"
    of: str | None = None
    patterns: list[Cue] = []
    values: list[Facet] = []


def _check(cue: str, where: str) -> None:
    if left := _LEFT.search(cue):
        raise ValueError(f"{where}: nothing is put in for {left[0]}; write {_EACH} with `each`, or {_VALUE} with `of`")


class Tone(Strict):
    """What makes of a sentence about a target a proposal of criticism, and what makes it none."""

    criticism: Annotated[list[Cue], Field(min_length=1)]
    neutral: list[Cue] = []


class Facets(Strict):
    """All kinds of facets. `targets` names the target sense of each topic a facet refers to."""

    targets: dict[str, str]
    tone: Tone
    kinds: Annotated[list[Kind], Field(min_length=1)]

    def values(self, kind: Kind) -> list[Facet]:
        """The values of a kind, its own or those made of another's."""
        if kind.of is None:
            return [facet for given in kind.values for facet in given.expanded()]
        source = next(other for other in self.kinds if other.id == kind.of)
        return [
            facet.model_copy(
                update={"cues": [pattern.replace(_VALUE, f"(?:{'|'.join(facet.cues)})") for pattern in kind.patterns]}
            )
            for facet in self.values(source)
        ]

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        ids = [kind.id for kind in self.kinds]
        if double := next((name for name in ids if ids.count(name) > 1), None):
            raise ValueError(f"kind '{double}' is given twice; rename one")
        if _TONE in ids:
            raise ValueError(f"'{_TONE}' is what proposals of criticism are kept under; name the kind otherwise")
        own = {kind.id for kind in self.kinds if kind.of is None}
        for cue in (*self.tone.criticism, *self.tone.neutral):
            _check(cue, "tone")
        for kind in self.kinds:
            if kind.of is not None and (kind.of not in own or not kind.patterns or kind.values):
                raise ValueError(f"{kind.id}: `of` names a kind with values, and needs `patterns` instead of `values`")
            if kind.of is None and not kind.values:
                raise ValueError(f"{kind.id}: has no values")
            seen: set[str] = set()
            for facet in self.values(kind):
                if facet.value in seen:
                    raise ValueError(f"{kind.id}: '{facet.value}' is given twice; keep one")
                seen.add(facet.value)
                for cue in facet.cues:
                    _check(cue, f"{kind.id}: {facet.value}")
                for topic in facet.topics:
                    if topic not in self.targets:
                        raise ValueError(f"{facet.value}: topic '{topic}' is not among the targets")
        return self
