"""The types that cross from nlp to other rooms: what it reads, and what it finds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

Field = Literal["title", "sapo", "body", "caption"]
Form = Literal["number", "name", "address", "phrase"]


@dataclass(frozen=True, slots=True)
class ArticleText:
    """The text of one article as stored (paragraphs and captions joined by '\\n'); None where the page has none."""

    title: str | None
    sapo: str | None
    body: str | None
    caption: str | None
    published: dt.datetime | None

    def fields(self) -> list[tuple[Field, str]]:
        """The fields that hold text, in reading order."""
        parts: list[tuple[Field, str | None]] = [
            ("title", self.title),
            ("sapo", self.sapo),
            ("body", self.body),
            ("caption", self.caption),
        ]
        return [(name, text) for name, text in parts if text]


@dataclass(frozen=True, slots=True)
class Mention:
    """One span that names a topic.

    `start` and `end` are 0-based code points into `field` as stored, end exclusive: text[start:end] == surface.
    `sentence` is the sentence that holds the span, as stored; `occurrence` numbers the mentions of the same topic
    within that sentence text from 0 (a decision is keyed by article, topic, sentence and occurrence).
    `confidence` is in [0, 1]; `reason` says in an analyst's words why the sense was chosen.
    """

    topic: str
    sense: str
    form: Form
    field: Field
    start: int
    end: int
    surface: str
    sentence: str
    occurrence: int
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class Facet:
    """What else an article is about: `kind` (activity, service, ...) and `value`, with the span that shows it."""

    kind: str
    value: str
    field: Field
    start: int
    end: int
    surface: str
