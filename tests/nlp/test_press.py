"""On labelled press: what was read and labelled by a person must come out right."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nlp.find import find_mentions
from nlp.mention import ArticleText
from nlp.topics import CompiledTopics

PRESS = Path(__file__).parents[2].parent / "shared" / "press"
pytestmark = [pytest.mark.press, pytest.mark.skipif(not PRESS.is_dir(), reason="shared/press is absent")]


def rows(name: str) -> Iterator[dict[str, Any]]:
    data = (PRESS / name).read_bytes()
    text = gzip.decompress(data) if name.endswith(".gz") else data
    return (json.loads(line) for line in text.decode().splitlines() if line.strip())


def found(row: dict[str, Any], topics: CompiledTopics) -> tuple[bool, set[str]]:
    """Whether the national portal is named, and the resolutions named."""
    day = row.get("published") or ""
    # Some dates give a month or a year only, some a range of years: the middle, or none.
    parts = day[:10].split("-")
    published = None
    if day and not (len(parts) == 2 and len(parts[1]) == 4):
        year, month, date = (int(p) for p in (parts + ["7", "15"][len(parts) - 1 :])[:3])
        published = dt.datetime(year, month, date, tzinfo=dt.timezone(dt.timedelta(hours=7)))
    text = ArticleText(row["title"] or None, None, "\n".join(row["paragraphs"]), None, published)
    mentions = find_mentions(text, topics)
    resolutions = {m.sense for m in mentions if m.topic == "nq68"} - {"unresolved"}
    return any(m.sense == "national" for m in mentions), resolutions


@pytest.mark.parametrize("name", ["articles.jsonl.gz", "excerpts.jsonl", "cases.jsonl"])
def test_what_a_person_read_is_found_so(topics: CompiledTopics, name: str) -> None:
    read = [row for row in rows(name) if row["label"]["by"] == "read"]
    wrong = [r["id"] for r in read if found(r, topics) != (r["label"]["portal"], set(r["label"]["nq68"]))]
    assert read
    # Cases were chosen to be hard: two in a hundred may go wrong. Articles and excerpts may not.
    assert len(wrong) <= (0.02 * len(read) if name == "cases.jsonl" else 0), wrong
