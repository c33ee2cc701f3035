"""Times our crawler beside peers, on a press of many hosts on loopback, in one run; or sees how polite it is.

    python benchmarks/crawl.py                            # speed: 1, 8 and 40 hosts, three rounds, about 6 minutes
    python benchmarks/crawl.py --hosts 8 --rounds 5       # the same for one number of hosts
    python benchmarks/crawl.py --polite                   # politeness: 40 hosts of 300 pages, about a minute
    python benchmarks/crawl.py --polite --delay 2 --pages 30

Speed. Each contender is a process of its own and does the same: asks each host for its robots.txt and its feed, reads
both, then gets each page that is announced once, unpacked, over one connection and with one request at a time to a
host (the politeness of our crawler, so all keep it), with no delay. Only ours archives. Contenders take turns within a
round, as the machine is noisy; the figures are least, median and largest of the rounds.

  bare       an asyncio client that parses as little HTTP as it can
  scrapy     plain Scrapy, its defaults, one spider for all hosts (CONCURRENT_REQUESTS = hosts)
  scrapies   plain Scrapy, a crawler a host in one process, which is how ours is laid out
  ours       crawler.run.run_crawl, archiving

pages/s    pages, over the seconds from the first request that the press saw to the end of the process: what is
           archived counts only when its file is closed
start      seconds from the start of the process to that first request
cpu        seconds of processor of the contender and its children; memory: the largest of them at its peak
press      seconds of processor that the press took meanwhile, on the same machine

After each crawl of ours its archive is read back: every page must be in it exactly once, with the bytes that the press
sent. Every contender must have asked for every page exactly once. If not, this ends with 1.

Politeness. Ours alone, with a delay, against a press that takes 30 ms to answer: the time from the start of the process
to its end, over the ideal, which is the pages of the largest host times the delay; the gaps between neighbouring
requests to a host, how many of them are below 95 % of the delay, and the most requests that were in flight at one host,
as the press saw them. 40 hosts, 0.2 s apart, are 200 pages/s: where ours is not that fast, this measures its speed.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from press import Press, Report, bodies, body_of, packed, running_press

from archive.capture import Capture
from archive.read import Damage, read_warc

_HERE = Path(__file__).parent
#: What one contender gets of all hosts together, unless --pages says otherwise: ours takes about ten seconds for it.
_PAGES_IN_ALL = 2400
_POLITE_HOSTS, _POLITE_PAGES = 40, 300
_ANSWER_AFTER = 0.03
#: A gap is short below this share of the delay: the press sees arrivals, and this machine is shared.
_ABOUT = 0.95

CONTENDERS = {
    "bare": ["crawl_bare.py"],
    "scrapy": ["crawl_scrapy.py"],
    "scrapies": ["crawl_scrapy.py", "--each"],
    "ours": ["crawl_ours.py"],
}


@dataclass(frozen=True, slots=True)
class Lap:
    """One contender's crawl. `seconds` run from the first request to the end of the process, `last_page` to the end
    of the last answer, `all_seconds` from the start of the process."""

    contender: str
    pages: int
    start: float
    seconds: float
    last_page: float
    all_seconds: float
    cpu: float
    memory_mb: float
    press_cpu: float
    faults: list[str]

    @property
    def speed(self) -> float:
        return self.pages / self.seconds


def main() -> None:
    given = _arguments()
    found, faults = _polite(given) if given.polite else _speed(given)
    if given.json:
        sys.stdout.write(json.dumps(found) + "\n")
    for fault in faults:
        _tell(f"WRONG: {fault}")
    sys.exit(1 if faults else 0)


def _arguments() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--hosts", type=int, nargs="+", help="numbers of hosts (default 1 8 40; --polite: 40)")
    arguments.add_argument(
        "--pages", type=int, help=f"pages of each host (default {_PAGES_IN_ALL} / hosts; --polite: {_POLITE_PAGES})"
    )
    arguments.add_argument("--rounds", type=int, default=3, help="turns of each contender (default 3)")
    arguments.add_argument("--only", nargs="+", choices=CONTENDERS, default=list(CONTENDERS), help="contenders")
    arguments.add_argument("--polite", action="store_true", help="see how polite ours is instead of how fast")
    arguments.add_argument("--delay", type=float, default=0.5, help="seconds between requests with --polite (0.5)")
    arguments.add_argument("--json", action="store_true", help="print one JSON object, every lap included")
    return arguments.parse_args()


def _speed(given: argparse.Namespace) -> tuple[dict[str, object], list[str]]:
    faults: list[str] = []
    settings = []
    for hosts in given.hosts or (1, 8, 40):
        pages = given.pages or _PAGES_IN_ALL // hosts
        laps: list[Lap] = []
        with running_press(hosts, pages) as press:
            for turn in range(given.rounds):
                for contender in given.only:
                    lap = _lap(contender, press, pages)
                    _tell(f"{hosts} hosts, round {turn + 1}, {contender}: {lap.speed:.0f} pages/s, {lap.seconds:.1f} s")
                    laps.append(lap)
        faults += [fault for lap in laps for fault in lap.faults]
        ratios = {peer: _ratios(laps, peer) for peer in given.only if peer != "ours" and "ours" in given.only}
        settings.append({"hosts": hosts, "pages": pages, "ratios": ratios, "laps": [asdict(lap) for lap in laps]})
        if not given.json:
            _print_speed(hosts, pages, given.only, laps, ratios)
    return {"cores": os.cpu_count(), "settings": settings, "faults": faults}, faults


def _ratios(laps: Sequence[Lap], peer: str) -> list[float]:
    """Our speed over the peer's, round by round."""
    ours, theirs = ([lap.speed for lap in laps if lap.contender == name] for name in ("ours", peer))
    return [mine / other for mine, other in zip(ours, theirs, strict=True)]


