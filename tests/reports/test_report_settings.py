"""config/report.yaml: what it refuses, and which letterhead is in force."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.report import Report
from config.yaml_file import read_model
from tests.reports.press import REPORT, ROOT


def test_the_letterhead_changes_on_its_day() -> None:
    assert REPORT.issuer(dt.date(2025, 12, 31)).parent == "VĂN PHÒNG CHÍNH PHỦ"
    assert REPORT.issuer(dt.date(2026, 1, 1)).parent == "BỘ TƯ PHÁP"
    assert REPORT.issuer(dt.date(1999, 1, 1)) == REPORT.issuers[0]


def test_issuers_out_of_order_are_refused(tmp_path: Path) -> None:
    text = (ROOT / "config" / "report.yaml").read_text(encoding="utf-8")
    path = tmp_path / "report.yaml"
    path.write_text(text.replace("since: 2017-01-01", "since: 2027-01-01"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"report\.yaml:\d+:\d+: issuers: put the issuers in the order"):
        read_model(path, Report)


def test_a_share_above_100_percent_is_refused(tmp_path: Path) -> None:
    text = (ROOT / "config" / "report.yaml").read_text(encoding="utf-8")
    path = tmp_path / "report.yaml"
    path.write_text(text.replace("complete_from_percent: 95", "complete_from_percent: 950"), encoding="utf-8")
    with pytest.raises(ConfigError, match="complete_from_percent"):
        read_model(path, Report)
