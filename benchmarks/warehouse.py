"""Measures the warehouse at a million articles: a night's load, publication, every view and question, memory, size.

    python benchmarks/warehouse.py                     # 1,000,000 articles; some minutes and 10 GB of disk
    python benchmarks/warehouse.py --articles 100000

The past is drawn by benchmarks/sql/warehouse_history.sql from sentences of our own sample: 1.5 KB of text an article,
2 % name a topic, three in ten are reprints, each page announced on three nights. Four nights of 5,000 articles come
after it through the real load and grouping: their texts are drawn word by word from the sample, and every third is a
copy of another with paragraphs dropped and moved. The fourth is timed, and beside it the same into an empty warehouse.
Questions are asked five times of the published file, and the median told: all rows of each published table that has at
most 100,000, of a longer one its count and a thousand rows; every question of the cookbook; text search. SQLite is
asked some of them of the same rows. Each step is a process of its own, whose peak memory is told.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import multiprocessing
import os
import random
import resource
import shutil
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

# This file is named after the room it measures: its folder, which Python puts first, must not hide that.
sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != Path(__file__).resolve().parent]

import duckdb  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
from rich.box import MARKDOWN  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from config.load import load_config  # noqa: E402
from pipeline.facts import FactsReader, body_hash  # noqa: E402
from pipeline.likeness import likeness  # noqa: E402
from pipeline.run import reference_rows  # noqa: E402
from pipeline.stories import group_stories  # noqa: E402
from warehouse import rows  # noqa: E402
from warehouse.database import open_warehouse, stage, warehouse_path  # noqa: E402
from warehouse.load import Batch, load_batch, load_reference  # noqa: E402
from warehouse.publish import PUBLISHED, publish  # noqa: E402
from warehouse.published import open_published, published_path  # noqa: E402
from warehouse.recipes import recipes  # noqa: E402

ROOT = Path(__file__).parents[1]
_NIGHT, _NIGHTS = 5000, 4
_OUTLETS = [outlet.id for outlet in load_config().outlets[:10]]
_ROUNDS = 5
_MUCH = 100_000
#: What the issue asks for: night at 1 M / night on an empty one, seconds, milliseconds, megabytes.
_BARS = {"load": 1.2, "publish": 30.0, "question": 300.0, "search all": 2000.0, "memory": 2048.0}
_SEARCHES = {
    "search, topic articles": "SELECT count(*) FROM topic_texts WHERE contains(folded, fold('Dịch vụ công'))",
    "search all, count": "SELECT count(*) FROM articles WHERE contains(folded, fold('Dịch vụ công'))",
    "search all, newest 20": """
        SELECT counted_at, title, url FROM articles WHERE contains(folded, fold('hải quan điện tử'))
        ORDER BY counted_at DESC LIMIT 20""",
}
#: The same question for both engines.
_PEER = {
    "articles by month and kind of outlet": """
        SELECT substr(counted_on, 1, 7), kind, count(*) FROM articles JOIN outlets USING (outlet_id)
        JOIN article_topics USING (article_id) WHERE is_target GROUP BY 1, 2""",
    "per 1.000 by outlet and month": """
        SELECT outlet_id, substr(counted_on, 1, 7), 1000.0 * count(named.article_id) / count(*) FROM articles
        LEFT JOIN (SELECT DISTINCT article_id FROM article_topics WHERE is_target) AS named USING (article_id)
        GROUP BY 1, 2""",
    "reprints by credit": """
        SELECT credit, count(*) FROM articles JOIN stories USING (story_id)
        WHERE articles.article_id <> first_article_id GROUP BY 1""",
    "outcomes by run": "SELECT run_id, outcome, count(*) FROM fetches GROUP BY 1, 2",
    "an article by its id": "SELECT * FROM articles WHERE article_id = (SELECT max(article_id) FROM article_topics)",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "warehouse", help="where it works")
    parser.add_argument("--keep", action="store_true", help="keep the databases, and use those that are there")
    given = parser.parse_args()
    folder, empty = given.folder / "grown", given.folder / "empty"
    given.folder.mkdir(parents=True, exist_ok=True)
    out = Console(width=150)

    nights = [given.folder / f"night-{n}.parquet" for n in range(_NIGHTS)]
    for n, file in enumerate(nights):
        if not file.exists():
            _draw_night(n, given.articles, file)
    if not (given.keep and (folder / "before.duckdb").exists()):
        out.print(f"drawing {given.articles} articles: {_told(_apart(_fill, folder, given.articles))}")
        for n, file in enumerate(nights[:-1]):
            _apart(_load, folder, n, file)
        shutil.copyfile(warehouse_path(folder), folder / "before.duckdb")
    grown, alone = [], []
    for _ in range(3):
        shutil.copyfile(folder / "before.duckdb", warehouse_path(folder))
        os.sync()  # what the copy left to be written is not the night's
        grown.append(_apart(_load, folder, _NIGHTS - 1, nights[-1]))
        shutil.rmtree(empty, ignore_errors=True)
        alone.append(_apart(_load_empty, empty, nights[-1]))
    shutil.rmtree(folder / "published", ignore_errors=True)
    first, again = _apart(publish, folder), _apart(publish, folder)
    asked = _apart(_ask, folder)
    questions: dict[str, float] = asked[2]
    peers = _apart(_ask_sqlite, folder, given.folder / "peer.sqlite")[2]

    taken = {"load": grown[-1][1], "publication": max(first[1], again[1]), "questions": asked[1]}
    ratio = statistics.median(g[0] / a[0] for g, a in zip(grown, alone, strict=True))
    slow = [name for name, ms in questions.items() if ms > _bar(name)]
    slowest = max((ms, name) for name, ms in questions.items() if name not in _SEARCHES)
    figures = [
        ("a night of 5,000 loaded", min(g[0] for g in grown), "s", None),
        ("the same on an empty warehouse", min(a[0] for a in alone), "s", None),
        ("ratio, median of three", ratio, "", _BARS["load"]),
        ("publication, all Parquet new", first[0], "s", _BARS["publish"]),
        ("publication again", again[0], "s", _BARS["publish"]),
        (f"slowest of {len(questions)} questions: {slowest[1]}", slowest[0], "ms", _BARS["question"]),
        *((name, questions[name], "ms", _bar(name)) for name in _SEARCHES),
        *((f"peak memory, {name}", megabytes, "MB", _BARS["memory"]) for name, megabytes in taken.items()),
        *((name, size, "MB", None) for name, size in _sizes(folder).items()),
    ]
    table = Table("", "figure", "bar", box=MARKDOWN)
    for name, value, unit, bar in figures:
        table.add_row(name, f"{value:.{2 if value < 10 else 0}f} {unit}", "" if bar is None else f"{bar:g} {unit}")
    out.print(table)
    beside = Table("the same question, ms", "DuckDB, published", "SQLite", box=MARKDOWN)
    for name in _PEER:
        beside.add_row(name, f"{questions[name]:.0f}", f"{peers[name]:.0f}")
    out.print(beside)
    for name in slow:
        out.print(f"over its bar: {name}: {questions[name]:.0f} ms", style="red")
    if not given.keep:
        shutil.rmtree(given.folder)
    sys.exit(1 if slow or any(bar is not None and value > bar for _, value, _, bar in figures) else 0)


def _sizes(folder: Path) -> dict[str, float]:
    """Megabytes on the disk."""
    files = {"warehouse.duckdb": [warehouse_path(folder)], "coverage.duckdb": [published_path(folder)]}
    files["Parquet"] = list((folder / "published" / "parquet").rglob("*.parquet"))
    return {name: sum(file.stat().st_size for file in held) / 1e6 for name, held in files.items()}


def _bar(name: str) -> float:
    return _BARS["search all"] if name.startswith("search all") else _BARS["question"]


Measured = tuple[float, float, Any]


def _apart(work: Callable[..., Any], *given: Any) -> Measured:
    """Runs it in a process of its own: seconds that it says it took (else all of it), peak memory in MB, its answer."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured, (work, given))


