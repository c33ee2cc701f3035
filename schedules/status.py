"""What an operator must know at a glance: nights, publication, what comes next, mail, outlets, disk, open items."""

from __future__ import annotations

import datetime as dt
import shutil
from contextlib import closing, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console

from config.clock import VIETNAM
from config.schedule import Schedule
from reports import ledger
from schedules.due import beginning, believed, open_nights, owed_months, upcoming
from schedules.health import examine, last_night
from schedules.ledger import read_ledger
from schedules.scheduler import is_running
from warehouse.journal import JournalError
from warehouse.published import NotPublished, open_published, published_path
from warehouse.reviews import agreement
from warehouse.summary import holdings


def read_status(workspace: Path, schedule: Schedule, now: dt.datetime) -> dict[str, Any]:
    """What is published (no `articles` where nothing can be read), what the ledgers say, what needs a person.

    A broken database is one of `needs`; the rest is told all the same.
    """
    found = _schedule_status(workspace, schedule, now)
    if published_path(workspace).exists():
        # Otherwise it is one of `needs`: the outlets could not be read.
        with suppress(duckdb.Error, NotPublished), closing(open_published(workspace)) as connection:
            found |= _published_status(connection)
    return found


def _schedule_status(workspace: Path, schedule: Schedule, now: dt.datetime) -> dict[str, Any]:
    lines = believed(read_ledger(workspace), now)
    night = last_night(lines)
    path = published_path(workspace)
    published = dt.datetime.fromtimestamp(path.stat().st_mtime, VIETNAM) if path.exists() else None
    troubles = examine(workspace, schedule, now, archive=False)
    begin = beginning(lines)
    return {
        "scheduler": "running" if is_running(workspace) else "not running" if begin else "never started",
        "last_night": None
        if night is None
        else {"night": night.target, "ended_at": _iso(night.at), "code": night.code, "new": night.new},
        "last_night_hours": None if night is None else round((now - night.at).total_seconds() / 3600, 1),
        "open_nights": [day.isoformat() for day in open_nights(lines, schedule, now)],
        "published": None if published is None else _iso(published),
        "next": {job: _iso(at) for job, at in upcoming(schedule, now).items()} if begin else {},
        "mail": _mail(workspace),
        "months_owed": [str(month) for month in owed_months(lines, schedule, now)],
        "disk_free_gb": round(shutil.disk_usage(workspace).free / 1e9, 1),
        "needs": [asdict(trouble) | {"urgent": trouble.urgent} for trouble in troubles],
    }


def _mail(workspace: Path) -> list[dict[str, Any]]:
    # Otherwise it is one of `needs`: the journal has lines that can't be read.
    with suppress(JournalError):
        return [asdict(mail) for mail in ledger.newest(workspace)]
    return []


def _published_status(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Holdings, outlets by state with the troubled ones named, open items, and agreement of rules with people."""
    held = holdings(connection)
    outlets = connection.execute("SELECT state, count(*) FROM outlet_health GROUP BY state ORDER BY state").fetchall()
    troubled = connection.execute(
        "SELECT outlet_id, state, coalesce(drift, array_to_string(alarms, '; ')) FROM outlet_health"
        " WHERE state IN ('alarms', 'drift', 'not reached') ORDER BY outlet_id"
    ).fetchall()
    ((last,),) = connection.execute("SELECT max(last_crawl_at)::VARCHAR FROM outlet_health").fetchall()
    ((undecided,),) = connection.execute("SELECT count(*) FROM unresolved_mentions").fetchall()
    return {
        "last_crawl": last,
        "articles": held.articles,
        "stories": held.stories,
        "mentions": {f"{topic} {sense}": count for (topic, sense), count in held.mentions.items()},
        "outlets": dict(outlets),
        "troubled": [{"outlet": outlet, "state": state, "says": says} for outlet, state, says in troubled],
        "undecided_mentions": undecided,
        "agreement": [asdict(topic) for topic in agreement(connection)],
    }


def is_well(found: dict[str, Any]) -> bool:
    """Whether nobody has to come."""
    return not any(need["urgent"] for need in found["needs"])


def print_status(console: Console, found: dict[str, Any]) -> None:
    """Ten lines, and one for each outlet in trouble; then one for each thing that needs a person."""
    for line in [*_schedule_lines(found), *_published_lines(found)]:
        console.print(line, markup=False)
    for need in found["needs"]:
        style, mark = ("red", "NEEDED") if need["urgent"] else ("yellow", "to see")
        console.print(f"{mark}: {need['english']}; {need['command']}", style=style, markup=False)
    if not found["needs"]:
        console.print("nothing needs a person", style="green", markup=False)


def _schedule_lines(found: dict[str, Any]) -> list[str]:
    night = found["last_night"]
    told = f"{night['night']}, {found['last_night_hours']} h ago, {night['new']} new articles" if night else "none"
    missed = found["open_nights"]
    more = f"; not done: {len(missed)}, from {missed[0]}" if missed else ""
    following = ", ".join(f"{job} {_short(at)}" for job, at in found["next"].items())
    counts: dict[str, int] = {}
    for mail in found["mail"]:
        counts[mail["state"]] = counts.get(mail["state"], 0) + 1
    mail = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    owed = ", ".join(found["months_owed"]) or "none"
    last = max(
        (m["period"] for m in found["mail"] if m["report"] == "monthly" and m["state"] in ("sent", "kept")),
        default="none",
    )
    return [
        f"last night done: {told}{more}",
        f"published: {_short(found['published']) if found['published'] else 'nothing yet'}",
        f"scheduler: {found['scheduler']}{'; next: ' + following if following else ''}",
        f"months: last sent {last}, owed {owed}; mail: {mail or 'none'}",
        f"disk: {found['disk_free_gb']} GB free",
    ]


def _published_lines(found: dict[str, Any]) -> list[str]:
    if "articles" not in found:
        return ["held: nothing is published; run `diembao nightly` first"]
    mentions = ", ".join(f"{name} {count}" for name, count in found["mentions"].items() if count)
    outlets = ", ".join(f"{count} {state}" for state, count in found["outlets"].items())
    people = "; ".join(
        f"people agree with the rules on {topic['agreed']}/{topic['decided']} mentions of {topic['topic']}"
        f" and settled {topic['settled']} that were open"
        for topic in found["agreement"]
    )
    held = f"{found['articles']} articles in {found['stories']} stories"
    lines = [
        f"last crawl: {found['last_crawl'] or 'none'}; held: {held}",
        f"mentions: {mentions or 'none'}",
        f"outlets: {outlets}",
        f"mentions the rules leave open: {found['undecided_mentions']}",
        people or "people have decided nothing yet: diembao review list",
    ]
    lines[3:3] = [f"  {one['outlet']}: {one['state']}: {one['says']}" for one in found["troubled"]]
    return lines


def _iso(at: dt.datetime) -> str:
    return at.astimezone(VIETNAM).isoformat(timespec="seconds")


def _short(iso: str) -> str:
    return f"{dt.datetime.fromisoformat(iso):%d/%m %H:%M}"
