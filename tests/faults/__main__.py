"""By hand: `python -m tests.faults.press --config DIR` runs the misbehaving press, ready to be crawled."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import threading
from pathlib import Path

from tests.faults.faults import FAULTS
from tests.faults.server import FaultPress, Outlet, running_fault_press


def main(arguments: list[str] | None = None) -> None:
    """Runs until Ctrl-C, then says what was asked."""
    options = _options(arguments)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with running_fault_press(options.healthy, options.pages, options.only) as press:
        try:
            press.write_config(options.config)
        except FileExistsError as error:
            sys.exit(str(error))
        _print_table(press)
        print("Crawl it from another terminal, in the folder of the checkout:\n")
        print(f"  diembao crawl --config {shlex.quote(str(options.config))} --data DATA\n")
        print("Ctrl-C ends the press and says what it was asked.", flush=True)
        stop.wait()
        _print_asked(press)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults.press",
        description=f"A press on 127.0.0.1: healthy outlets beside {len(FAULTS)} that each play one fault. "
        "It writes a configuration of itself, prints what each outlet plays, and runs until Ctrl-C.",
        epilog="Outlets that play a fault are named loi_<fault>, healthy ones lanh1, lanh2, … Ports change from run to "
        "run, and the configuration with them: crawl into a new DATA folder each time.",
    )
    parser.add_argument(
        "--config",
        type=Path,
        required=True,
        metavar="DIR",
        help="a new folder to write the configuration to (or one of an earlier run)",
    )
    parser.add_argument("--healthy", type=int, default=5, metavar="N", help="healthy outlets (5)")
    parser.add_argument("--pages", type=int, default=20, metavar="N", help="articles of each healthy outlet (20)")
    parser.add_argument(
        "--only", nargs="+", metavar="FAULT", choices=[fault.id for fault in FAULTS], help="play only these faults"
    )
    return parser.parse_args(arguments)


def _print_table(press: FaultPress) -> None:
    for outlet in press.configured:
        print(f"{outlet.id:27} {outlet.base:24} {_plays(outlet)}")
    print()


def _plays(outlet: Outlet) -> str:
    if outlet.fault is None:
        return f"healthy: {outlet.pages} articles"
    expect = outlet.fault.expect
    words = ", ".join(sorted(expect.reasons or ())) or "no harm"
    or_unharmed = ", or no harm" if expect.or_unharmed else ""
    return f"{outlet.fault.description} → {expect.healthy} collected; {words}{or_unharmed}"


def _print_asked(press: FaultPress) -> None:
    asked = press.asked
    requests, hosts = sum(map(len, asked.values())), sum(map(bool, asked.values()))
    print(f"\n{requests} requests to {hosts} hosts, at most {max(press.max_concurrency.values())} at a time to one.")
    for outlet, target in press.forbidden():
        print(f"Must never be asked, but was: {outlet} {target}")


if __name__ == "__main__":
    main()
