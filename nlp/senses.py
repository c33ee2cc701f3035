"""Which real thing a span names: evidence is added up in log-odds, and doubt has its own weight.

Order of strength: the citation itself, the article's other citations, words around it, the date of publication.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from config.topics import Reach, Sense
from nlp.dates import CitedDate, dates
from nlp.normalize import Normal
from nlp.sentences import enclosing
from nlp.spans import Span
from nlp.topics import CompiledCue, CompiledTopic, CompiledTopics

# Log-odds. A date beside the number all but decides; a misprinted year (1/7/2020 for 1/7/2021 was printed by several
# papers in 2021) or a missing one leaves room for the words around it.
_SAME_DATE, _SAME_DAY, _OTHER_DATE = 8.0, 4.0, 4.0
_SAME_DOCUMENT = 4.0
_EXPLICIT = 4.0
# From here on the date of publication has no say against the text: one strong cue and a hint.
_TEXT_SPEAKS = 3.6
_UNBORN = 0.5
# A hint or two that speak for another document.
_RIVAL = 2.0
_CITATION_BEFORE, _CITATION_AFTER = 90, 110
# Some pages keep a whole article in one paragraph: what stands farther away counts as said in the article.
_PARAGRAPH = 800
# Between a date and the number behind it, so that the date is the document's and not an event's.
_BETWEEN_DATE_AND_NUMBER = re.compile(
    r"[\s,(]{0,3}|(?:[^.;\d]|\bno\.){0,60}?"
    r"(?:ban hành|ký|thông qua|phê duyệt|ra đời|issu|adopt|promulgat|approv|ratif|sign|pass)"
    r"(?:[^.;\d]|\bno\.){0,40}"
)
_BETWEEN_NUMBER_AND_DATE = re.compile(r"(?:[^.;\d]|\bno\.){0,45}?(?:ngày|dated|of|on|issued|\()? ?\(?$")


@dataclass(frozen=True, slots=True)
class Place:
    """A span with what surrounds it; `order` is the field's place in the article."""

    order: int
    normal: Normal
    starts: list[int]
    span: Span

    def sentence(self) -> tuple[int, int]:
        return enclosing(self.starts, len(self.normal.lower), self.span.start, self.span.end)


@dataclass(frozen=True, slots=True)
class Verdict:
    sense: str
    confidence: float
    reason: str


@dataclass(slots=True)
class _Evidence:
    """Weights and their reasons for one span, by sense."""

    weights: dict[str, float] = field(default_factory=dict)
    #: The weights before the date of publication had its say.
    said: dict[str, float] = field(default_factory=dict)
    reasons: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    explicit: set[str] = field(default_factory=set)

    def add(self, sense: str, weight: float, reason: str, explicit: bool = False) -> None:
        self.weights[sense] = self.weights.get(sense, 0.0) + weight
        self.reasons.setdefault(sense, []).append((weight, reason))
        if explicit and weight >= _EXPLICIT:
            self.explicit.add(sense)


@dataclass(slots=True)
class _ArticleCues:
    """The first words of each cue anywhere in the article, looked for once however many mentions ask."""

    fields: Sequence[str]
    known: dict[CompiledCue, str | None] = field(default_factory=dict)

    def first(self, cue: CompiledCue) -> str | None:
        if cue not in self.known:
            self.known[cue] = next((m[0] for text in self.fields if (m := cue.regex.search(text))), None)
        return self.known[cue]


def decide(
    topic: CompiledTopic,
    places: Sequence[Place],
    fields: Sequence[str],
    published: dt.date | None,
    rules: CompiledTopics,
) -> list[Verdict]:
    """One verdict for each of `places` (all of one topic, in reading order); `fields` are all texts, normalised."""
    fixed = [_fixed(place) for place in places]
    beside = [None if fixed[i] else _beside(topic, places, i) for i in range(len(places))]
    article = _ArticleCues(fields)
    evidence = [
        None if fixed[i] or beside[i] else _evidence(topic, place, _neighbours(places, i), article, published, rules)
        for i, place in enumerate(places)
    ]
    named = {v.sense for v in [*fixed, *beside] if v}
    for found in evidence:
        if found and len(found.explicit) == 1:
            named |= found.explicit
    one = next(iter(named)) if topic.topic.one_sense_per_article and len(named) == 1 else None
    # Words that speak for another document somewhere in the article: it tells of two, and cites one of them.
    if one and any(weight >= _RIVAL for f in evidence if f for sense, weight in f.said.items() if sense != one):
        one = None
    verdicts = []
    for i, found in enumerate(evidence):
        if found is None:
            verdicts.append(fixed[i] or beside[i] or Verdict(topic.topic.undecided, 1.0, ""))
            continue
        if one and one not in found.explicit:
            found.add(
                one,
                _SAME_DOCUMENT,
                "the article cites this document, and no other of the number, by its symbol or date",
            )
        verdicts.append(_weigh(topic, found))
    return verdicts


