"""Pages in a layout that nobody has: every class and id renamed at random, every <article> a <div>."""

from __future__ import annotations

import random
import re
import string

_START_TAG = re.compile(r"<[a-zA-Z][^<>]*>")
_ATTRIBUTE = re.compile(r"""(\s(?:class|id)\s*=\s*)(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_ARTICLE = re.compile(r"(</?)article\b", re.IGNORECASE)
_RAW = re.compile(r"(<(script|style)\b.*?</\2\s*>)", re.IGNORECASE | re.DOTALL)


def renamed(page: str, seed: int) -> str:
    """The page with each name replaced by one made up from `seed`, the same name everywhere by the same one."""
    chance = random.Random(seed)
    names: dict[str, str] = {}

    def new(name: str) -> str:
        return names.setdefault(name, "".join(chance.choices(string.ascii_lowercase, k=8)))

    def attribute(found: re.Match[str]) -> str:
        value = next(group for group in found.groups()[1:] if group is not None)
        return f'{found[1]}"{" ".join(map(new, value.split()))}"'

    def outside(text: str) -> str:
        return _START_TAG.sub(lambda tag: _ATTRIBUTE.sub(attribute, tag[0]), _ARTICLE.sub(r"\1div", text))

    pieces = _RAW.split(page)  # text, raw element, its name, text, ...
    return "".join(piece if place % 3 == 1 else outside(piece) for place, piece in enumerate(pieces) if place % 3 != 2)
