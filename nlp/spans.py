"""Spans of normalised text that name a topic, before their sense is decided."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nlp.normalize import Normal
from nlp.sentences import enclosing
from nlp.topics import CompiledTopic, Finder
from nlp.words import cuts_a_word

# Longer than any name with what its patterns look at on either side.
_MARGIN = 200
_MENTION = "m"


@dataclass(frozen=True, slots=True)
class Span:
    """start:end in the normalised text of one field. `short`: a name that only refers back to a full one."""

    start: int
    end: int
    finder: Finder
    short: bool = False


def find_spans(
    topic: CompiledTopic, normal: Normal, anchors: Iterable[tuple[int, int]], starts: list[int]
) -> list[Span]:
    """The spans of `topic` around its `anchors`, in order, none overlapping another; of two, the longer one stays."""
    found: list[Span] = []
    near: list[tuple[int, int]] = []
    for begin, end in _windows(normal.lower, anchors):
        found += [
            Span(match.start(group), match.end(group), finder)
            for finder in topic.finders
            for match in finder.regex.finditer(normal.lower, begin, end)
            for group in [_MENTION if _MENTION in finder.regex.groupindex else 0]
        ]
        near += [
            match.span(_MENTION if _MENTION in pattern.groupindex else 0)
            for pattern in topic.near
            for match in pattern.finditer(normal.lower, begin, end)
        ]
    hidden = {at for begin, end in near for at in range(begin, end)}
    allowed = (s for s in found if s.end > s.start and not hidden.issuperset(range(s.start, s.end)))
    return [s for s in _longest(allowed) if not (s.finder.bounded and _cut(normal, starts, s))]


def _windows(text: str, anchors: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Stretches around the anchors, cut at white space so that no word is cut, merged where they meet."""
    begin = end = -1
    for at, until in sorted(anchors):
        left = max(0, text.rfind(" ", 0, max(0, at - _MARGIN)))
        right = text.find(" ", min(len(text), until + _MARGIN))
        right = len(text) if right < 0 else right
        if left <= end:
            end = max(end, right)
            continue
        if end >= 0:
            yield begin, end
        begin, end = left, right
    if end >= 0:
        yield begin, end


def _longest(spans: Iterable[Span]) -> list[Span]:
    """Of overlapping spans the longest, then the one that means one thing only, then the first listed."""
    kept: list[Span] = []
    taken: set[int] = set()
    for span in sorted(spans, key=lambda s: (s.start - s.end, s.finder.sense is None, s.start)):
        if taken.isdisjoint(range(span.start, span.end)):
            kept.append(span)
            taken.update(range(span.start, span.end))
    return sorted(kept, key=lambda s: s.start)


def _cut(normal: Normal, starts: list[int], span: Span) -> bool:
    """Whether segmentation says that the last word of the span goes on ('dịch vụ công|nghệ')."""
    if not re.match(r" [^\W\d_]", normal.lower[span.end : span.end + 2]):
        return False
    begin, end = enclosing(starts, len(normal.cased), span.start, span.end)
    return cuts_a_word(normal.cased[begin:end].replace("\n", " "), span.end - begin)