def _fixed(place: Place) -> Verdict | None:
    finder = place.span.finder
    if finder.sense is None:
        return None
    words = place.normal.lower[place.span.start : place.span.end]
    confidence = 0.9 if finder.form == "phrase" else 0.98
    return Verdict(finder.sense, confidence, f"“{words}” has this meaning only")


def _beside(topic: CompiledTopic, places: Sequence[Place], i: int) -> Verdict | None:
    """An open name next to a name of one meaning, with only an apposition between them ('... tại địa chỉ: ...')."""
    here = places[i]
    for other in (places[i + 1] if i + 1 < len(places) else None, places[i - 1] if i else None):
        if other is None or other.normal is not here.normal or other.span.finder.sense is None:
            continue
        first, second = sorted((here.span, other.span), key=lambda s: s.start)
        if topic.apposition.fullmatch(here.normal.lower, first.end, second.start):
            words = other.normal.lower[other.span.start : other.span.end]
            return Verdict(other.span.finder.sense, 0.92, f"named together with “{words}”")
    return None


def _evidence(
    topic: CompiledTopic,
    place: Place,
    neighbours: Sequence[Span],
    article: _ArticleCues,
    published: dt.date | None,
    rules: CompiledTopics,
) -> _Evidence:
    found = _Evidence()
    text, span = place.normal.lower, place.span
    stretch = _segment(place, neighbours)
    for sense, weight in span.finder.leans.items():
        form = text[span.start : span.end]
        found.add(sense, weight, f"the form “{form}” speaks for it", explicit=True)
    begin, end = _citation(text, span, stretch, rules)
    for cited, weight, sense in _cited(topic.topic.senses, dates(text, begin, end), text, span, published):
        written = text[cited.start : cited.end]
        found.add(sense, weight, f"cited with the date {written}", explicit=True)
    unborn = {s.id for s in topic.topic.senses if s.date and published and published < s.date}
    _add_cues(topic, place, [("citation", (begin, end)), ("sentence", stretch)], article, rules.reach, unborn, found)
    found.said = dict(found.weights)
    if published:
        _add_prior(topic.topic.senses, published, found)
    return found


def _add_prior(senses: Sequence[Sense], published: dt.date, found: _Evidence) -> None:
    """What the date of publication says; it is silent where the text speaks for another sense."""
    said = found.said
    loudest = max((s.id for s in senses), key=lambda sense: said.get(sense, 0.0))
    text_speaks = said.get(loudest, 0.0) >= _TEXT_SPEAKS
    day = f"{published.day}/{published.month}/{published.year}"
    for sense in senses:
        for prior in sense.prior:
            against = (prior.weight > 0) != (sense.id == loudest)
            if (prior.since or dt.date.min) <= published <= (prior.until or dt.date.max) and not (
                text_speaks and against
            ):
                found.add(sense.id, prior.weight, f"published on {day}, when the press mostly meant this one")


def _neighbours(places: Sequence[Place], i: int) -> list[Span]:
    """The spans of the topic right before and after, in the same field."""
    around = [places[n] for n in (i - 1, i + 1) if 0 <= n < len(places)]
    return [other.span for other in around if other.normal is places[i].normal]


def _segment(place: Place, neighbours: Sequence[Span]) -> tuple[int, int]:
    """The sentence, or the part of it that is said of this span alone: two documents of one number may stand in it."""
    begin, end = place.sentence()
    for other in neighbours:
        if other.end <= place.span.start:
            begin = max(begin, other.end)
        elif other.start >= place.span.end:
            end = min(end, other.start)
    return begin, end


