"""Facets: what else an article about a target is about, each with the words that show it."""

from __future__ import annotations

import pytest

from config.facets import Facets
from nlp.facets import tag_facets
from nlp.find import find_mentions
from nlp.mention import ArticleText, Facet
from nlp.topics import CompiledTopics


def tags(topics: CompiledTopics, facets: Facets, body: str) -> dict[tuple[str, str], Facet]:
    text = ArticleText(None, None, body, None, None)
    return {(f.kind, f.value): f for f in tag_facets(text, find_mentions(text, topics), facets)}


@pytest.mark.parametrize(
    ("body", "kind", "value", "words"),
    [
        ("Nộp phạt nguội trên Cổng DVCQG.", "service", "pay_traffic_fine", "Nộp phạt"),
        ("Cổng DVCQG nhận đăng ký khai sinh.", "service", "civil_status", "khai sinh"),
        ("Cổng DVCQG nhận thông báo khuyến mại.", "service", "promotion_advertising", "khuyến mại"),
        ("Thanh toán tiền điện qua Cổng DVCQG.", "service", "pay_electricity", "Thanh toán tiền điện"),
        ("Chỉ thị mới yêu cầu dùng Cổng DVCQG.", "activity", "II.1", "Chỉ thị"),
        ("Hướng dẫn nộp hồ sơ qua Cổng DVCQG.", "activity", "II.2", "Hướng dẫn nộp"),
        ("Toạ đàm về Nghị quyết 68/NQ-CP ngày 12/5/2020.", "activity", "III.3", "Toạ đàm"),
    ],
)
def test_facet_is_given_with_its_words(
    topics: CompiledTopics, facets: Facets, body: str, kind: str, value: str, words: str
) -> None:
    facet = tags(topics, facets, body)[kind, value]
    assert (facet.surface, body[facet.start : facet.end]) == (words, words)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("Nộp phạt nguội tại kho bạc.", "no topic at all"),
        ("Nộp phạt nguội trên Cổng dịch vụ công Bộ Công an.", "a ministry's portal is no target"),
        ("Tọa đàm về Nghị quyết 68-NQ/TW.", "another resolution is no target"),
        ("Cổng DVCQG đổi giao diện.\nHọc phí năm nay tăng.", "the words stand in another paragraph"),
        ("Cổng DVCQG nằm cạnh quán Evngon.", "inside another word"),
    ],
)
def test_no_facet_without_a_target_beside_it(topics: CompiledTopics, facets: Facets, body: str, why: str) -> None:
    assert tags(topics, facets, body) == {}, why


def test_activities_of_one_topic_are_not_given_for_the_other(topics: CompiledTopics, facets: Facets) -> None:
    assert ("activity", "III.3") not in tags(topics, facets, "Họp báo về Cổng DVCQG.")


def test_offsets_point_at_the_text_as_stored(topics: CompiledTopics, facets: Facets) -> None:
    body = "Mở\u00a0đầu. Khai  sinh\u200b qua Cổng\u00a0DVCQG."
    facet = tags(topics, facets, body)["service", "civil_status"]
    assert body[facet.start : facet.end] == facet.surface == "Khai  sinh"
