"""What is kept of a text so that its near-copies are found without reading it again: a sketch and its sentences."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from rensa import RMinHash

from pipeline.extract.text import words

_SHINGLE = 5
#: MinHash bands of 2: candidates from about 0.15 of common shingles on.
_PERMUTATIONS, _ROWS, _SEED = 128, 2, 815
#: A shorter text ("Xem video", a caption) shares nothing.
_MIN_WORDS = 15
#: Sentences of fewer words are common speech.
_SENTENCE_WORDS = 8
_CONTAINED = 0.9  # pages made from one template share up to nine tenths (measured 0.89)
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”»’)]*\s+|\n")


@dataclass(frozen=True, slots=True)
class Likeness:
    """`bands`: texts that have one in common may be near-copies. `sentences`: digests of the sentences long enough to
    be somebody's own, each with its number of words."""

    bands: list[int]
    sentences: dict[int, int]

    def row(self) -> dict[str, Any]:
        """Its columns in rows.CAPTURES and rows.TEXTS."""
        sentences = [{"sentence": sentence, "words": said} for sentence, said in self.sentences.items()]
        return {"bands": self.bands, "sentences": sentences}


def likeness(body: str) -> Likeness | None:
    """None of a text too short to share."""
    said = words(body)
    if len(said) < _MIN_WORDS:
        return None
    sketch = RMinHash(num_perm=_PERMUTATIONS, seed=_SEED)
    sketch.update(sorted(_of_words(said)))
    minima = sketch.digest()
    bands = [_digest(f"{n}:{minima[n : n + _ROWS]}", 4) for n in range(0, _PERMUTATIONS, _ROWS)]
    sentences = (words(sentence) for sentence in _SENTENCE_END.split(body))
    return Likeness(
        bands, {_digest(" ".join(told), 8): len(told) for told in sentences if len(told) >= _SENTENCE_WORDS}
    )


def shingles(body: str) -> frozenset[str]:
    """Its sequences of five words."""
    return _of_words(words(body))


def contained(a: frozenset[str], b: frozenset[str]) -> bool:
    """Whether the shorter text stands in the longer one but for a lead, a tail, or some words: by their shingles."""
    return len(a & b) >= _CONTAINED * min(len(a), len(b))


def _of_words(said: list[str]) -> frozenset[str]:
    return frozenset(" ".join(said[n : n + _SHINGLE]) for n in range(max(1, len(said) - _SHINGLE + 1)))


def _digest(text: str, size: int) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=size).digest(), "big")
