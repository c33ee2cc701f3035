"""The topics of the configuration, made ready for matching."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from config.topics import Cue, Form, Reach, Sense, Topic, Topics
from nlp.normalize import ODD, plain, spelled, spellings


@dataclass(frozen=True, slots=True)
class Finder:
    """One form of a name. `sense` is what it can only mean, None where the context decides."""

    form: Form
    regex: re.Pattern[str]
    sense: str | None
    leans: dict[str, float]
    bounded: bool


@dataclass(frozen=True, slots=True)
class CompiledCue:
    sense: str
    regex: re.Pattern[str]
    weight: float
    within: Reach


@dataclass(frozen=True, slots=True)
class Back:
    """A short name of `sense`, over text with its capitals."""

    sense: str
    regex: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class CompiledTopic:
    topic: Topic
    finders: tuple[Finder, ...]
    backs: tuple[Back, ...]
    near: tuple[re.Pattern[str], ...]
    cues: tuple[CompiledCue, ...]
    apposition: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class CompiledTopics:
    """`gate` finds all anchors in one pass; `owners[i]` is the position of the topic that anchor i belongs to. `sieve`
    is for text that was only put into lower case: its patterns behind the anchors say that this is not enough."""

    topics: tuple[CompiledTopic, ...]
    gate: AhoCorasick
    sieve: AhoCorasick
    owners: tuple[int, ...]
    other_documents: re.Pattern[str]
    reach: dict[Reach, float]


def compile_topics(topics: Topics) -> CompiledTopics:
    """Once per process: some hundred expressions take a few hundred milliseconds."""
    anchors = [
        (spelling, at)
        for at, topic in enumerate(topics.topics)
        for anchor in topic.anchors
        for spelling in sorted(spellings(anchor))
    ]
    return CompiledTopics(
        topics=tuple(_compile(topic) for topic in topics.topics),
        gate=AhoCorasick([anchor for anchor, _ in anchors]),
        sieve=AhoCorasick([*(anchor for anchor, _ in anchors), *ODD]),
        owners=tuple(owner for _, owner in anchors),
        other_documents=re.compile(spelled(topics.other_documents)),
        reach=dict(topics.reach),
    )


def _compile(topic: Topic) -> CompiledTopic:
    def regex(pattern: str) -> re.Pattern[str]:
        return re.compile(spelled(topic.expand(pattern)))

    def cue(sense: Sense, given: Cue) -> CompiledCue:
        return CompiledCue(sense.id, regex(given.pattern), given.weight, given.within)

    def finders(of: Topic | Sense, sense: str | None) -> Iterator[Finder]:
        for name in [*of.names, *of.abbreviations]:
            yield Finder(
                "name", re.compile(rf"(?<!\w){re.escape(plain(name))}(?!\w)"), sense, {}, bounded=sense is None
            )
        for address in of.addresses if isinstance(of, Sense) else []:
            yield Finder("address", _address(address), sense, {}, bounded=False)
        for given in of.patterns:
            bounded = sense is None and given.form == "name"
            yield Finder(given.form, regex(given.pattern), sense, dict(given.leans), bounded)

    return CompiledTopic(
        topic=topic,
        finders=(
            *finders(topic, None),
            *(finder for sense in topic.senses for finder in finders(sense, sense.id)),
        ),
        backs=tuple(
            Back(sense.id, re.compile(spelled(topic.expand(pattern))))
            for sense in topic.senses
            for pattern in sense.back
        ),
        near=tuple(regex(pattern) for pattern in topic.near),
        cues=tuple(cue(sense, given) for sense in topic.senses for given in sense.cues),
        apposition=regex(topic.apposition),
    )


def _address(host: str) -> re.Pattern[str]:
    """`host` and its subdomains, also with a space after a dot as the press prints it ('dichvucong. gov.vn').

    Not a longer host: 'dichvucong.gov.vn.example.com' and 'xdichvucong.gov.vn' are how forgeries look."""
    dotted = r"\. ?".join(re.escape(label) for label in host.lower().split("."))
    return re.compile(rf"(?<![\w.@-])(?:[a-z0-9-]+\.)*{dotted}(?![\w-]|\.[a-z])")
