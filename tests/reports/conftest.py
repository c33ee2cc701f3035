from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from reports.document import Summary
from reports.monthly import build_monthly
from reports.period import Month
from tests.reports.press import NOW, PLAN, REPORT, Press, fill
from warehouse.settings import SESSION


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The invented press, opened read-only as the published database is."""
    path = tmp_path_factory.mktemp("published") / "coverage.duckdb"
    press = Press(path)
    fill(press)
    press.con.close()
    connection = duckdb.connect(str(path), read_only=True)
    connection.execute(SESSION)
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def july(published: duckdb.DuckDBPyConnection) -> Summary:
    return build_monthly(published, Month(2021, 7), REPORT, PLAN, NOW, relook_days=7)
