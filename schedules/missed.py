"""What a person found, resolved by the registry; and the list of it, as people read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from archive.urls import normalize_url
from config.load import Config
from config.outlets import Outlet
from pipeline.facts import article_id
from warehouse.missed import BadEntry, Found, Missed, Recall


def resolve(config: Config, url: str, topic: str) -> tuple[Found, str | None]:
    """What the address is to us, and what is doubtful about it. Raises BadEntry."""
    topics = [known.id for known in config.topics.topics]
    if topic not in topics:
        raise BadEntry(f"no topic '{topic}'; there are {', '.join(topics)}")
    address = normalize_url(url.strip())
    if address is None:
        raise BadEntry(f"{url}: is no web address; write it whole, as https://host/path")
    host = urlsplit(address).netloc
    outlet = next((outlet for outlet in config.outlets if outlet.owns(host)), None)
    if outlet is None:
        return Found(address, None, None, topic), f"no outlet of the registry has the host {host}"
    found = Found(outlet.canonical(address), outlet.id, article_id(outlet, address), topic)
    return found, _doubt(outlet, address)


def _doubt(outlet: Outlet, address: str) -> str | None:
    if outlet.is_article(address):
        return None
    return f"by `article_urls` of {outlet.id} this is no article's address, so it is never fetched: correct those"


def missed_json(found: Sequence[Missed], recalls: Sequence[Recall], waiting: int) -> dict[str, Any]:
    """The facts of print_missed."""
    entries = [
        asdict(entry)
        | {"added_at": entry.added_at.isoformat(), "seen_on": entry.seen_on.isoformat() if entry.seen_on else None}
        for entry in found
    ]
    return {"missed": entries, "recall": [asdict(of_topic) for of_topic in recalls], "waiting": waiting}


def print_missed(console: Console, found: Sequence[Missed], recalls: Sequence[Recall], waiting: int) -> None:
    """One row an entry, then what they say of recall; `waiting` entries are not published yet."""
    names = ("entered", "by", "topic", "published on", "address", "why we had not counted it")
    table = Table(*(Column(name, overflow="fold") for name in names))
    for entry in found:
        seen_on = f"{entry.seen_on:%d/%m/%Y}" if entry.seen_on else ""
        cells = (f"{entry.added_at:%d/%m/%Y}", entry.added_by, entry.topic, seen_on, entry.url, entry.why)
        table.add_row(*map(Text, cells))
    console.print(table)
    for of_topic in recalls:
        share = f"{of_topic.share:.1f} %, 95 % interval {of_topic.low:.1f} to {of_topic.high:.1f} %"
        console.print(f"{of_topic.topic}: {of_topic.counted} of {of_topic.found} are counted ({share})", markup=False)
    if waiting:
        console.print(f"{waiting} more wait for the next `diembao publish`", markup=False)