def _citation(text: str, span: Span, segment: tuple[int, int], rules: CompiledTopics) -> tuple[int, int]:
    """The words beside the span: its sentence at most, and no further than the next document cited there."""
    begin, end = max(segment[0], span.start - _CITATION_BEFORE), min(segment[1], span.end + _CITATION_AFTER)
    for other in rules.other_documents.finditer(text, begin, end):
        if other.end() <= span.start:
            begin = other.end()
        elif other.start() >= span.end:
            return begin, other.start()
    return begin, end


def _cited(
    senses: Sequence[Sense], found: Sequence[CitedDate], text: str, span: Span, published: dt.date | None
) -> list[tuple[CitedDate, float, str]]:
    """The date that belongs to the span, with what it says: the one right after it, else the last before it."""
    after = [d for d in found if d.start >= span.end and _BETWEEN_NUMBER_AND_DATE.fullmatch(text, span.end, d.start)]
    before = [d for d in found if d.end <= span.start and _BETWEEN_DATE_AND_NUMBER.fullmatch(text, d.end, span.start)]
    for date in [*after[:1], *before[-1:]]:
        same_day = [s for s in senses if s.date and (s.date.day, s.date.month) == (date.day, date.month)]
        exact = [s for s in same_day if s.date and s.date.year == date.year]
        if exact:
            return [(date, _SAME_DATE, sense.id) for sense in exact]
        if date.year is None and published:  # "hôm nay 1/7" of a year before the document is another day
            same_day = [s for s in same_day if s.date and s.date <= published]
        if same_day:
            return [(date, _SAME_DAY, sense.id) for sense in same_day]
        if date.year and date in after:
            return [(date, _OTHER_DATE, sense.id) for sense in senses if sense.other_dates]
    return []


def _add_cues(
    topic: CompiledTopic,
    place: Place,
    beside: Sequence[tuple[Reach, tuple[int, int]]],
    article: _ArticleCues,
    reach: Mapping[Reach, float],
    unborn: set[str],
    found: _Evidence,
) -> None:
    """`unborn` are the senses of later than the article: what stands far off speaks for them with half its voice, as it
    may mean anything; what stands near with all of it, since dates of articles are wrong at times."""
    text, span = place.normal.lower, place.span
    paragraph = _near(span, place.normal.paragraph(span.start, span.end))
    stretches = [(scope, _near(span, stretch)) for scope, stretch in beside] + [("paragraph", paragraph)]
    for cue in topic.cues:
        scope: Reach
        words: str | None = None
        for scope, stretch in stretches:
            match = cue.regex.search(text, *stretch)
            words = match[0] if match else None
            if words or scope == cue.within:
                break
        else:
            scope, words = "article", article.first(cue)
        if words:
            where = "beside it" if scope == "citation" else f"in the {scope}"
            share = reach[scope] * (_UNBORN if scope == "article" and cue.sense in unborn else 1)
            found.add(cue.sense, cue.weight * share, f"“{words}” stands {where}", explicit=scope == "citation")


def _near(span: Span, stretch: tuple[int, int]) -> tuple[int, int]:
    return max(stretch[0], span.start - _PARAGRAPH), min(stretch[1], span.end + _PARAGRAPH)


def _weigh(topic: CompiledTopic, found: _Evidence) -> Verdict:
    weights = {s.id: found.weights.get(s.id, 0.0) for s in topic.topic.senses if s.id != topic.topic.undecided}
    odds = {sense: math.exp(weight) for sense, weight in weights.items()}
    total = sum(odds.values()) + math.exp(topic.topic.doubt)
    ranked = sorted(odds, key=lambda sense: odds[sense], reverse=True)
    best = ranked[0]
    confidence = odds[best] / total
    if confidence < topic.topic.threshold:
        rivals = " and ".join(s for s in ranked[:2] if weights[s] > 0)
        why = f"evidence for {rivals} is not enough" if rivals else "nothing in the text tells which one is meant"
        return Verdict(topic.topic.undecided, round(1 - confidence, 3), why)
    reasons = sorted(found.reasons.get(best, []), key=lambda r: -r[0])
    return Verdict(best, round(confidence, 3), "; ".join(reason for _, reason in reasons[:3]))
