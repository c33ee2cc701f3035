"""From a number to its articles, from an article to its sentences, and from these to the page as it was served."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from rich.console import Console

from archive.capture import BodyError
from archive.read import NotAWarc, read_at


class NoEvidence(Exception):
    """There is no such article, or its page can't be had; the message says which file."""


def page(workspace: Path, article: dict[str, Any]) -> bytes:
    """The page's body as it was served, unpacked; its digest is checked. Raises NoEvidence."""
    path = workspace / article["archive_file"]
    try:
        capture = read_at(path, article["archive_offset"]).capture
        if capture is None or capture.digest != article["payload_digest"]:
            raise NoEvidence(
                f"{path}: byte {article['archive_offset']}: not the page that was read; verify the archive"
            )
        return capture.body()
    except (NotAWarc, BodyError) as error:
        raise NoEvidence(f"{path}: byte {article['archive_offset']}: {error}") from None


def print_articles(console: Console, found: list[dict[str, Any]]) -> None:
    """A block each; of several, those of a kind of outlets together, since each kind has figures of its own."""
    for kind, rows in groupby(found, key=itemgetter("outlet_kind")):
        of_kind = list(rows)
        if len(found) > 1:
            console.print(f"{kind}: {len(of_kind)} article(s)", style="bold underline", markup=False)
        for row in of_kind:
            _print_article(console, row)


def _print_article(console: Console, row: dict[str, Any]) -> None:
    console.print(f"{row['title'] or '(no headline)'}", style="bold", markup=False)
    console.print(
        f"  {row['outlet']}, {row['counted_at']} ({row['dated_by']}), article {row['article_id']}", markup=False
    )
    console.print(f"  {row['url']}", markup=False)
    where = f"{row['archive_file']}, byte {row['archive_offset']}, {row['payload_digest']}"
    console.print(f"  archived: {where}; read by {row['layout']}", markup=False)
    for mention in row["mentions"]:
        counted = "counted" if mention["is_target"] else "not counted"
        place = f"{mention['field']} {mention['start_pos']}-{mention['end_pos']}"
        console.print(f"  - {mention['topic']}: {mention['sense']} ({counted}), {place}", markup=False)
        console.print(f"    “{mention['sentence']}”", markup=False)
        console.print(f"    {mention['confidence']:.2f}: {mention['reason']}", markup=False)
