"""What else an article is about, where it is about a target."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from config.facets import Facets
from nlp.mention import ArticleText, Facet, Field, Mention
from nlp.normalize import Normal, normalize, plain, spelled

# A paragraph that ends so opens the list below it, of so many items at most.
_OPENS = ":"
_ITEM = re.compile(r"\s*(?:[-+*•–]|\d{1,2}[.)]|[a-zđ][.)]|bước \d|step \d)")
_ITEMS = 12


@dataclass(frozen=True, slots=True)
class Rule:
    """One value and what shows it."""

    kind: str
    value: str
    topics: frozenset[str]
    regex: re.Pattern[str]
    whole_article: bool


@dataclass(frozen=True, slots=True)
class CompiledFacets:
    """`targets` is the target sense of each topic. A sentence with `criticism` and nothing `neutral` is proposed."""

    targets: dict[str, str]
    rules: tuple[Rule, ...]
    criticism: re.Pattern[str]
    neutral: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Place:
    """A stretch of one field in which a rule's words count."""

    field: Field
    normal: Normal
    begin: int
    end: int


def compile_facets(facets: Facets) -> CompiledFacets:
    """Once per process."""
    rules = (
        Rule(
            kind.id,
            facet.value,
            frozenset(facet.topics),
            _any_of(facet.cues),
            kind.within == "article",
        )
        for kind in facets.kinds
        for facet in facets.values(kind)
    )
    tone = facets.tone
    # Where nothing is neutral nothing matches.
    neutral = _any_of(tone.neutral) if tone.neutral else re.compile(r"(?!)")
    return CompiledFacets(dict(facets.targets), tuple(rules), _any_of(tone.criticism), neutral)


def _any_of(cues: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(spelled, cues))})(?!\w)")


def tag_facets(text: ArticleText, mentions: Sequence[Mention], facets: CompiledFacets) -> list[Facet]:
    """At most one facet for each value, with the first words that show it.

    Around the mentions of targets; in an article without one around all mentions: a person may yet make one of them a
    target, and only then does anybody count the facets."""
    found = [mention for mention in mentions if mention.topic in facets.targets]
    targets = [mention for mention in found if facets.targets[mention.topic] == mention.sense] or found
    normals = {name: normalize(stored) for name, stored in text.fields()}
    everything = [_Place(name, normal, 0, len(normal.lower)) for name, normal in normals.items()]
    passages = {topic: list(_passage(topic, targets, normals)) for topic in {mention.topic for mention in targets}}
    tagged = []
    for rule in facets.rules:
        topics = sorted(rule.topics & passages.keys())
        places = everything if rule.whole_article and topics else [place for it in topics for place in passages[it]]
        for place in places:
            if match := rule.regex.search(place.normal.lower, place.begin, place.end):
                start, end = place.normal.span(*match.span())
                tagged.append(Facet(rule.kind, rule.value, place.field, start, end, place.normal.stored[start:end]))
                break
    return tagged


def propose_tones(mentions: Sequence[Mention], facets: CompiledFacets) -> Iterator[Mention]:
    """Of each sentence that names a target and may carry criticism of it, the first mention."""
    seen: set[tuple[str, str]] = set()
    for mention in mentions:
        key = (mention.topic, mention.sentence)
        if facets.targets.get(mention.topic) != mention.sense or key in seen:
            continue
        seen.add(key)
        sentence = plain(mention.sentence)
        if facets.criticism.search(sentence) and not facets.neutral.search(sentence):
            yield mention


def _passage(topic: str, targets: Sequence[Mention], normals: dict[Field, Normal]) -> Iterator[_Place]:
    """Headline, standfirst (or the first paragraph, where there is none), and what names the target."""
    for name in ("title", "sapo"):
        if normal := normals.get(name):
            yield _Place(name, normal, 0, len(normal.lower))
    seen: set[tuple[Field, int]] = set()
    if "sapo" not in normals and (body := normals.get("body")):
        yield _Place("body", body, *body.paragraph(0, 0))
    for mention in targets:
        if mention.topic != topic or mention.field in ("title", "sapo"):
            continue
        normal = normals[mention.field]
        begin, end = normal.paragraph(normal.find(mention.start), normal.find(mention.end - 1) + 1)
        if (mention.field, begin) not in seen:
            seen.add((mention.field, begin))
            yield _Place(mention.field, normal, begin, _with_list(normal, end))


def _with_list(normal: Normal, end: int) -> int:
    """Where the list ends that the paragraph ending at `end` opens; `end`, where it opens none."""
    if not normal.lower[:end].rstrip().endswith(_OPENS):
        return end
    for _ in range(_ITEMS):
        begin = end + 1
        if begin >= len(normal.lower) or not _ITEM.match(normal.lower, begin):
            break
        end = normal.paragraph(begin, begin)[1]
    return end
