"""Text as the archive's pages print it, into text as we store it."""

from __future__ import annotations

import re
import unicodedata

# domain.md E.2: NBSP in VOV, VnEconomy and CafeF, U+202F in Tuổi Trẻ; zero-width characters in VOV and VnExpress.
# Beside them what Unicode calls default-ignorable formatting, controls, and surrogates, which no file can hold (JSON
# spells them "\\ud800").
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
    "|[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]|[\ud800-\udfff]"
)
SPACES = re.compile("  +")
_WORD = re.compile(r"\w+")


def clean(text: str | None) -> str:
    """One line: NFC, invisible characters removed, every run of white space (NBSP too) one space."""
    if not text:
        return ""
    # Replacements take a quarter of the time of a split at white space; what they leave is seen to below.
    line = text.replace("\n", " ").replace("\r", " ").replace("\t", " ").replace("\xa0", " ")
    if "  " in line:
        line = SPACES.sub(" ", line)
    line = line.strip()
    if not line.isprintable():  # which invisible characters and all other white space are not
        line = " ".join(_INVISIBLE.sub("", line).split())
    return line if line.isascii() or unicodedata.is_normalized("NFC", line) else unicodedata.normalize("NFC", line)


def words(text: str) -> list[str]:
    """The words without case, punctuation, white space and the form of their Unicode."""
    return _WORD.findall(unicodedata.normalize("NFC", text).lower())


def same_words(one: str, other: str) -> bool:
    """Equal but for punctuation, case and spaces."""
    first, second = _WORD.search(one), _WORD.search(other)
    if first and second and first[0].lower() != second[0].lower():  # as most do, and the rest takes a while
        return False
    return words(one) == words(other)


def starts_like(text: str, beginning: str) -> bool:
    """`beginning` (an excerpt, perhaps cut within its last word) opens `text`."""
    cut = words(beginning)[:-1]
    return len(cut) > 4 and words(text)[: len(cut)] == cut
