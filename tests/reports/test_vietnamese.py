"""Numbers and dates as Vietnamese documents write them; press text made safe to print."""

from __future__ import annotations

import datetime as dt

import pytest

from reports.vietnamese import moment, number, one_line, percent, signed, web_address


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1234, "1.234"), (1234567, "1.234.567"), (12.25, "12,3"), (1234.54, "1.234,5"), (0.04, "0,0")],
)
def test_a_dot_parts_thousands_and_a_comma_decimals(value: float, text: str) -> None:
    assert number(value) == text


def test_no_number_is_a_dash_not_a_zero() -> None:
    assert (number(None), percent(None)) == ("–", "–")


@pytest.mark.parametrize(
    ("value", "text"),
    [(3, "+3"), (-3, "-3"), (0, "0"), (12.5, "+12,5"), (-0.04, "0,0"), (0.04, "0,0"), (-1200, "-1.200")],
)
def test_a_change_carries_its_sign(value: float, text: str) -> None:
    assert signed(value) == text


def test_times_are_shown_in_vietnam() -> None:
    assert moment(dt.datetime(2021, 6, 30, 17, 30, tzinfo=dt.UTC)) == "01/07/2021, 00:30"


def test_press_text_becomes_one_line_without_control_characters() -> None:
    assert one_line("  Tiêu\r\nđề\x00 \u202edài\u2028và\u200b rộng\t") == "Tiêu đề dài và rộng"


@pytest.mark.parametrize("url", ["https://bao.example/tin-1.html", "http://bao.example/?a=1&b=2"])
def test_web_addresses_may_be_links(url: str) -> None:
    assert web_address(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        " https://bao.example/",
        "https://bao.example/\nBcc: x",
        'https://bao.example/"onclick="x',
        "https://bao.example/<b>",
        "https://bao.example/\u202e",
        "//bao.example/",
    ],
)
def test_anything_else_is_no_link(url: str) -> None:
    assert web_address(url) is None
