"""Analysts' tools open the published file as we do: DuckDB 1.5 on the command line, older than what wrote it."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import diembao_json
from warehouse.publish import PUBLISHED
from warehouse.published import open_published, published_path
from warehouse.recipes import recipes

CLI = Path(sys.executable).with_name("duckdb")
IN_VIETNAM = "SET TimeZone = 'Asia/Ho_Chi_Minh'; "


def cli(workspace: Path, sql: str, home: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Asks it, without anybody's ~/.duckdbrc."""
    command = [str(CLI), "-readonly", "-json", str(published_path(workspace)), sql]
    environment = {"HOME": str(home), "PATH": str(CLI.parent), "TZ": "UTC"}
    done = subprocess.run(command, env=environment, text=True, capture_output=True, check=False)
    assert done.returncode == code, done.stderr
    return done


def answer(workspace: Path, sql: str, home: Path) -> Any:
    return json.loads(cli(workspace, sql, home).stdout)


def test_it_is_the_command_line_of_1_5(sample: Path, tmp_path: Path) -> None:
    assert answer(sample, "SELECT version() AS v", tmp_path)[0]["v"].startswith("v1.5.")


def test_every_published_table_has_as_many_rows_there(sample: Path, tmp_path: Path) -> None:
    count = " UNION ALL ".join(f"SELECT '{table}' AS name, count(*) AS n FROM {table}" for table in PUBLISHED)
    with closing(open_published(sample)) as connection:
        ours = dict(connection.execute(count).fetchall())
    assert {row["name"]: row["n"] for row in answer(sample, count, tmp_path)} == ours
    assert ours["articles"] == 67


@pytest.mark.parametrize("number", [1, 26])
def test_a_question_of_the_cookbook_has_the_same_answer_there(sample: Path, tmp_path: Path, number: int) -> None:
    (recipe,) = [recipe for recipe in recipes() if recipe.number == number]
    theirs = answer(sample, IN_VIETNAM + recipe.sql, tmp_path)
    assert theirs == diembao_json("sql", recipe.sql, "--data", str(sample))
    assert theirs


def test_times_are_those_of_vietnam_where_the_session_is_told_so(sample: Path, tmp_path: Path) -> None:
    latest = "SELECT max(counted_at)::VARCHAR AS t FROM articles"
    assert answer(sample, IN_VIETNAM + latest, tmp_path)[0]["t"].endswith("+07")
    assert answer(sample, latest, tmp_path)[0]["t"].endswith("+00")


def test_what_would_write_is_refused_there(sample: Path, tmp_path: Path) -> None:
    assert "read-only" in cli(sample, "CREATE TABLE ours (a INT)", tmp_path, code=1).stderr
    assert not published_path(sample).with_name("coverage.duckdb.wal").exists()