def _measured(work: Callable[..., Any], given: tuple[Any, ...]) -> Measured:
    begun = time.perf_counter()
    answer = work(*given)
    taken = time.perf_counter() - begun
    return taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, answer


def _told(measured: Measured) -> str:
    return f"{measured[0]:.0f} s, peak memory {measured[1]:.0f} MB"


# The past and the nights


def _sample() -> tuple[list[str], list[dict[str, Any]]]:
    """Sentences of the sample, and those that name a topic with what they name."""
    reader, found, naming = FactsReader(load_config()), [], []
    with duckdb.connect() as connection:
        for n, warc in enumerate(sorted((ROOT / "samples").glob("night-*.warc.gz"))):
            parquet = ROOT / "build" / f"bench-{n}.parquet"
            reader.write(warc, warc.name, parquet)
            found += connection.execute(
                "SELECT body FROM read_parquet(?) WHERE body IS NOT NULL", [str(parquet)]
            ).fetchall()
            naming += connection.execute(
                "SELECT DISTINCT m.sentence, m.surface, m.topic, m.sense, m.form"
                " FROM (SELECT unnest(mentions) AS m FROM read_parquet(?)) WHERE contains(m.sentence, m.surface)",
                [str(parquet)],
            ).fetchall()
            parquet.unlink()
    sentences = sorted({s for (body,) in found for line in body.split("\n") for s in line.split(". ") if len(s) > 60})
    keys = ("sentence", "surface", "topic", "sense", "form")
    return sentences, [dict(zip(keys, row, strict=True)) for row in sorted(set(naming))]


