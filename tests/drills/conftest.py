from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.server import FaultPress, running_fault_press


@pytest.fixture(scope="module")
def press(request: pytest.FixtureRequest) -> Iterator[FaultPress]:
    """A healthy press of as many HOSTS and PAGES as the module says."""
    with running_fault_press(healthy=request.module.HOSTS, pages=request.module.PAGES, only=()) as press:
        yield press


@pytest.fixture(scope="module")
def config(press: FaultPress, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drill") / "config"
    press.write_config(folder)
    return folder
