"""The state of the collection at a glance, from the published database."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import duckdb
from rich.console import Console

from warehouse.reviews import agreement
from warehouse.summary import holdings


def read_status(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
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


def print_status(console: Console, found: dict[str, Any]) -> None:
    """A line each."""
    console.print(f"last crawl: {found['last_crawl'] or 'none'}", markup=False)
    console.print(f"held: {found['articles']} articles in {found['stories']} stories", markup=False)
    mentions = ", ".join(f"{name} {count}" for name, count in found["mentions"].items() if count)
    console.print(f"mentions: {mentions or 'none'}", markup=False)
    outlets = ", ".join(f"{count} {state}" for state, count in found["outlets"].items())
    console.print(f"outlets: {outlets}", markup=False)
    for outlet in found["troubled"]:
        console.print(f"  {outlet['outlet']}: {outlet['state']}: {outlet['says']}", style="yellow", markup=False)
    console.print(f"mentions the rules leave open: {found['undecided_mentions']}", markup=False)
    for topic in found["agreement"]:
        console.print(
            f"{topic['topic']}: people agree with the rules on {topic['agreed']}/{topic['decided']} mentions,"
            f" and settled {topic['settled']} that were open",
            markup=False,
        )
    if not found["agreement"]:
        console.print("people have decided nothing yet: diembao review list", markup=False)