def _fill(folder: Path, articles: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    config = load_config()
    sentences, naming = _sample()
    with open_warehouse(folder) as connection:
        load_reference(connection, reference_rows(config))
        tables: dict[str, list[dict[str, Any]]] = {
            "sample_sentences": [{"n": n, "sentence": text} for n, text in enumerate(sentences)],
            "sample_naming": [{"n": n, **row} for n, row in enumerate(naming)],
            "busy_outlets": [{"n": n, "outlet_id": outlet.id} for n, outlet in enumerate(config.outlets[:10])],
        }
        for name, held in tables.items():
            stage(connection, name, held, pa.Table.from_pylist(held).schema)
        sql = (ROOT / "benchmarks" / "sql" / "warehouse_history.sql").read_text(encoding="utf-8")
        sql = sql.replace("$articles", str(articles)).replace("$nights", str(max(1, articles // _NIGHT)))
        connection.execute(sql)


def _draw_night(number: int, articles: int, file: Path) -> None:
    """A night's pages as the reader would have written them."""
    chance = random.Random(number)  # noqa: S311
    sentences, naming = _sample()
    words = [word for sentence in sentences for word in sentence.split()]
    day = dt.datetime(2020, 11, 1, tzinfo=dt.UTC) + dt.timedelta(days=articles // _NIGHT + number)
    bodies: list[list[str]] = []
    with pq.ParquetWriter(file, rows.CAPTURES) as writer:
        made = []
        for n in range(_NIGHT):
            lines = [" ".join(chance.choices(words, k=40)) + "." for _ in range(8)]
            if n % 3 == 2:
                source = chance.choice(bodies)
                lines = [lines[0], *chance.sample(source, k=5)]
            bodies.append(lines)
            named = naming[n % len(naming)] if n % 50 == 7 else None
            made.append(_capture(number, n, "\n".join(lines), named, day))
        writer.write_table(pa.Table.from_pylist(made, schema=rows.CAPTURES))


def _capture(night: int, n: int, drawn: str, named: dict[str, Any] | None, day: dt.datetime) -> dict[str, Any]:
    identity = _identity(night, n)
    body = f"{named['sentence']}\n{drawn}" if named else drawn
    start = body.index(named["surface"]) if named else 0
    mention = named and named | {
        "field": "body",
        "start_pos": start,
        "end_pos": start + len(named["surface"]),
        "confidence": 0.9,
        "reason": "drawn",
        "occurrence": 0,
    }
    like = likeness(body)
    return {
        "archive_file": f"archive/night-{night}-{n % 10}.warc.gz",
        "archive_offset": 1000 * n,
        "article_id": identity,
        "outlet_id": _OUTLETS[n % 10],
        "url": f"https://bench/{identity}",
        "captured_at": day + dt.timedelta(seconds=n * 17),
        "status": 200,
        "payload_digest": f"sha1:{identity}",
        "revisit": False,
        "version_id": f"{identity}-{body_hash(body)[:12]}",
        "title": drawn[:70],
        "sapo": drawn[70:250],
        "body": body,
        "authors": [],
        "kinds": [],
        "section_path": [],
        "tags": [],
        "links": [],
        "language": "vi",
        "published_at": day + dt.timedelta(seconds=n * 17),
        "layout": "bench",
        "word_count": len(body.split()),
        "body_hash": body_hash(body),
        "mentions": [mention] if mention else [],
        "facets": [],
        **(like.row() if like else {}),
    }


def _identity(night: int, n: int) -> str:
    return hashlib.sha256(f"night {night} {n}".encode()).hexdigest()[:16]


def _fetch(file: str, run: str, n: int, article: str, day: dt.datetime, crawled: str) -> dict[str, Any]:
    return {
        "archive_file": file,
        "run_id": run,
        "outlet_id": _OUTLETS[n % 10],
        "url": f"https://bench/{article}",
        "kind": "page",
        "article_id": article,
        "announced": True,
        "relook": False,
        "announced_at": day,
        "listed": False,
        "crawled": crawled,
    }


def _load(folder: Path, number: int, parquet: Path) -> None:
    """What `process` does after the pages are read."""
    day = pq.read_table(parquet, columns=["captured_at"]).column(0)[0].as_py()
    files = [f"archive/night-{number}-{n}.warc.gz" for n in range(10)]
    run = f"{day:%Y%m%dT013000Z}-bench"
    crawls = [
        {
            "archive_file": file,
            "run_id": run,
            "outlet_id": _OUTLETS[n],
            "mode": "live",
            "crawl_time": day,
            "started_at": day,
            "ended_at": day,
            "finish": "finished",
            "reached": True,
            "alarms": [],
        }
        for n, file in enumerate(files)
    ]
    with open_warehouse(folder) as connection:
        fetches = [_fetch(files[n % 10], run, n, _identity(number, n), day, "fetched") for n in range(_NIGHT)]
        # What was announced the two nights before is announced again, held or not.
        fetches += [
            _fetch(files[n % 10], run, n, _identity(night, n), day, "known")
            for night in (number - 1, number - 2)
            for n in range(_NIGHT)
        ]
        read = [{"archive_file": file, "fingerprint": "bench", "captures": 500, "damages": []} for file in files]
        load_batch(connection, Batch([parquet], read, crawls, fetches))
        group_stories(connection)


def _load_empty(folder: Path, parquet: Path) -> None:
    folder.mkdir(parents=True)
    _load(folder, _NIGHTS - 1, parquet)


# Questions


def _timed(ask: Callable[[], Any]) -> float:
    """Milliseconds, the median of some rounds."""
    taken = []
    for _ in range(_ROUNDS):
        begun = time.perf_counter()
        ask()
        taken.append(1000 * (time.perf_counter() - begun))
    return statistics.median(taken)


def _ask(folder: Path) -> dict[str, float]:
    found: dict[str, float] = {}
    with closing(open_published(folder)) as connection:

        def asked(sql: str) -> Callable[[], Any]:
            return lambda: connection.sql(sql).to_arrow_table()

        for table in PUBLISHED:
            ((count,),) = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
            if count <= _MUCH:
                found[table] = _timed(asked(f"FROM {table}"))
            else:
                found[f"{table}, count"] = _timed(asked(f"SELECT count(*) FROM {table}"))
                found[f"{table}, a thousand"] = _timed(asked(f"FROM {table} LIMIT 1000"))
        for recipe in recipes():
            over = "search all, " if "contains(folded" in recipe.sql else ""
            found[f"{over}cookbook {recipe.number}"] = _timed(asked(recipe.sql))
        for name, sql in (*_SEARCHES.items(), *_PEER.items()):
            found[name] = _timed(asked(sql.replace("counted_on, 1", "counted_on::VARCHAR, 1")))
    return found


def _ask_sqlite(folder: Path, file: Path) -> dict[str, float]:
    file.unlink(missing_ok=True)
    narrow = {
        "articles": "article_id, url, outlet_id, story_id, counted_on::VARCHAR AS counted_on, credit, title",
        "article_topics": "article_id, topic, sense, is_target",
        "outlets": "outlet_id, kind",
        "stories": "story_id, first_article_id",
        "fetches": "run_id, outcome",
    }
    with closing(sqlite3.connect(file)) as peer, closing(open_published(folder)) as connection:
        for table, columns in narrow.items():
            relation = connection.execute(f"SELECT {columns} FROM {table}")
            names = [column[0] for column in relation.description]
            peer.execute(f"CREATE TABLE {table} ({', '.join(names)})")
            peer.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(names))})", _chunks(relation))
        for index in (
            "articles (article_id)",
            "articles (outlet_id)",
            "article_topics (article_id)",
            "stories (story_id)",
        ):
            peer.execute(f"CREATE INDEX {index.translate(str.maketrans(' ()', '___'))} ON {index}")
        peer.commit()
        return {name: _timed(lambda sql=sql: peer.execute(sql).fetchall()) for name, sql in _PEER.items()}  # type: ignore[misc]


def _chunks(relation: Any) -> Iterable[tuple[Any, ...]]:
    while chunk := relation.fetchmany(10_000):
        yield from chunk


if __name__ == "__main__":
    main()
