"""Mentions and senses against labelled articles: figures, predictions, and every error with its sentence."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.clock import VIETNAM
from config.load import Config, load_config
from nlp.find import find_mentions
from nlp.mention import ArticleText
from nlp.topics import CompiledTopics, compile_topics
from pipeline.evaluate.files import LabelError, read_rows
from pipeline.evaluate.scores import score_mentions

Row = dict[str, Any]
_CHUNK = 50
_PORTAL, _RESOLUTION, _TARGET = "portal", "nq68", "national"


@dataclass(frozen=True, slots=True)
class MentionsResult:
    """`figures` has the keys of scores.score_mentions and pages_per_second (of one process)."""

    figures: Row
    predictions: list[Row]
    errors: list[str]


def evaluate_mentions(articles: Path, config: Config, jobs: int, on_articles: Callable[[int], None]) -> MentionsResult:
    """Finds the mentions of each labelled article and compares. Raises LabelError."""
    gold = read_rows(articles, ("id", "title", "paragraphs", "label"))
    for number, row in enumerate(gold, 1):
        if not {"portal", "nq68", "by"} <= row["label"].keys():
            raise LabelError(f"{articles}:{number}: label needs 'portal', 'nq68' and 'by'; see shared/press/README.md")
    chunks = [gold[n : n + _CHUNK] for n in range(0, len(gold), _CHUNK)]
    on_articles(len(gold))
    predictions: list[Row] = []
    evidence: dict[str, list[str]] = {}
    seconds = 0.0
    with ProcessPoolExecutor(jobs, initializer=_start, initargs=(config.directory,)) as pool:
        for found, sentences, spent in pool.map(_find, chunks):
            predictions += found
            evidence |= sentences
            seconds += spent
            on_articles(0)
    figures = score_mentions(predictions, gold)
    figures["pages_per_second"] = round(len(gold) / seconds, 1) if seconds else None
    return MentionsResult(figures, predictions, _errors(predictions, gold, evidence))


_topics: CompiledTopics | None = None


def _start(directory: Path) -> None:
    global _topics  # noqa: PLW0603 (compiled once a process)
    _topics = compile_topics(load_config(directory).topics)


def _find(articles: Sequence[Row]) -> tuple[list[Row], dict[str, list[str]], float]:
    if _topics is None:
        raise RuntimeError("worker was not started")
    predictions, evidence = [], {}
    begun = time.perf_counter()
    for article in articles:
        body = "\n".join(article["paragraphs"])
        text = ArticleText(article["title"] or None, None, body, None, labelled_time(article.get("published")))
        mentions = find_mentions(text, _topics)
        portal = sorted({m.sense for m in mentions if m.topic == _PORTAL})
        resolution = sorted({m.sense for m in mentions if m.topic == _RESOLUTION} - {"unresolved"})
        predictions.append(
            {"id": article["id"], "portal": _TARGET in portal, "portal_senses": portal, "nq68": resolution}
        )
        evidence[article["id"]] = [
            f"{m.topic} {m.sense} ({m.confidence:.2f}, {m.reason}): {m.sentence}" for m in mentions
        ]
    return predictions, evidence, time.perf_counter() - begun


def labelled_time(text: str | None) -> dt.datetime | None:
    """The publication date of a labelled article: a day, a month ('2021-09') or a year; Vietnam's where zone-less."""
    if not text:
        return None
    padded = {4: f"{text}-07-01", 7: f"{text}-15"}.get(len(text), text)
    try:
        moment = dt.datetime.fromisoformat(padded)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)


def _errors(predictions: Sequence[Row], gold: Sequence[Row], evidence: dict[str, list[str]]) -> list[str]:
    by_id = {row["id"]: row for row in predictions}
    errors = []
    for row in gold:
        predicted, label = by_id[row["id"]], row["label"]
        wrong = [
            f"{key}: {predicted[key]} instead of {label[key]}"
            for key in ("portal", "portal_senses", "nq68")
            if key in label and _plain(predicted[key]) != _plain(label[key])
        ]
        if wrong:
            found = evidence[row["id"]] or [f"nothing found in: {' '.join(row['paragraphs'])[:300]}"]
            errors.append("\n    ".join([f"{row['id']} (labelled by {label['by']}): {'; '.join(wrong)}", *found]))
    return errors


def _plain(value: Any) -> Any:
    return sorted(set(value) - {"unresolved"}) if isinstance(value, list) else bool(value)
