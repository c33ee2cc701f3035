"""Stories against labelled articles: pairwise precision and recall, and every wrong pair."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.evaluate.files import LabelError, read_rows
from pipeline.evaluate.mentions import labelled_time
from pipeline.facts import body_hash
from pipeline.stories import StoryText, assign_stories

Row = dict[str, Any]
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class StoriesResult:
    """`figures`: articles, missing, pairs, precision, recall, false_pairs and missed_pairs (twenty at most, as the
    scoring script has them), articles_per_second."""

    figures: Row
    predictions: list[Row]
    errors: list[str]


def evaluate_stories(articles: Path, on_articles: Callable[[int], None]) -> StoriesResult:
    """Groups the labelled articles by their texts and compares pair by pair. Raises LabelError."""
    gold = read_rows(articles, ("id", "published", "paragraphs", "story"))
    on_articles(len(gold))
    texts = []
    for number, row in enumerate(gold, 1):
        published = labelled_time(row["published"])
        if published is None:
            raise LabelError(
                f"{articles}:{number}: 'published' is no date; copies join within 72 hours, so it needs one"
            )
        body = "\n".join(row["paragraphs"])
        texts.append(StoryText(row["id"], published, body_hash(body), body))
    begun = time.perf_counter()
    predictions: list[Row] = [{"id": article, "story": story} for article, story in assign_stories(texts)]
    seconds = time.perf_counter() - begun
    said, meant = _pairs(predictions), _pairs(gold)
    both = len(said & meant)
    figures: Row = {
        "articles": len(gold),
        "missing": len({row["id"] for row in gold} - {row["id"] for row in predictions}),
        "pairs": len(meant),
        "precision": round(both / len(said), 4) if said else None,
        "recall": round(both / len(meant), 4) if meant else None,
        "false_pairs": [list(pair) for pair in sorted(said - meant)[:20]],
        "missed_pairs": [list(pair) for pair in sorted(meant - said)[:20]],
        "articles_per_second": round(len(gold) / seconds, 1) if seconds else None,
    }
    errors = [f"{a} and {b}: one story, but told apart" for a, b in sorted(meant - said)]
    errors += [f"{a} and {b}: two stories, but joined" for a, b in sorted(said - meant)]
    return StoriesResult(figures, predictions, errors)


def _pairs(rows: Iterable[Row]) -> set[Pair]:
    stories: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        stories[row["story"]].append(row["id"])
    return {(a, b) for ids in stories.values() for n, a in enumerate(sorted(ids)) for b in sorted(ids)[n + 1 :]}