def _print_speed(
    hosts: int, pages: int, contenders: Sequence[str], laps: Sequence[Lap], ratios: dict[str, list[float]]
) -> None:
    rounds = len(laps) // len(contenders)
    print(f"{hosts} host{'s' if hosts > 1 else ''} of {pages} pages, {rounds} rounds, {os.cpu_count()} cores")
    print("            pages/s: least median largest    start      cpu   memory    press")
    for contender in contenders:
        of = [lap for lap in laps if lap.contender == contender]
        speeds = [lap.speed for lap in of]
        print(
            f"  {contender:14} {min(speeds):10.0f} {median(speeds):6.0f} {max(speeds):7.0f}"
            f"  {median(lap.start for lap in of):5.2f} s  {median(lap.cpu for lap in of):5.1f} s"
            f"  {max(lap.memory_mb for lap in of):4.0f} MB  {median(lap.press_cpu for lap in of):5.1f} s"
        )
    for peer, values in ratios.items():
        print(f"  {f'ours / {peer}':14} {min(values):10.2f} {median(values):6.2f} {max(values):7.2f}")


def _polite(given: argparse.Namespace) -> tuple[dict[str, object], list[str]]:
    hosts = given.hosts[0] if given.hosts else _POLITE_HOSTS
    pages = given.pages or _POLITE_PAGES
    ideal = pages * given.delay
    _tell(f"{hosts} hosts of {pages} pages, {given.delay} s apart: {ideal:.0f} s at best")
    with running_press(hosts, pages, _ANSWER_AFTER) as press:
        lap, report = _crawl("ours", press, pages, given.delay)
    gaps = sorted(gap for host in report.hosts for gap in host.gaps)
    short = sum(gap < given.delay * _ABOUT for gap in gaps)
    in_flight = max(host.most_in_flight for host in report.hosts)
    faults = lap.faults + ([f"{in_flight} requests were in flight at one host"] if in_flight > 1 else [])
    found: dict[str, object] = {
        "hosts": hosts,
        "pages": pages,
        "delay": given.delay,
        "ideal": ideal,
        "ratio": lap.all_seconds / ideal,
        "gaps": len(gaps),
        "least_gap": gaps[0],
        "median_gap": median(gaps),
        "largest_gap": gaps[-1],
        "short_gaps": short,
        "most_in_flight": in_flight,
        "lap": asdict(lap),
        "faults": faults,
    }
    if not given.json:
        print(f"{hosts} hosts of {pages} pages, {given.delay} s apart, each answered after {_ANSWER_AFTER} s")
        print(f"  time            {lap.all_seconds:7.1f} s, of it {lap.start:.1f} s before the first request")
        print(f"  ideal           {ideal:7.1f} s = {pages} pages x {given.delay} s")
        print(f"  time / ideal    {lap.all_seconds / ideal:7.2f}")
        print(f"  gaps at a host  {gaps[0]:7.3f} s at least, {median(gaps):.3f} s median, {gaps[-1]:.3f} s at most")
        print(f"  short gaps      {short:7} of {len(gaps)} below {_ABOUT:.0%} of the delay")
        print(f"  in flight       {in_flight:7} at one host at most")
        print(f"  cpu, memory     {lap.cpu:7.1f} s, {lap.memory_mb:.0f} MB")
    return found, faults


