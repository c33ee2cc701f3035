"""A page as the runs of text between its block boundaries, in page order, whatever its classes are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from pipeline.extract import blocks
from pipeline.extract.text import clean

_BLOCKS = frozenset({*blocks.PLAIN_BLOCKS, *blocks.KINDS, *blocks.ROW, "html", "tbody", "tfoot", "thead"})
_SILENT = blocks.SILENT | {"embed", "head", "iframe", "input", "noembed", "noframes", "plaintext", "script", "style"}
_SHORTEST = 25  # characters: less than a clause
_LONGEST_LINK = 1_500  # characters of all the lines that lead to one address
_BOLD = frozenset({"b", "strong", "h1", "h2", "h3", "h4"})


@dataclass(slots=True)
class Run:
    """One run: its text, how many of its characters are in links or in bold, and the block it stands in."""

    text: str
    linked: int
    bold: int
    block: LexborNode

    @property
    def plain(self) -> int:
        """Characters outside links."""
        return max(len(self.text) - self.linked, 0)

    @property
    def is_link(self) -> bool:
        return self.linked * 2 > len(self.text)

    @property
    def is_text(self) -> bool:
        """As long as a clause, and no link."""
        return self.plain >= _SHORTEST and not self.is_link

    @property
    def is_bold(self) -> bool:
        return self.bold * 10 > len(self.text) * 9


class _Open:
    """The run being read; `address` is where its first link leads."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.address: str | None = None
        self.linked = self.bold = 0
        self.broken = self.label = False

    def add(self, text: str, link: str | None, in_bold: bool) -> None:
        # A label set flush against the first words (VnExpress's place name) is a word of its own.
        if self.label and self.parts and self.parts[-1][-1:].isalpha() and text[:1].isupper():
            self.parts.append(" ")
        self.parts.append(text)
        size = len(text.strip())
        self.linked += size if link is not None else 0
        self.address = self.address if self.address is not None else link
        self.bold += size if in_bold else 0
        self.label = False
        self.broken = self.broken and not size


def read(root: LexborNode) -> list[Run]:
    """Walks without recursion: depth is the page's choice, not ours."""
    found = list(_runs(root))
    # A link that nobody closed goes on through all paragraphs below it: it leads nowhere.
    lengths: Counter[str] = Counter()
    for run, address in found:
        if address is not None and run.is_link:
            lengths[address] += len(run.text)
    for run, address in found:
        if address is not None and lengths[address] > _LONGEST_LINK:
            run.linked = 0
    return [run for run, _ in found]


def _runs(root: LexborNode) -> Iterator[tuple[Run, str | None]]:
    """The runs, each with the address of its first link."""
    opened = _Open()
    around = [root]

    def close() -> Iterator[tuple[Run, str | None]]:
        nonlocal opened
        if text := clean("".join(opened.parts)):
            yield Run(text, opened.linked, opened.bold, around[-1]), opened.address
        opened = _Open()

    # Each node with whether it is being left, the link it stands in, and whether in bold.
    stack: list[tuple[LexborNode, bool, str | None, bool]] = [(root, False, None, False)]
    while stack:
        node, left, link, bold = stack.pop()
        tag = node.tag or ""
        if tag == "-text":
            opened.add(node.text(deep=False) or "", link, bold)
            continue
        if tag == "br":
            if opened.broken:
                yield from close()
            opened.parts.append(" ")
            opened.broken = True
            continue
        attributes = node.attributes
        if tag in _SILENT or tag.startswith(("-", "!", "#")) or blocks.is_hidden(attributes):
            continue
        if tag in _BLOCKS:
            yield from close()
            if left:
                around.pop()
            else:
                around.append(node)
        elif tag == "span" and left:
            opened.label = len(opened.parts) == 1
        if not left:
            inner = attributes.get("href") if tag == "a" and "href" in attributes else link
            stack.append((node, True, link, bold))
            children = reversed(list(node.iter(include_text=True)))
            stack.extend((child, False, inner, bold or tag in _BOLD) for child in children)
    yield from close()
