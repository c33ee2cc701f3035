"""Facets against articles that two people labelled: figures for each kind, and every error with its words."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.load import Config
from nlp.facets import compile_facets, tag_facets
from nlp.find import find_mentions
from nlp.mention import ArticleText
from nlp.topics import compile_topics
from pipeline.evaluate.files import LabelError, read_rows
from pipeline.evaluate.mentions import labelled_time

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FacetsResult:
    """`figures`: micro_f1, and for each kind f1, tp, fp, fn; articles and articles_per_second."""

    figures: Row
    predictions: list[Row]
    errors: list[str]


def evaluate_facets(articles: Path, gold: Path, config: Config, on_articles: Callable[[int], None]) -> FacetsResult:
    """Tags each labelled article and compares. What the two readers did not agree on (`disputed`) is left out.

    Raises LabelError: also where an article of the labels is missing.
    """
    labels = read_rows(gold, ("id", "disputed"))
    texts = {row["id"]: row for row in read_rows(articles, ("id", "title", "paragraphs"))}
    if absent := [row["id"] for row in labels if row["id"] not in texts]:
        raise LabelError(f"{articles}: has no article '{absent[0]}', which {gold} labels")
    on_articles(len(labels))
    topics, facets = compile_topics(config.topics), compile_facets(config.facets)
    kinds = [kind.id for kind in config.facets.kinds if any(kind.id in row for row in labels)]
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in kinds}
    predictions, errors = [], []
    begun = time.perf_counter()
    for row in labels:
        article = texts[row["id"]]
        body, when = "\n".join(article["paragraphs"]), labelled_time(article.get("published"))
        text = ArticleText(article["title"] or None, None, body, None, when)
        found = tag_facets(text, find_mentions(text, topics), facets)
        words = {(facet.kind, facet.value): facet.surface for facet in found}
        predictions.append({"id": row["id"], **{kind: sorted(v for k, v in words if k == kind) for kind in kinds}})
        for kind in kinds:
            doubtful = set(row["disputed"].get(kind, ()))
            said, meant = {v for k, v in words if k == kind} - doubtful, set(row[kind])
            counts[kind].update(tp=len(said & meant), fp=len(said - meant), fn=len(meant - said))
            errors += [f"{row['id']}: {kind}: {v} is not meant by “{words[kind, v]}”" for v in sorted(said - meant)]
            errors += [f"{row['id']}: {kind}: {v} was not found" for v in sorted(meant - said)]
    seconds = time.perf_counter() - begun
    figures: Row = {
        "articles": len(labels),
        "micro_f1": _f1(list(counts.values())),
        "kinds": {kind: {"f1": _f1([count]), **count} for kind, count in counts.items()},
        "articles_per_second": round(len(labels) / seconds, 1) if seconds else None,
    }
    return FacetsResult(figures, predictions, errors)


def _f1(counts: Sequence[Counter[str]]) -> float | None:
    tp, fp, fn = (sum(count[name] for count in counts) for name in ("tp", "fp", "fn"))
    return round(2 * tp / (2 * tp + fp + fn), 4) if tp + fp + fn else None
