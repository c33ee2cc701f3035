"""Times our extraction beside peers on the labelled pages of one archive, in one run, and scores what each found.

    python benchmarks/extract.py --archive PAGES.warc.gz --gold PAGES.gold.jsonl.gz
    python benchmarks/extract.py --archive PAGES.warc.gz --gold PAGES.gold.jsonl --pages 100 --rounds 5

  lexbor             the floor: LexborHTMLParser on the bytes, then one CSS selector
  ours               pipeline.extract.page; without layouts: its general fallback alone
  trafilatura        bare_extraction as it comes, with metadata
  newspaper4k        Article, told that the page is Vietnamese, kept from asking for images
  resiliparse        extract_plain_text of the main content, and the page's title: it has no other field
  fundus             its parser for VnExpress, on pages of vnexpress.net

Each contender is a process of its own that reads page after page: the bytes of the HTML in, the finished result out.
Only that is timed. Contenders take turns within a round, as the machine is noisy; ratios are those of one round, and
medians of them are shown. Slow contenders get fewer pages, taken evenly from all, and are scored on those; speed is by
the page. Pages are read again and again until a lap has measured two seconds.

F1 is that of the words of sapo and body; title, sapo, authors and time of publication (to the minute) are right or
wrong, as in `diembao evaluate extraction`. For trafilatura and newspaper4k the meta description is taken for the sapo.
A peer that breaks on a page has not found it; where ours does, this ends with 1.

newspaper4k, resiliparse and fundus are no dependencies of ours: the first run makes a venv for each under --peers, for
which, and for nothing else, it needs the network. Without it they are shown as not installed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any

from extract_peers import Page, write_pages
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from archive.read import Record, read_warc
from pipeline.evaluate.files import read_rows
from pipeline.evaluate.scores import score_extraction

Row = dict[str, Any]

_HERE = Path(__file__).parent
_KEYS = ("url", "outlet", "title", "sapo", "body", "author", "published")
_FIELDS = ("title", "sapo", "author", "published")
_CALL_SECONDS = 600
_WIDTH = 160
_OURS, _FLOOR, _PEER = "ours", "lexbor", "trafilatura"
#: What ours has to reach: times trafilatura's speed, times the floor's; MB of a worker.
_TIMES_PEER, _OF_FLOOR, _MEMORY_MB = 10, 0.35, 300


@dataclass(frozen=True, slots=True)
class Contender:
    """`needs` is what its own venv holds; without, it runs in ours. `host`: it can read no other's pages."""

    name: str
    needs: tuple[str, ...] = ()
    slow: bool = False
    host: str | None = None


CONTENDERS = (
    Contender(_FLOOR),
    Contender(_OURS),
    Contender("ours, no layouts", slow=True),
    Contender(_PEER, slow=True),
    Contender("newspaper4k", needs=("newspaper4k==0.9.6",), slow=True),
    Contender("resiliparse", needs=("resiliparse==2.0.1",)),
    # fundus 0.5.7 can't be imported beside curl_cffi 0.14 and newer.
    Contender("fundus", needs=("fundus==0.5.7", "curl_cffi==0.13.0"), host="vnexpress.net"),
)


class Absent(Exception):
    """A contender can't take part; says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A contender with the interpreter that it runs in and the pages that it gets."""

    contender: Contender
    python: Path
    pages: list[Page]


@dataclass(frozen=True, slots=True)
class Lap:
    """`memory_mb` is the peak of the process."""

    pages_per_second: float
    cpu_ms_per_page: float
    memory_mb: float


@dataclass(frozen=True, slots=True)
class Result:
    """`scores` are None for the floor, which finds nothing; `failed` says by page what its error was."""

    contender: str
    pages: int
    mean_page_kb: float
    laps: list[Lap]
    scores: Row | None
    failed: dict[str, str]

    @property
    def speeds(self) -> list[float]:
        return [lap.pages_per_second for lap in self.laps]

    @property
    def memory_mb(self) -> float:
        return max(lap.memory_mb for lap in self.laps)

    def times(self, other: Result) -> list[float]:
        """Its speed over the other's, round by round."""
        return [mine / its for mine, its in zip(self.speeds, other.speeds, strict=True)]


