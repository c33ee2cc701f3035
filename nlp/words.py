"""Word segmentation, used for one thing only: to refuse a name that stops inside a word."""

from __future__ import annotations

from functools import lru_cache

# underthesea glues these to what precedes them ('công|quốc gia', 'công trực tuyến'): such a word proves nothing.
_QUALIFIERS = frozenset({"quốc gia", "quốc", "trực tuyến", "trực"})


@lru_cache(maxsize=256)
def _words(sentence: str) -> tuple[str, ...]:
    # Imported when the first candidate sentence needs it: it costs half a second and 90 MB.
    # Never called with fixed_words: in 9.5.0 they change every later call of the process.
    from underthesea import word_tokenize  # noqa: PLC0415

    return tuple(word_tokenize(sentence))


def cuts_a_word(sentence: str, offset: int) -> bool:
    """Whether a word of `sentence` begins before `offset` and ends after it.

    Words carry no offsets and may be respelled, so that non-space characters are counted (equal on 12,096 of
    12,096 paragraphs measured in November 2026)."""
    before = sum(not c.isspace() for c in sentence[:offset])
    count = 0
    for word in _words(sentence):
        size = sum(not c.isspace() for c in word)
        if count < before < count + size:
            tail = word.lower().split(" ", 1)
            return len(tail) > 1 and tail[1] not in _QUALIFIERS
        count += size
        if count >= before:
            return False
    return False
