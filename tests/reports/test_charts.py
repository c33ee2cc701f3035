"""Charts say what their figures say, in Vietnamese, and draw whatever they are given."""

from __future__ import annotations

import html
import io
import re

import pytest
from PIL import Image

from reports import charts
from reports.document import Bar, Chart, Figure, Paragraph, Summary
from reports.letters import shown
from tests.reports.forms import HOSTILE


def figure(value: float | None) -> Figure:
    return Figure(value, "query", (), (), "column")


def chart(*bars: tuple[str, str, float | None], sideways: bool = False, unit: str = "lượt") -> Chart:
    drawn = tuple(Bar(place, layer, figure(value)) for place, layer, value in bars)
    return Chart("name", "Biểu đồ", Paragraph("Nói bằng lời."), unit, drawn, sideways)


def words(drawn: Chart) -> list[str]:
    """The texts of the SVG, each element's lines together."""
    texts = re.findall(r"<text[^>]*>(.*?)</text>", charts.svg(drawn), re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", " ", text)).strip() for text in texts]


DAYS = chart(*((f"{day:02}", layer, day * 41 % 4) for day in range(1, 32) for layer in ("Cổng", "Nghị quyết")))


def test_a_picture_is_of_the_size_told_and_small() -> None:
    for drawn in (DAYS, chart(("Báo Ữ Ặ", "Lượt đăng", 3), ("Báo Ỡ", "Lượt đăng", 12), sideways=True)):
        content = charts.png(drawn)
        with Image.open(io.BytesIO(content)) as image:
            width, height = charts.size(drawn)
            assert image.size == (2 * width, 2 * height)
            assert image.convert("RGB").getpixel((1, 1)) == (255, 255, 255)
        assert len(content) < 30_000


def test_the_same_chart_is_the_same_picture() -> None:
    assert charts.png(DAYS) == charts.png(DAYS)
    assert charts.svg(DAYS) == charts.svg(DAYS)


def test_numbers_are_written_as_in_vietnamese() -> None:
    told = words(chart(("A", "x", 1234), ("B", "x", 5000)))
    assert {"1.234", "5.000", "2.000"} <= set(told)
    told = words(chart(("A", "x", 1234.54), ("B", "x", 2.5)))
    assert {"1.234,5", "2,5"} <= set(told)


def test_counts_have_no_halves_on_their_axis() -> None:
    assert not [text for text in words(chart(("A", "x", 1), ("B", "x", 2))) if "," in text]


def test_all_places_are_named_those_without_a_count_too() -> None:
    told = words(DAYS)
    assert [text for text in told if re.fullmatch("[0-3][0-9]", text)] == [f"{day:02}" for day in range(1, 32)]
    assert {"Có", "Không"} <= set(words(chart(("Có", "x", 3), ("Không", "x", None), ("Không nốt", "x", 0))))


@pytest.mark.parametrize("sideways", [True, False])
def test_long_names_are_whole(sideways: bool) -> None:
    name = "Trang thông tin điện tử tổng hợp (không phải cơ quan báo chí, tính riêng) của một tổ chức rất dài tên"
    told = words(chart((name, "x", 3), ("Báo", "x", 2), sideways=sideways))
    assert name in [" ".join(text.split()) for text in told]


def test_no_number_is_shown_that_is_no_figure() -> None:
    """Layers are stacked, and their sum has no query; what is too thin to hold its number has it behind the bar."""
    told = words(chart(("A", "trên", 7000), ("A", "dưới", 3), ("B", "trên", 2000), ("B", "dưới", 1234)))
    assert "7.000 + 3" in told
    assert {"2.000", "1.234"} <= set(told)
    assert not {"7.003", "3.234"} & set(told)


def test_without_figures_the_picture_says_so() -> None:
    for empty in (chart(), chart(("A", "x", 0), ("B", "x", None))):
        assert words(empty) == ["chưa có số liệu"]
        assert charts.png(empty)


def test_words_are_data_whatever_they_say(everything: Summary) -> None:
    (hostile,) = (drawn for drawn in everything.charts if drawn.name == "hostile")
    told = [" ".join(text.split()) for text in words(hostile)]
    for text in HOSTILE:
        assert shown(text) in told
        assert shown(f"lớp {text}") in told
    assert "<script" not in charts.svg(hostile)
