"""What extraction makes of one page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Article:
    """One article, text in NFC. `body` and `captions` are paragraphs joined by '\\n'; times carry a time
    zone.

    `layout` names the layout that read the page, or `fallback`. `canonical` is the address the page gives
    itself.
    """

    title: str | None
    sapo: str | None
    body: str
    captions: str | None
    authors: tuple[str, ...]
    section: str | None
    published: dt.datetime | None
    modified: dt.datetime | None
    canonical: str | None
    layout: str


class NotAnArticle(Exception):
    """The page holds no article; `reason` is a short word that is counted (`empty_body`, `no_text`,
    `not_html`, ...)."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)
