"""What we wrote: the articles in articles/*.yaml, with their labels."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

ARTICLES = Path(__file__).parent / "articles"
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
OUTLETS = ("vnexpress", "tuoitre", "baochinhphu", "nhandan", "vietnamplus", "cafef")

#: Sense -> the spans that name it, as they stand in the text.
Named = dict[str, list[str]]


@dataclass(frozen=True)
class Version:
    """One wording of an article, and what a reader should find in it."""

    sapo: str
    paragraphs: tuple[str, ...]
    portal: Named
    nq68: Named
    services: tuple[str, ...]
    activities: tuple[str, ...]


@dataclass(frozen=True)
class Article:
    """`night` is the first archive that serves it; `revised` the night and the text of its second wording."""

    key: str
    outlet: str
    url: str
    section: str
    title: str
    author: str
    published: dt.datetime
    night: str
    story: str
    first: Version
    revised: tuple[str, Version] | None

    def version(self, night: str) -> Version:
        """The wording that was served that night."""
        return self.revised[1] if self.revised and night >= self.revised[0] else self.first


@dataclass(frozen=True)
class Lost:
    """An announced address without an article.

    `outcome` is refused, not_in_archive, not_found or empty_body.
    """

    key: str
    outlet: str
    url: str
    published: dt.datetime
    outcome: str


def load_articles() -> list[Article]:
    """All articles, reprints with the text they copy, by outlet and time."""
    entries = {entry["key"]: entry | {"outlet": outlet} for outlet in OUTLETS for entry in _read(outlet)}
    articles = [_article(entry, entries.get(entry.get("reprint_of"), entry)) for entry in entries.values()]
    return sorted(articles, key=lambda article: (OUTLETS.index(article.outlet), article.published))


def load_lost() -> list[Lost]:
    """The addresses that lead to no article."""
    lost = []
    for entry in _read("announced"):
        published = _time(entry["at"])
        url = _address(entry["outlet"], entry["title"], published)
        lost.append(Lost(entry["key"], entry["outlet"], url, published, entry["outcome"]))
    return lost


def _read(name: str) -> list[dict[str, Any]]:
    text = (ARTICLES / f"{name}.yaml").read_text(encoding="utf-8")
    entries: list[dict[str, Any]] = yaml.safe_load(unicodedata.normalize("NFC", text))
    return entries


def _article(entry: dict[str, Any], original: dict[str, Any]) -> Article:
    reprint = entry is not original
    published, title = _time(entry["at"]), entry.get("title", original["title"])
    # A reprint leaves the sign of the first outlet out of the standfirst and names it at the end.
    sapo = original["sapo"].removeprefix("(Chinhphu.vn) - ") if reprint else original["sapo"]
    revised = entry.get("revised")
    return Article(
        key=entry["key"],
        outlet=entry["outlet"],
        url=_address(entry["outlet"], title, published),
        section=entry["section"],
        title=title,
        author=entry["source"] if reprint else entry["author"],
        published=published,
        night=_night(entry.get("night", 1)),
        story=original["key"],
        first=_version(original, sapo),
        revised=(_night(revised["night"]), _version(revised, sapo)) if revised else None,
    )


def _version(entry: dict[str, Any], sapo: str) -> Version:
    return Version(
        sapo=sapo,
        paragraphs=tuple(entry["body"].strip().split("\n\n")),
        portal=entry.get("portal", {}),
        nq68=entry.get("nq68", {}),
        services=tuple(entry.get("services", ())),
        activities=tuple(entry.get("activities", ())),
    )


def _night(name: object) -> str:
    return f"night-{name}"


def _time(text: str) -> dt.datetime:
    return dt.datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=VIETNAM)


def _address(outlet: str, title: str, published: dt.datetime) -> str:
    """An address of the shape the outlet uses; numbers grow with time, as real ones do."""
    plain = unicodedata.normalize("NFD", title.lower().replace("đ", "d"))
    slug = re.sub(r"[^a-z0-9]+", "-", re.sub(r"[\u0300-\u036f]", "", plain)).strip("-")
    hours = int((published - dt.datetime(2021, 6, 1, tzinfo=VIETNAM)).total_seconds() // 3600)
    # Newsrooms create the page some minutes before it appears, and the address keeps that moment.
    created = published - dt.timedelta(minutes=17, seconds=hours % 60)
    stamp, millis = created.strftime("%Y%m%d%H%M%S"), f"{hours % 1000:03d}"
    return {
        "vnexpress": f"https://vnexpress.net/{slug}-{4_286_000 + hours * 25}.html",
        "tuoitre": f"https://tuoitre.vn/{slug}-{stamp}{millis}.htm",
        "baochinhphu": f"https://baochinhphu.vn/{slug}-102{stamp[2:]}{millis}.htm",
        "nhandan": f"https://nhandan.vn/{slug}-post{648_000 + hours * 6}.html",
        "vietnamplus": f"https://www.vietnamplus.vn/{slug}-post{712_000 + hours * 9}.vnp",
        "cafef": f"https://cafef.vn/{slug}-{stamp}{millis}.chn",
    }[outlet]
