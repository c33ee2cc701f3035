"""Vietnamese written with the fonts of before Unicode: TCVN3 (ABC, ".VnTime") and VNI. Their pages hold Latin-1
characters that only the font made Vietnamese ("NghÞ quyÕt", "Nghò quyeát" for "Nghị quyết")."""

from __future__ import annotations

import re
import unicodedata

# The tables are those of the standards (TCVN 5712:1993, VN3; VNI for Windows), as in shared/domain.md E.15.
_TCVN3 = dict(
    zip(
        "µ¶·¸¹¨»¼½¾Æ©ÇÈÉÊËÌÎÏÐÑªÒÓÔÕÖ×ØÜÝÞßáâãä«åæçèé¬êëìíîïñòóô\u00adõö÷øùúûüýþ®¡¢£¤¥¦§",
        "àảãáạăằẳẵắặâầẩẫấậèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵđĂÂÊÔƠƯĐ",
        strict=True,
    )
)
# Marks behind a letter, and letters that stand alone; in capitals likewise.
_MARKS = {"aeouy": ("ùøûõï", "\u0301\u0300\u0309\u0303\u0323"), "ôö": ("ùøûõï", "\u0301\u0300\u0309\u0303\u0323")}
_ROOFED = dict(zip("âáàåãä", ("", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"), strict=True))
_BREVE = dict(zip("êéèúüë", ("", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"), strict=True))
_ALONE = {"ô": "ơ", "ö": "ư", "ñ": "đ", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "í": "í", "ì": "ì"}


def _vni() -> dict[str, str]:
    table = dict(_ALONE)
    for letters, (marks, tones) in _MARKS.items():
        for letter in letters:
            for mark, tone in zip(marks, tones, strict=True):
                table[letter + mark] = _ALONE.get(letter, letter) + tone
    for letter in "aeo":
        table |= {letter + mark: f"{letter}\u0302{tone}" for mark, tone in _ROOFED.items()}
    table |= {f"a{mark}": f"a\u0306{tone}" for mark, tone in _BREVE.items()}
    table |= {key.upper(): value.upper() for key, value in table.items()}
    table |= {key[0].upper() + key[1:]: value[0].upper() + value[1:] for key, value in table.items() if len(key) == 2}
    return {key: unicodedata.normalize("NFC", value) for key, value in table.items()}


_VNI = _vni()
_WORD = re.compile("[A-Za-z\u00a1-\u00ff\u0102-\u01b0\u1ea0-\u1ef9]+")
#: Letters that only Unicode's Vietnamese has.
_VIETNAMESE = re.compile("[\u0102\u0103\u0110\u0111\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9]")
_LATIN = re.compile("[\u00a1-\u00ff]")
_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0303\u0309\u0323"))
_SYLLABLE = re.compile(
    "(?:ngh|ng|nh|n|ch|c|gh|gi|g|kh|k|ph|p|qu|th|tr|t|b|d|đ|h|l|m|r|s|v|x)?"
    "(?:uye|uyê|ươi|uôi|iêu|yêu|oai|oay|uây|ươu|[aăâeêioôơuưy]{1,2})(?:ch|c|m|ng|nh|n|p|t)?"
)
_ENOUGH = 20  # words beyond ASCII
_SAMPLE = 400_000  # characters


def decoded(text: str) -> str | None:
    """The text in Unicode, where it is certain that it was written in one of the two; else None.

    Certain: of at least 20 words that are not ASCII, nine in ten become Vietnamese syllables, and few were before.
    """
    sample = text[:_SAMPLE]
    if _VIETNAMESE.search(sample):
        return None
    words = [word for word in _WORD.findall(sample) if not word.isascii()]
    if len(words) < _ENOUGH or _syllables(words) * 2 > len(words):
        return None
    for table in (_TCVN3, _VNI):
        if _syllables(_mapped(" ".join(words), table).split()) * 10 >= len(words) * 9:
            return _mapped(text, table)
    return None


def is_unicode(text: str) -> bool:
    """Whether there is nothing in the text to decode: a quick answer for a page that was read already."""
    return _VIETNAMESE.search(text) is not None or len(_LATIN.findall(text)) < _ENOUGH


def _mapped(text: str, table: dict[str, str]) -> str:
    codes = "|".join(sorted(map(re.escape, table), key=len, reverse=True))
    return re.sub(codes, lambda found: table[found[0]], text)


def _syllables(words: list[str]) -> int:
    return sum(_SYLLABLE.fullmatch(_toneless(word.lower())) is not None for word in words)


def _toneless(word: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", word).translate(_TONES))