def _lap(contender: str, press: Press, pages: int) -> Lap:
    return _crawl(contender, press, pages, 0)[0]


def _crawl(contender: str, press: Press, pages: int, delay: float) -> tuple[Lap, Report]:
    with tempfile.TemporaryDirectory() as folder:
        task = {"hosts": press.hosts, "workspace": folder, "delay": delay}
        press.report()  # forget what was before
        begun = time.monotonic()
        command = [sys.executable, str(_HERE / CONTENDERS[contender][0]), *CONTENDERS[contender][1:]]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if child.stdin is None or child.stdout is None:
            raise RuntimeError("the contender has no pipes")
        with child.stdin, child.stdout:
            child.stdin.write(json.dumps(task).encode())
            child.stdin.close()
            said = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        ended = time.monotonic()
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            sys.exit(f"{contender} ended with {child.returncode}")
        report = press.report()
        faults = _asked_wrongly(report, pages)
        if contender == "ours":
            faults += _archived_wrongly(Path(folder), press.hosts, pages)
    lap = Lap(
        contender=contender,
        pages=json.loads(said)["pages"],
        start=report.first - begun,
        seconds=ended - report.first,
        last_page=report.last_page - report.first,
        all_seconds=ended - begun,
        cpu=usage.ru_utime + usage.ru_stime,
        memory_mb=usage.ru_maxrss / 1024,
        press_cpu=report.cpu_seconds,
        faults=[f"{contender}: {fault}" for fault in faults],
    )
    if lap.pages != pages * len(press.hosts):
        lap.faults.append(f"{contender}: says it got {lap.pages} pages of {pages * len(press.hosts)}")
    return lap, report


def _asked_wrongly(report: Report, pages: int) -> list[str]:
    return [
        f"{host.host} was asked for {host.pages} pages of {pages}, {host.repeated} again, {host.unknown} unknown"
        for host in report.hosts
        if host.pages != pages or host.repeated or host.unknown
    ]


def _archived_wrongly(workspace: Path, hosts: Sequence[str], pages: int) -> list[str]:
    sent = [gzip.compress(body, 6, mtime=0) if packed(n) else body for n, body in enumerate(bodies())]
    expected = {
        f"http://{host}/bai-{page}.html": body_of(number, page)
        for number, host in enumerate(hosts)
        for page in range(pages)
    }
    times: Counter[str] = Counter()
    faults = []
    for file in sorted(workspace.rglob("*.warc.gz*")):
        for item in read_warc(file):
            if isinstance(item, Damage):
                faults.append(f"{file.name} is damaged: {item.what}")
            elif item.capture and item.capture.kind == "page":
                times[item.capture.url] += 1
                faults += _differs(item.capture, sent, expected)
    once = sum(times[url] == 1 for url in expected)
    if once < len(expected) or len(times) > len(expected):
        faults.append(f"{once} pages of {len(expected)} are in the archive exactly once, {len(times)} addresses in all")
    return faults


def _differs(capture: Capture, sent: Sequence[bytes], expected: dict[str, int]) -> list[str]:
    body = expected.get(capture.url)
    good = body is not None and capture.status == 200 and capture.payload == sent[body]
    return [] if good else [f"{capture.url} is not archived as it was sent"]


def _tell(words: str) -> None:
    sys.stderr.write(words + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
