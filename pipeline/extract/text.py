"""Text as the archive's pages print it, into text as we store it."""

from __future__ import annotations

import re
import unicodedata

# domain.md E.2: NBSP in VOV, VnEconomy and CafeF, U+202F in Tuổi Trẻ; zero-width characters in VOV and
# VnExpress.
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]|[\x00-\x08\x0e-\x1f\x7f]")
_WORD = re.compile(r"\w+")


def clean(text: str | None) -> str:
    """One line: NFC, invisible characters removed, every run of white space (NBSP too) one space."""
    if not text:
        return ""
    if not text.isascii():
        if _INVISIBLE.search(text):
            text = _INVISIBLE.sub("", text)
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)
    elif not text.isprintable():
        text = _INVISIBLE.sub("", text)
    return " ".join(text.split())


def words(text: str) -> list[str]:
    """The words without case, punctuation, white space and the form of their Unicode."""
    return _WORD.findall(unicodedata.normalize("NFC", text).lower())


def same_words(one: str, other: str) -> bool:
    """Equal but for punctuation, case and spaces."""
    return words(one) == words(other)


def starts_like(text: str, beginning: str) -> bool:
    """`beginning` (an excerpt, perhaps cut within its last word) opens `text`."""
    cut = words(beginning)[:-1]
    return len(cut) > 4 and words(text)[: len(cut)] == cut
