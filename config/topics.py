"""What is watched: each topic's names, the real things a name can mean, and what tells these apart."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.outlets import Regex, Strict

Form = Literal["number", "name", "address", "phrase"]
Reach = Literal["citation", "sentence", "paragraph", "article"]
Id = Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]

_PART = re.compile(r"%([a-z_]+)%")


class Pattern(Strict):
    """A form of a name as a regular expression over normalised, lower-case text (white space is one space, dashes
    are '-'). The group `m`, where there is one, is the mention; otherwise all of the match is. `leans` adds weight
    to senses that the form itself favours (or, negative, speaks against)."""

    form: Form
    pattern: Regex
    leans: dict[str, float] = Field(default_factory=dict)


class Cue(Strict):
    """Words that speak for a sense. `weight` is in log-odds; `within` is the farthest they may stand from the
    mention: `citation` (beside it, before another document is named), its sentence, its paragraph, the article."""

    pattern: Regex
    weight: float = 3.0
    within: Reach = "article"


class Prior(Strict):
    """What publication between two dates (both included) says for a sense, in log-odds. Never a veto."""

    since: dt.date | None = None
    until: dt.date | None = None
    weight: float


class Sense(Strict):
    """One real thing that the topic's names can mean. Names, addresses and patterns listed here mean it alone.

    `back` are short names that mean it once it has been named, with their capitals ("Cổng").
    `date` is the date of the document; `other_dates` marks the sense that any other full date points to."""

    id: Id
    label: str
    description: str
    date: dt.date | None = None
    other_dates: bool = False
    names: list[str] = Field(default_factory=list)
    abbreviations: list[str] = Field(default_factory=list)
    addresses: list[str] = Field(default_factory=list)
    patterns: list[Pattern] = Field(default_factory=list)
    back: list[Regex] = Field(default_factory=list)
    cues: list[Cue] = Field(default_factory=list)
    prior: list[Prior] = Field(default_factory=list)


class Topic(Strict):
    """One thing watched. `anchors`: each mention holds, or has nearby, one of these strings; an article without any
    is not read further. Names, abbreviations and patterns listed here can mean several senses. `near` names never
    count; with a group `m` it is that part. `parts` are pieces of expressions, used as %part%. `apposition` is what
    may stand between two names of one thing. `doubt` is the weight of `undecided`, taken whenever no sense reaches
    `threshold`."""

    id: Id
    name: str
    target: Id
    undecided: Id
    threshold: float = Field(ge=0, le=1)
    doubt: float = 1.0
    one_sense_per_article: bool = False
    anchors: Annotated[list[str], Field(min_length=1)]
    parts: dict[str, Regex] = Field(default_factory=dict)
    names: list[str] = Field(default_factory=list)
    abbreviations: list[str] = Field(default_factory=list)
    patterns: list[Pattern] = Field(default_factory=list)
    near: list[Regex] = Field(default_factory=list)
    apposition: Regex = r"[\s(:,\"]*"
    senses: Annotated[list[Sense], Field(min_length=2)]

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        known = [sense.id for sense in self.senses]
        if len(set(known)) < len(known):
            raise ValueError("two senses have the same id")
        for which in (self.target, self.undecided):
            if which not in known:
                raise ValueError(f"'{which}' is not among the senses; add it or correct its spelling")
        patterns = [*self.patterns, *(pattern for sense in self.senses for pattern in sense.patterns)]
        for sense in {sense for pattern in patterns for sense in pattern.leans}:
            if sense not in known:
                raise ValueError(f"leans: '{sense}' is not among the senses")
        cues = [cue.pattern for sense in self.senses for cue in sense.cues]
        backs = [pattern for sense in self.senses for pattern in sense.back]
        for pattern in [*(pattern.pattern for pattern in patterns), *cues, *backs, *self.near]:
            if self._compiled(pattern).search(""):
                raise ValueError(f"'{pattern}' matches where nothing stands; make a part of it necessary")
        self._compiled(self.apposition)
        if not all(anchor.strip() for anchor in self.anchors):
            raise ValueError("anchors: one is empty, and would be in every article; remove it")
        return self

    def _compiled(self, pattern: str) -> re.Pattern[str]:
        try:
            return re.compile(self.expand(pattern))
        except re.error as error:
            raise ValueError(f"'{pattern}': {error} once its parts are put in") from None
        except KeyError as error:
            raise ValueError(f"'{pattern}': no part {error}; `parts` has {', '.join(self.parts)}") from None

    def expand(self, pattern: str) -> str:
        """`pattern` with each %part% put in. Raises KeyError for an unknown one, ValueError for one within itself."""
        for _ in range(len(self.parts) + 1):
            if not _PART.search(pattern):
                return pattern
            pattern = _PART.sub(lambda found: f"(?:{self.parts[found[1]]})", pattern)
        raise ValueError(f"'{pattern[:60]}…': one of its parts holds itself")


class Topics(Strict):
    """All topics. `other_documents` finds where another document is cited: what follows it is not said of ours.
    `reach` is the share of a cue's weight that is left at each distance."""

    other_documents: Regex
    reach: dict[Reach, float]
    topics: Annotated[list[Topic], Field(min_length=1)]

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        ids = [topic.id for topic in self.topics]
        if len(set(ids)) < len(ids):
            raise ValueError("two topics have the same id")
        return self