def main() -> None:
    given = _arguments()
    gold = {row["url"]: row for row in read_rows(given.gold, _KEYS)}
    pages = _pages(given.archive, gold)
    if not pages:
        sys.exit(f"{given.archive} holds no page that is in {given.gold}")
    entries, absent = _enter(_evenly(pages, given.pages or len(pages)), given.slow_pages, given.peers)
    results = _race(entries, gold, given.rounds, absent)
    for name in (_OURS, _PEER, _FLOOR):
        if name in absent:
            sys.exit(f"{name} {absent[name]}")
    for result in results:
        if result.failed and result.contender.startswith(_OURS):
            url, error = next(iter(result.failed.items()))
            sys.exit(f"{result.contender} breaks on {len(result.failed)} of {result.pages} pages, {url}: {error}")
    if given.json:
        _print_json(results, absent, given.archive)
    else:
        _print(results, absent, given.archive, given.rounds)


def _arguments() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--archive", type=Path, required=True, help="WARC with the pages")
    arguments.add_argument("--gold", type=Path, required=True, help="their labels (JSON lines, .gz or not)")
    arguments.add_argument("--pages", type=int, help="only so many of the labelled pages, taken evenly")
    arguments.add_argument("--slow-pages", type=int, default=60, help="pages of a slow contender (default 60)")
    arguments.add_argument("--rounds", type=int, default=3, help="turns of each contender (default 3)")
    arguments.add_argument(
        "--peers", type=Path, default=_HERE.parent / "build" / "peers", help="folder of the venvs (build/peers)"
    )
    arguments.add_argument("--json", action="store_true", help="print one JSON object, every lap included")
    return arguments.parse_args()


def _pages(archive: Path, gold: dict[str, Row]) -> list[Page]:
    captures = {
        item.capture.url: item.capture
        for item in read_warc(archive)
        if isinstance(item, Record) and item.capture and item.capture.url in gold
    }
    return [Page(c.url, c.header("Content-Type"), c.time, c.body()) for c in captures.values()]


def _evenly(pages: Sequence[Page], count: int) -> list[Page]:
    count = min(count, len(pages))
    return [pages[n * len(pages) // count] for n in range(count)]


def _enter(pages: Sequence[Page], slow_pages: int, peers: Path) -> tuple[list[Entry], dict[str, str]]:
    """Who takes part, and why the others don't."""
    entries: list[Entry] = []
    absent: dict[str, str] = {}
    for contender in CONTENDERS:
        readable = [page for page in pages if contender.host in (None, page.url.split("/", 3)[2])]
        if not readable:
            absent[contender.name] = f"not run: no page is of {contender.host}"
            continue
        try:
            python = _installed(contender, peers) if contender.needs else Path(sys.executable)
        except Absent as error:
            absent[contender.name] = f"not installed: {error}"
            continue
        entries.append(Entry(contender, python, _evenly(readable, slow_pages) if contender.slow else readable))
    return entries, absent


def _installed(peer: Contender, peers: Path) -> Path:
    """The interpreter of the peer's venv, which is made where it is absent or holds other versions."""
    folder = peers / peer.name
    python, stamp, needs = folder / "bin" / "python", folder / "installed", "\n".join(peer.needs)
    if stamp.is_file() and stamp.read_text() == needs:
        return python
    _tell(f"installing {' '.join(peer.needs)} in {folder}")
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *peer.needs],
    ):
        _call(command)
    stamp.write_text(needs)
    return python


def _race(entries: Sequence[Entry], gold: dict[str, Row], rounds: int, absent: dict[str, str]) -> list[Result]:
    """What each contender did in its rounds; who breaks down is added to `absent`."""
    said: dict[str, list[Row]] = {entry.contender.name: [] for entry in entries}
    with tempfile.TemporaryDirectory() as folder:
        files = {entry.contender.name: Path(folder) / str(number) for number, entry in enumerate(entries)}
        for entry in entries:
            write_pages(files[entry.contender.name], entry.pages)
        for turn in range(rounds):
            for entry in entries:
                name = entry.contender.name
                if name in absent:
                    continue
                try:
                    lap = _call([str(entry.python), str(_HERE / "extract_peers.py"), name, str(files[name])])
                except Absent as error:
                    absent[name] = f"broke down: {error}"
                    continue
                said[name].append(json.loads(lap))
                _tell(f"round {turn + 1}, {name}: {_lap(said[name][-1]).pages_per_second:.0f} pages/s")
    return [_result(entry, said[entry.contender.name], gold) for entry in entries if entry.contender.name not in absent]


