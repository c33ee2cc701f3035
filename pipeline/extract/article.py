"""What extraction makes of one page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

Kind = Literal["paragraph", "subhead", "caption", "quote", "list", "box"]
FALLBACK = "fallback"
#: Its kind and its text.
Paragraph = tuple[Kind, str]


@dataclass(frozen=True, slots=True)
class Article:
    """One article, text in NFC, times with a zone; what the page does not print is None or empty.

    `paragraphs` are in page order, captions among them. `credit` is the agency or paper the text was taken from,
    `sections` the path of its section, `links` the addresses its text links to, `canonical` the address the page gives
    itself. `layout` names the layout that read the page, or `fallback`; `unread`
    the fields that this layout looks for and did not find.
    """

    title: str | None
    kicker: str | None
    sapo: str | None
    paragraphs: tuple[Paragraph, ...]
    authors: tuple[str, ...]
    credit: str | None
    sections: tuple[str, ...]
    tags: tuple[str, ...]
    genre: str | None
    language: str | None
    links: tuple[str, ...]
    published: dt.datetime | None
    modified: dt.datetime | None
    canonical: str | None
    layout: str
    unread: tuple[str, ...]

    @property
    def body(self) -> str:
        """The paragraphs without captions, joined by '\\n'."""
        return "\n".join(text for kind, text in self.paragraphs if kind != "caption")

    @property
    def captions(self) -> str | None:
        return "\n".join(text for kind, text in self.paragraphs if kind == "caption") or None


class NotAnArticle(Exception):
    """The page holds no article; `reason` is a short word that is counted (`empty_body`, `no_text`,
    `not_html`, ...)."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)
