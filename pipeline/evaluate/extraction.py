"""Extraction against gold pages: figures, predictions, and every error with its first difference."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.capture import BodyError, Capture
from archive.read import Damage, read_warc
from config.load import Config, load_config
from config.outlets import Outlet
from pipeline.evaluate.files import read_rows
from pipeline.evaluate.scores import field_verdicts, flat, score_extraction, text_f1
from pipeline.extract.article import FALLBACK, NotAnArticle
from pipeline.extract.page import extract
from pipeline.limits import PAGE_SECONDS, TOOK_TOO_LONG, limited

Row = dict[str, Any]
_KEYS = ("url", "outlet", "title", "sapo", "body", "author", "published")
#: Predictions, why pages gave none, and the seconds spent.
Extracted = tuple[list[Row], dict[str, str], float]
_CHUNK = 25


@dataclass(frozen=True, slots=True)
class ExtractionResult:
    """`figures` has the keys of scores.score_extraction, pages_per_second (of one process) and drift: how many of an
    outlet's pages none of its layouts fits. `damages` are the archive's: pages that stood there count as missing."""

    figures: Row
    predictions: list[Row]
    errors: list[str]
    damages: list[Damage]


def evaluate_extraction(
    archive: Path, gold: Path, config: Config, jobs: int, use_layouts: bool, on_page: Callable[[int], None]
) -> ExtractionResult:
    """Extracts each gold page from the archive and compares. Raises LabelError and NotAWarc."""
    labelled = read_rows(gold, _KEYS)
    wanted = {row["url"] for row in labelled}
    captures: dict[str, Capture] = {}
    damages = []
    for item in read_warc(archive):
        if isinstance(item, Damage):
            damages.append(item)
        elif item.capture and item.capture.url in wanted:
            captures[item.capture.url] = item.capture
    on_page(len(captures))
    predictions: list[Row] = []
    failures: dict[str, str] = {}
    seconds = 0.0
    for found, failed, spent in _extract_all(list(captures.values()), config, jobs, use_layouts):
        predictions += found
        failures |= failed
        seconds += spent
        on_page(0)
    figures = score_extraction(predictions, labelled)
    figures["pages_per_second"] = round(len(captures) / seconds, 1) if seconds else None
    figures["drift"] = _drift(predictions, config) if use_layouts else {}
    return ExtractionResult(figures, predictions, _errors(predictions, labelled, failures), damages)


def _extract_all(captures: Sequence[Capture], config: Config, jobs: int, use_layouts: bool) -> Iterator[Extracted]:
    """By chunks in several processes; where a page ends its process, the pages left are read one by one."""

    def pool(workers: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(workers, initializer=_start, initargs=(config.directory, use_layouts))

    left: list[Capture] = []
    with pool(jobs) as several:
        chunks = [captures[n : n + _CHUNK] for n in range(0, len(captures), _CHUNK)]
        for chunk, future in [(chunk, several.submit(_extract, chunk)) for chunk in chunks]:
            try:
                yield future.result()
            except BrokenProcessPool:
                left += chunk
    while left:
        with pool(1) as one:
            try:
                while left:
                    yield one.submit(_extract, left[:1]).result()
                    del left[0]
            except BrokenProcessPool:
                yield [], {left.pop(0).url: TOOK_TOO_LONG}, PAGE_SECONDS


_setup: tuple[dict[str, Outlet], bool] | None = None


def _start(directory: Path, use_layouts: bool) -> None:
    global _setup  # noqa: PLW0603 (one set-up a process)
    config = load_config(directory)
    _setup = ({host: outlet for outlet in config.outlets for host in outlet.every_host}, use_layouts)


def _extract(captures: Sequence[Capture]) -> Extracted:
    if _setup is None:
        raise RuntimeError("worker was not started")
    by_host, use_layouts = _setup
    predictions, failures, seconds = [], {}, 0.0
    for capture in captures:
        host = capture.url.split("/", 3)[2]
        outlet = by_host.get(host) or _unregistered(host)
        try:
            body = capture.body()
            begun = time.perf_counter()
            with limited():
                article = extract(body, capture.url, capture.header("Content-Type"), outlet, capture.time, use_layouts)
            seconds += time.perf_counter() - begun
        except (NotAnArticle, BodyError) as error:
            failures[capture.url] = error.reason
            continue
        except Exception as error:  # noqa: BLE001 (the others are measured all the same)
            failures[capture.url] = f"crashed_{type(error).__name__}"
            continue
        predictions.append(
            {
                "url": capture.url,
                "title": article.title,
                "sapo": article.sapo,
                "body": article.body,
                "author": ", ".join(article.authors) or None,
                "published": article.published.isoformat() if article.published else None,
                "layout": article.layout,
            }
        )
    return predictions, failures, seconds


def _drift(predictions: Sequence[Row], config: Config) -> dict[str, str]:
    by_host = {host: outlet for outlet in config.outlets for host in outlet.every_host if outlet.layouts}
    seen: defaultdict[str, list[bool]] = defaultdict(list)
    for row in predictions:
        if outlet := by_host.get(row["url"].split("/", 3)[2]):
            seen[outlet.id].append(row["layout"] == FALLBACK)
    return {outlet: f"{sum(misfits)}/{len(misfits)}" for outlet, misfits in sorted(seen.items()) if any(misfits)}


def _unregistered(host: str) -> Outlet:
    """Gold pages may be of hosts that the registry does not have: they are read without layouts."""
    return Outlet.model_validate(
        {
            "id": "unregistered",
            "name": host,
            "governing_body": "",
            "kind": "press",
            "tier": "central",
            "domains": [{"host": host}],
            "article_urls": ["."],
        }
    )


def _errors(predictions: Sequence[Row], gold: Sequence[Row], failures: dict[str, str]) -> list[str]:
    by_url = {row["url"]: row for row in predictions}
    errors = []
    for page in gold:
        predicted = by_url.get(page["url"])
        if predicted is None:
            errors.append(f"{page['url']}: no article: {failures.get(page['url'], 'not in the archive')}")
            continue
        for field, right in field_verdicts(predicted, page).items():
            if not right:
                errors.append(f"{page['url']}: {field}: {predicted.get(field)!r} instead of {page[field]!r}")
        if (f1 := text_f1(predicted, page)) < 1:
            errors.append(f"{page['url']}: text: F1 {f1:.4f}: {_first_difference(predicted, page)}")
    return errors


def _first_difference(predicted: Row, gold: Row) -> str:
    a, b = (flat((row["sapo"] or "") + " " + row["body"]).split() for row in (predicted, gold))
    same = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return f"'{' '.join(a[same : same + 8])}' instead of '{' '.join(b[same : same + 8])}' at word {same}"