def _call(command: Sequence[str]) -> str:
    """What the command prints. Raises Absent with the last that it complains of."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_CALL_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise Absent(f"it takes more than {_CALL_SECONDS} s") from None
    if done.returncode != 0:
        complaints = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise Absent(complaints[-1].strip() if complaints else f"it ended with {done.returncode}")
    return done.stdout


def _lap(said: Row) -> Lap:
    return Lap(said["pages"] / said["seconds"], 1000 * said["cpu"] / said["pages"], said["memory_mb"])


def _result(entry: Entry, said: Sequence[Row], gold: dict[str, Row]) -> Result:
    name = entry.contender.name
    return Result(
        contender=name,
        pages=len(entry.pages),
        mean_page_kb=mean(len(page.body) for page in entry.pages) / 1000,
        laps=[_lap(lap) for lap in said],
        scores=None
        if name == _FLOOR
        else score_extraction(said[-1]["found"], [gold[page.url] for page in entry.pages]),
        failed=said[-1]["failed"],
    )


def _print_json(results: Sequence[Result], absent: dict[str, str], archive: Path) -> None:
    ours, peer, floor = (_named(name, results) for name in (_OURS, _PEER, _FLOOR))
    found = {
        "archive": archive.name,
        "cores": os.cpu_count(),
        "ours_over_trafilatura": ours.times(peer),
        "ours_over_floor": ours.times(floor),
        "contenders": [asdict(result) for result in results],
        "absent": absent,
    }
    sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")


def _print(results: Sequence[Result], absent: dict[str, str], archive: Path, rounds: int) -> None:
    ours, peer, floor = (_named(name, results) for name in (_OURS, _PEER, _FLOOR))
    table = Table(box=MARKDOWN)
    for heading in ("", "pages", "KB", "pages/s", "least-largest", "x trafilatura", "x floor", "cpu ms", "MB"):
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    for heading in ("F1", *_FIELDS):
        table.add_column(heading, justify="right", no_wrap=True)
    for result in results:
        table.add_row(
            result.contender,
            str(result.pages),
            f"{result.mean_page_kb:.0f}",
            f"{median(result.speeds):.0f}",
            f"{min(result.speeds):.0f}-{max(result.speeds):.0f}",
            f"{median(result.times(peer)):.1f}",
            f"{median(result.times(floor)):.3f}",
            f"{median(lap.cpu_ms_per_page for lap in result.laps):.2f}",
            f"{result.memory_mb:.0f}",
            *_accuracy(result.scores),
        )
    print(f"{archive.name}, {rounds} rounds, {os.cpu_count()} cores, one process each")
    if peer.pages < ours.pages:
        print(f"slow contenders got {peer.pages} of the {ours.pages} pages, taken evenly")
    Console(width=_WIDTH, highlight=False).print(table)
    for result in results:
        if result.scores and (without := result.scores["missing"]):
            why = f", e.g. {next(iter(result.failed.values()))}" if result.failed else ""
            print(f"{result.contender}: no article on {without} of {result.pages} pages{why}")
    for name, why in absent.items():
        print(f"{name}: {why}")
    print(f"memory of a worker of ours: {ours.memory_mb:.0f} MB at its peak (bar: below {_MEMORY_MB} MB)")
    print(_verdict("trafilatura", ours.times(peer), _TIMES_PEER))
    print(_verdict("the lexbor floor", ours.times(floor), _OF_FLOOR))


def _named(name: str, results: Sequence[Result]) -> Result:
    return next(result for result in results if result.contender == name)


def _accuracy(scores: Row | None) -> list[str]:
    if scores is None:
        return ["-"] * (1 + len(_FIELDS))
    return [f"{scores['f1']:.4f}", *(_share(scores[field], scores["n"].get(field, 0)) for field in _FIELDS)]


def _share(ratio: float | None, n: int) -> str:
    """k/n where n < 100 (design.md, Evaluation)."""
    if ratio is None:
        return "-"
    return f"{round(ratio * n)}/{n}" if n < 100 else f"{ratio:.4f}"


def _verdict(other: str, times: Sequence[float], bar: float) -> str:
    met = "MET" if median(times) >= bar else "NOT MET"
    return f"{met}: ours is {median(times):.2f} x {other} ({min(times):.2f} to {max(times):.2f}), the bar is {bar} x"


def _tell(words: str) -> None:
    sys.stderr.write(words + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
