"""Which articles share a text. The same body is one story whatever the time between; near-copies join within 72 hours.

A near-copy is found by MinHash over word 5-shingles and decided by containment: how much of the shorter text stands in
the longer one, in shingles, so that a cut tail or an added lead still matches, or in whole sentences, so that a copy
with paragraphs dropped, moved and added does, while the pages of one template, whose sentences differ by a figure,
don't. Every article gets a story; one alone is a story.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rensa import RMinHash, RMinHashLSH

from pipeline.extract.text import words

_SHINGLE = 5
_PERMUTATIONS, _BANDS, _SEED = 128, 64, 815  # bands of 2: candidates from about 0.15 of common shingles on
_CONTAINED = 0.9  # pages made from one template share up to nine tenths (measured 0.89)
# Half of the shorter text in sentences of the longer one. Sentences of fewer words are common speech, and less shared
# text is a quotation.
_SENTENCES, _SENTENCE_WORDS, _QUOTED = 0.5, 8, 60
_MIN_WORDS = 15
_MIN_SHINGLES = 10  # a shorter text stands in many others by chance
_WINDOW = dt.timedelta(hours=72)
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”»’)]*\s+|\n")


@dataclass(frozen=True, slots=True)
class StoryText:
    """What clustering needs of an article."""

    article_id: str
    counted_at: dt.datetime
    body_hash: str
    body: str


def assign_stories(texts: Iterable[StoryText]) -> list[tuple[str, str]]:
    """Pairs of article and story; a story is named after its earliest article. The order given does not matter."""
    ordered = sorted(texts, key=lambda text: (text.counted_at, text.article_id))
    parent = list(range(len(ordered)))

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    def join(a: int, b: int) -> None:
        first, second = sorted((root(a), root(b)))
        parent[second] = first

    same: dict[str, int] = {}
    for n, text in enumerate(ordered):
        if len(text.body.split()) >= _MIN_WORDS:  # "Xem video" is no text to share
            join(same.setdefault(text.body_hash, n), n)
    for a, b in _near_copies(ordered):
        join(a, b)
    return [(text.article_id, ordered[root(n)].article_id) for n, text in enumerate(ordered)]


def _near_copies(ordered: Sequence[StoryText]) -> Iterable[tuple[int, int]]:
    index = RMinHashLSH(threshold=0.15, num_perm=_PERMUTATIONS, num_bands=_BANDS)
    shingles: list[frozenset[str]] = []
    sentences = _own_sentences(ordered)
    for n, text in enumerate(ordered):
        own = _shingles(text.body)
        shingles.append(own)
        sketch = RMinHash(num_perm=_PERMUTATIONS, seed=_SEED)
        sketch.update(sorted(own))
        for other in index.query(sketch):
            close = text.counted_at - ordered[other].counted_at <= _WINDOW
            if not close or text.body_hash == ordered[other].body_hash:
                continue
            if _contained(own, shingles[other]) or _retold(sentences[n], sentences[other]):
                yield other, n
        index.insert(n, sketch)


def _contained(a: frozenset[str], b: frozenset[str]) -> bool:
    shorter = min(len(a), len(b))
    return shorter >= _MIN_SHINGLES and len(a & b) / shorter >= _CONTAINED


def _retold(a: dict[str, int], b: dict[str, int]) -> bool:
    """Whether half of the shorter text, by words, is sentences of the other."""
    shorter = min(sum(a.values()), sum(b.values()))
    shared = sum(size for sentence, size in a.items() if sentence in b)
    return shared >= max(_QUOTED, _SENTENCES * shorter)


def _own_sentences(ordered: Sequence[StoryText]) -> list[dict[str, int]]:
    """The sentences of each text, each with its number of words, without those that other texts hold at other times:
    laws, forms and a paper's standing phrases are no news."""
    found = [_sentences(text.body) for text in ordered]
    printed: defaultdict[str, list[int]] = defaultdict(list)
    for n, sentences in enumerate(found):
        for sentence in sentences:
            printed[sentence].append(n)
    return [
        {sentence: size for sentence, size in sentences.items() if not _is_standing(printed[sentence], n, ordered)}
        for n, sentences in enumerate(found)
    ]


def _is_standing(places: Sequence[int], n: int, ordered: Sequence[StoryText]) -> bool:
    here = ordered[n]
    far = {ordered[p].body_hash for p in places if abs(ordered[p].counted_at - here.counted_at) > _WINDOW}
    return len(far - {here.body_hash}) > 0


def _sentences(body: str) -> dict[str, int]:
    """The sentences long enough to be somebody's own, each with its number of words."""
    found = (words(sentence) for sentence in _SENTENCE_END.split(body))
    return {" ".join(said): len(said) for said in found if len(said) >= _SENTENCE_WORDS}


def _shingles(body: str) -> frozenset[str]:
    said = words(body)
    return frozenset(" ".join(said[n : n + _SHINGLE]) for n in range(max(1, len(said) - _SHINGLE + 1)))
