"""Finds the mentions of all topics in one article."""

from __future__ import annotations

from collections import defaultdict

from nlp.back import refer_back
from nlp.mention import ArticleText, Field, Mention
from nlp.normalize import Normal, normalize, rough
from nlp.senses import Place, Verdict, decide
from nlp.sentences import sentence_starts
from nlp.spans import find_spans
from nlp.topics import CompiledTopic, CompiledTopics

Found = tuple[Place, CompiledTopic, Verdict]


def find_mentions(text: ArticleText, topics: CompiledTopics) -> list[Mention]:
    """The mentions of `text`, by field in reading order, then by start. Time grows with the length of the text.

    An article without an anchor of any topic costs one pass of plain string work."""
    fields = text.fields()
    if not any(may_name(stored, topics) for _, stored in fields):
        return []
    normals = [normalize(stored) for _, stored in fields]
    starts = [sentence_starts(normal.cased) for normal in normals]
    places: dict[int, list[Place]] = defaultdict(list)
    for order, normal in enumerate(normals):
        anchors: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for anchor, begin, end in topics.gate.find_matches_as_indexes(normal.lower, overlapping=True):
            anchors[topics.owners[anchor]].append((begin, end))
        for owner in sorted(anchors):
            for span in find_spans(topics.topics[owner], normal, anchors[owner], starts[order]):
                places[owner].append(Place(order, normal, starts[order], span))
    published = text.published.date() if text.published else None
    lowers = [normal.lower for normal in normals]
    found: list[Found] = []
    for owner, of_topic in places.items():
        topic = topics.topics[owner]
        named = list(zip(of_topic, decide(topic, of_topic, lowers, published, topics), strict=True))
        named += refer_back(topic, list(named), normals, starts)
        found += [(place, topic, verdict) for place, verdict in named]
    found = _without_glosses(found)
    found.sort(key=lambda one: (one[0].order, one[0].span.start))
    return _mentions(found, [name for name, _ in fields])


def may_name(stored: str, topics: CompiledTopics) -> bool:
    """Whether the text holds an anchor of any topic, in whatever spelling."""
    # One pass answers for nearly all texts; the others are spelled out first.
    found = topics.sieve.find_matches_as_indexes(stored.lower().replace("\n", " "))
    if any(pattern < len(topics.owners) for pattern, _, _ in found):
        return True
    return bool(found) and bool(topics.gate.find_matches_as_indexes(rough(stored)))


def _without_glosses(found: list[Found]) -> list[Found]:
    """Without the phrases that only explain a number standing in the same sentence."""

    def said(one: Found) -> tuple[int, tuple[int, int], str, str]:
        place, topic, verdict = one
        return place.order, place.sentence(), topic.topic.id, verdict.sense

    named = {said(one) for one in found if one[0].span.finder.form != "phrase"}
    return [one for one in found if one[0].span.finder.form != "phrase" or said(one) not in named]


def _mentions(found: list[Found], names: list[Field]) -> list[Mention]:
    counts: dict[tuple[str, str], int] = defaultdict(int)
    mentions = []
    # Full names are numbered first: whether a short one counts depends on what stands elsewhere.
    for place, topic, verdict in sorted(found, key=lambda one: one[0].span.short):
        normal: Normal = place.normal
        start, end = normal.span(place.span.start, place.span.end)
        sentence = normal.stored[slice(*normal.span(*place.sentence()))].strip()
        key = (topic.topic.id, sentence)
        mentions.append(
            Mention(
                topic=topic.topic.id,
                sense=verdict.sense,
                form=place.span.finder.form,
                field=names[place.order],
                start=start,
                end=end,
                surface=normal.stored[start:end],
                sentence=sentence,
                occurrence=counts[key],
                confidence=verdict.confidence,
                reason=verdict.reason,
            )
        )
        counts[key] += 1
    return sorted(mentions, key=lambda mention: (names.index(mention.field), mention.start))
