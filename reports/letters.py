"""The characters that a PDF can show. Each of its fonts has them all, upright and slanted, light and bold: a test sets
every one in every font, so that no other font has to lend a letter."""

from __future__ import annotations

import unicodedata

#: Stands, visibly, for a character that the fonts lack: an emoji, a Chinese character.
BOX = "□"
#: What the press uses beside Vietnamese: the rest of Latin, Greek, Cyrillic, signs of currency and of measure.
_RANGES = (
    *((0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0x17F), (0x1A0, 0x1A1), (0x1AF, 0x1B0), (0x1CD, 0x1DC)),
    *((0x300, 0x30C), (0x323, 0x323), (0x391, 0x3A1), (0x3A3, 0x3CE), (0x401, 0x401), (0x410, 0x44F), (0x451, 0x451)),
    *((0x1EA0, 0x1EF9), (0x2010, 0x2022), (0x2026, 0x2026), (0x2030, 0x2030), (0x2032, 0x2033), (0x2039, 0x203A)),
    *((0x20AB, 0x20AC), (0x2116, 0x2116), (0x2122, 0x2122), (0x2190, 0x2195), (0x2212, 0x2212), (0x221E, 0x221E)),
    *((0x2248, 0x2248), (0x2260, 0x2260), (0x2264, 0x2265), (0x25A0, 0x25A1), (0x25CF, 0x25CF)),
)
KNOWN = frozenset(chr(code) for first, last in _RANGES for code in range(first, last + 1))


def shown(text: str) -> str:
    """`text` with a BOX for each character that is not KNOWN. Line ends stay; what is invisible goes."""
    # Letters and their marks are one character in the fonts; some outlets send them apart.
    composed = unicodedata.normalize("NFC", text)
    return "".join(_shown(character) for character in composed)


def _shown(character: str) -> str:
    if character == "\n" or character in KNOWN:
        return character
    if character.isspace() or unicodedata.category(character) == "Cc":
        return " "
    # Joiners, direction marks, and the selectors that follow an emoji.
    if unicodedata.category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f":
        return ""
    return BOX
