"""Where sentences end. underthesea's splitter breaks after '1.' and 'No.'; legal citations are full of these."""

from __future__ import annotations

import re
from bisect import bisect_right

# A full stop ends no sentence after a number that opens a line ("1. Một"), a single letter or these abbreviations.
_ABBREVIATION = re.compile(
    r"(?:(?:\A|\n)\s*\d{1,2}|\bno|\btp|\bts|\bths|\bpgs|\bgs|\bbs|\bmr|\bmrs|\bms|\bdr|\bst|\b[^\W\d_])\.$",
    re.IGNORECASE,
)
_STOP = re.compile(r"[.!?…]+[\"”»’')\]]*\s+(?=[\w\"“«‘'(\[*-])|\n")


def sentence_starts(cased: str) -> list[int]:
    """Offsets into `cased` at which a sentence begins, the first always 0. A line end ends a sentence."""
    starts = [0]
    for stop in _STOP.finditer(cased):
        if stop[0] != "\n" and cased[stop.end()].islower():
            continue
        if stop[0] == "\n" or not _ABBREVIATION.search(cased, max(0, stop.start() - 4), stop.start() + 1):
            starts.append(stop.end())
    return starts


def enclosing(starts: list[int], length: int, start: int, end: int) -> tuple[int, int]:
    """The stretch between two of `starts` that holds start:end; several sentences where the span runs over a break."""
    begin = starts[bisect_right(starts, start) - 1]
    after = bisect_right(starts, max(start, end - 1))
    return begin, starts[after] if after < len(starts) else length
