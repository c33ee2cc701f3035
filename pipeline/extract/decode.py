"""Bytes to characters. A page's own word on its charset is only a hint: feeds and pages are known to lie
(utf-16 for UTF-8 at VietnamBiz), while text that is no UTF-8 practically never passes as UTF-8."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from pipeline.extract import legacy
from pipeline.extract.article import NotAnArticle

_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)""", re.I)
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]+)""", re.I)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# One damaged byte in this many characters is a damaged UTF-8 page; more is another encoding.
_DAMAGED = 200
# Latin-1 has no Vietnamese tones: whoever declares it for Vietnamese text has left a default standing.
_DEFAULTS = frozenset({"iso8859-1", "cp1252", "ascii"})
_HEAD = 4096


#: What stands for bytes that are no UTF-8.
DAMAGE = "\ufffd"


def seems_utf8(payload: bytes) -> bool:
    """Whether it is worth reading as UTF-8 at once; what comes of it holds DAMAGE if it was something else."""
    return not payload.startswith(tuple(mark for mark, _ in _BOMS)) and b"\0" not in payload[:_HEAD]


def decode(payload: bytes, content_type: str | None) -> str:
    """The page's text. Raises NotAnArticle('undecodable') where no encoding gives sensible text."""
    for bom, name in _BOMS:
        if payload.startswith(bom):
            return payload.decode(name, errors="replace")
    if payload[:_HEAD].count(0) > len(payload[:_HEAD]) // 4:
        return payload.decode("utf-16-be" if payload[0] == 0 else "utf-16-le", errors="replace")
    text = _utf8(payload)
    found = legacy.decoded(text or payload.decode("latin-1")) or text
    if found:
        return found
    for declared in _declared(payload, content_type):
        try:
            return payload.decode(declared)
        except (UnicodeError, LookupError):  # a codec that isn't one of text
            continue
    guess = from_bytes(payload).best()
    if guess is None:
        raise NotAnArticle("undecodable")
    return str(guess)


def _utf8(payload: bytes) -> str | None:
    """The text, without damaged bytes if they are few; None for what was written in another encoding."""
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError:
        damaged = payload.decode("utf-8", errors="replace")
    beyond_ascii = sum(character > "\x7f" for character in damaged)
    is_damaged = damaged.count(DAMAGE) * _DAMAGED <= len(damaged) and damaged.count(DAMAGE) * 4 <= beyond_ascii
    return damaged.replace(DAMAGE, "") if is_damaged else None


def _declared(payload: bytes, content_type: str | None) -> list[str]:
    header = _HEADER.search(content_type or "")
    meta = _META.search(payload[:_HEAD])
    hints = [header[1] if header else "", meta[1].decode("ascii", "ignore") if meta else ""]
    names = []
    for hint in hints:
        try:
            name = codecs.lookup(hint).name
        except LookupError:
            continue
        if name not in _DEFAULTS and not name.startswith(("utf", "base64", "rot", "hex", "zlib", "bz2")):
            names.append(name)
    return names
