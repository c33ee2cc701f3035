"""One spelling for matching, with the way back to the text as stored."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

# Invisible characters seen in the outlets' feeds in 2026 (ZWSP: VOV, VnExpress); NBSP and U+202F are white space.
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_SINGLE = str.maketrans(dict.fromkeys(_DASHES, "-") | {"Ð": "Đ", "ð": "đ", "\u2019": "'", "\u2018": "'"})
_HIDDEN = re.compile(f"[{_INVISIBLE}]")
# A run that changes length: a letter with its combining marks, white space, invisible characters.
_RUN = re.compile(rf"[^\W_](?:[{_INVISIBLE}]*[\u0300-\u036f])+|[\s{_INVISIBLE}]*\s[\s{_INVISIBLE}]*|[{_INVISIBLE}]+")

# hoà -> hòa, khoẻ -> khỏe, uỷ -> ủy: only where the pair ends the syllable (hoàn, huỳnh stay), and never after q.
_LATE_TONE = re.compile(r"(?:(o)([àáảãạ])|(o)([èéẻẽẹ])|(?<!q)(u)([ỳýỷỹỵ]))(?!\w)", re.IGNORECASE)


def _earlier_tone(found: re.Match[str]) -> str:
    first, second = found[0][0], unicodedata.normalize("NFD", found[0][1])
    return unicodedata.normalize("NFC", first + second[1]) + second[0]


# The other way round, for names that are looked for in text not yet respelled.
_EARLY_TONE = re.compile(r"(?:([òóỏõọ])([ae])|(?<!q)([ùúủũụ])(y))(?!\w)")


def _later_tone(found: re.Match[str]) -> str:
    first, second = unicodedata.normalize("NFD", found[0][0]), found[0][1]
    return first[0] + unicodedata.normalize("NFC", second + first[1])


def _lower(text: str) -> str:
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def plain(text: str) -> str:
    """`text` as normalize() spells it, without the way back: for patterns and for the gate."""
    text = _HIDDEN.sub("", unicodedata.normalize("NFC", text))
    return _LATE_TONE.sub(_earlier_tone, _lower(" ".join(text.split()).translate(_SINGLE)))


#: What shows that lower case and plain spaces are not enough: other white space, invisible characters, the wrong Đ, and
#: the marks of decomposed Vietnamese letters.
ODD = (
    *("  ", "\t", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x1f", "\x85", "\xa0", "\u1680", "\u2000", "\u2001"),
    *("\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a", "\u2028", "\u2029"),
    *("\u202f", "\u205f", "\u3000", "ð", *_INVISIBLE, "\u2010", "\u2011", "\u2012", "\u2015", "\u2212"),
    *("\u0300", "\u0301", "\u0302", "\u0303", "\u0306", "\u0309", "\u031b", "\u0323"),
)


def rough(text: str) -> str:
    """`text` in NFC, lower case and single spaces: the cheapest spelling in which anchors can be looked for."""
    text = unicodedata.normalize("NFC", text).translate(_SINGLE).lower()
    return " ".join(_HIDDEN.sub("", text).split())


def spellings(name: str) -> set[str]:
    """`name` as it may stand in rough() and in normalize() text."""
    return {plain(name), _EARLY_TONE.sub(_later_tone, plain(name))}


def spelled(pattern: str) -> str:
    """A regular expression or name from the configuration in the spelling of normalize(); escapes keep their case."""
    return _LATE_TONE.sub(_earlier_tone, unicodedata.normalize("NFC", pattern).translate(_SINGLE))


@dataclass(frozen=True, slots=True)
class Normal:
    """One field: `lower` is what is matched; character i of it is stored[starts[i]:ends[i]].

    `cased` keeps the capitals, and '\\n' where a paragraph ends; both have the length of `lower`."""

    stored: str
    cased: str
    lower: str
    starts: list[int]
    ends: list[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets into `stored` of lower[start:end], which is not empty."""
        return self.starts[start], self.ends[end - 1]

    def find(self, offset: int) -> int:
        """The position in `lower` of the character that `stored` has at `offset`."""
        return bisect_right(self.starts, offset) - 1

    def paragraph(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of `lower` between line ends that holds start:end."""
        stop = self.cased.find("\n", end)
        return self.cased.rfind("\n", 0, start) + 1, len(self.cased) if stop < 0 else stop


def normalize(stored: str) -> Normal:
    """NFC, one space for any white space, '-' for any dash, early tone marks, lower case. O(len(stored))."""
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []

    def keep(begin: int, end: int) -> None:
        pieces.append(stored[begin:end])
        starts.extend(range(begin, end))
        ends.extend(range(begin + 1, end + 1))

    position = 0
    for run in _RUN.finditer(stored):
        begin, end = run.span()
        keep(position, begin)
        position = end
        if run[0].isspace() or any(c.isspace() for c in run[0]):
            replacement = "\n" if "\n" in run[0] else " "
        else:
            replacement = unicodedata.normalize("NFC", _HIDDEN.sub("", run[0]))
        pieces.append(replacement)
        starts.extend([begin] * len(replacement))
        ends.extend([end] * len(replacement))
    keep(position, len(stored))
    cased = "".join(pieces).translate(_SINGLE)
    lower = _LATE_TONE.sub(_earlier_tone, _lower(cased).replace("\n", " "))
    return Normal(stored, cased, lower, starts, ends)
