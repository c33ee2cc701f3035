"""An analyst without pause: asks the published file again and again, each time over a new connection.

`python -m tests.warehouse.reader WORKSPACE STOP` writes each answer as a line of JSON; it ends, after one more answer,
when the file STOP is there.
"""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path

import duckdb

from warehouse.published import open_published

#: Counts, joins, views over views, and text: together they differ wherever two publications do.
QUESTIONS = (
    "SELECT count(*), max(decided_at) FROM reviews",
    "SELECT topic, sense, count(*), count(decided_by) FROM mentions GROUP BY ALL ORDER BY ALL",
    "SELECT sum(articles), sum(stories), sum(focus_articles) FROM coverage_monthly WHERE is_target",
    "SELECT count(*), count(DISTINCT story_id), sum(hash(body)) FROM articles",
    "SELECT story.story_id, story.articles, list(article_id ORDER BY article_id) FROM stories AS story JOIN articles"
    " USING (story_id) GROUP BY ALL ORDER BY ALL",
    "SELECT * FROM plan_progress ORDER BY ALL",
)


def ask(connection: duckdb.DuckDBPyConnection) -> str:
    """All answers, as text."""
    return json.dumps([connection.execute(question).fetchall() for question in QUESTIONS], default=str)


def ask_published(workspace: Path) -> str:
    """All answers over a connection of their own."""
    with closing(open_published(workspace)) as connection:
        return ask(connection)


def main(workspace: Path, stop: Path) -> None:
    """Asks until told to stop; an error is an answer too."""
    ending = False
    while not ending:
        ending = stop.exists()
        try:
            answer = ask_published(workspace)
        except Exception as error:  # noqa: BLE001 (whatever the reader would see)
            answer = f"{type(error).__name__}: {error}"
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
