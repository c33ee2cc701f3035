"""CompiledFacets: what else an article about a target is about, each with the words that show it."""

from __future__ import annotations

import pytest

from nlp.facets import CompiledFacets, propose_tones, tag_facets
from nlp.find import find_mentions
from nlp.mention import ArticleText, Facet
from nlp.topics import CompiledTopics


def tags(topics: CompiledTopics, facets: CompiledFacets, body: str) -> dict[tuple[str, str], Facet]:
    text = ArticleText(None, None, body, None, None)
    return {(f.kind, f.value): f for f in tag_facets(text, find_mentions(text, topics), facets)}


@pytest.mark.parametrize(
    ("body", "kind", "value", "words"),
    [
        ("Nộp phạt nguội trên Cổng DVCQG.", "payment", "pay_traffic_fine", "phạt nguội"),
        ("Cổng DVCQG nhận đăng ký khai sinh.", "service", "civil_status", "khai sinh"),
        ("Cổng DVCQG nhận thông báo khuyến mại.", "service", "promotion", "khuyến mại"),
        ("Thanh toán tiền điện qua Cổng DVCQG.", "payment", "pay_electricity", "Thanh toán tiền điện"),
        (
            "Thủ tướng yêu cầu các bộ đưa thủ tục lên Cổng DVCQG.",
            "activity",
            "II.1",
            "Thủ tướng yêu cầu các bộ đưa thủ tục lên Cổng DVCQG",
        ),
        ("Bước 1: Vào Cổng DVCQG.", "activity", "II.2", "Bước 1"),
        ("Người dân, doanh nghiệp dùng Cổng DVCQG.", "audience", "businesses", "doanh nghiệp"),
        ("Bộ CA và công an xã dùng Cổng DVCQG.", "agency", "bo_cong_an", "công an xã"),
        ("UBND tỉnh Hà Nam mở lớp về Cổng DVCQG.", "agency", "tinh:hà nam", "UBND tỉnh Hà Nam"),
        ("Theo Bộ Tài chính, Cổng DVCQG chạy tốt.", "quoted", "bo_tai_chinh", "Theo Bộ Tài chính,"),
        ("Cổng DVCQG ở dichvucong.gov.vn.", "call", "portal_address", "dichvucong.gov.vn"),
        ("Trên Cổng DVCQG:\n- đăng ký khai sinh", "service", "civil_status", "khai sinh"),
        ("Toạ đàm về Nghị quyết 68/NQ-CP ngày 12/5/2020.", "activity", "III.3", "Toạ đàm"),
    ],
)
def test_facet_is_given_with_its_words(
    topics: CompiledTopics, facets: CompiledFacets, body: str, kind: str, value: str, words: str
) -> None:
    facet = tags(topics, facets, body)[kind, value]
    assert (facet.surface, body[facet.start : facet.end]) == (words, words)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("Nộp phạt nguội tại kho bạc.", "no topic at all"),
        ("Cổng DVCQG: mở.\nHọc phí tăng.", "no list follows the colon"),
        ("Cổng DVCQG mở.\nNộp phạt nguội trên Cổng dịch vụ công Bộ Công an.", "a ministry's portal is no target"),
        ("Cổng DVCQG đổi giao diện.\nHọc phí năm nay tăng.", "the words stand in another paragraph"),
        ("Cổng DVCQG nằm cạnh quán Evngon.", "inside another word"),
    ],
)
def test_no_facet_without_a_target_beside_it(
    topics: CompiledTopics, facets: CompiledFacets, body: str, why: str
) -> None:
    found = tags(topics, facets, body)
    assert {key for key in found if key[0] in ("service", "payment", "activity", "agency")} == set(), why


def test_activities_of_one_topic_are_not_given_for_the_other(topics: CompiledTopics, facets: CompiledFacets) -> None:
    assert ("activity", "III.3") not in tags(topics, facets, "Họp báo về Cổng DVCQG.")


def test_offsets_point_at_the_text_as_stored(topics: CompiledTopics, facets: CompiledFacets) -> None:
    body = "Mở\u00a0đầu. Khai  sinh\u200b qua Cổng\u00a0DVCQG."
    facet = tags(topics, facets, body)["service", "civil_status"]
    assert body[facet.start : facet.end] == facet.surface == "Khai  sinh"


@pytest.mark.parametrize(
    ("body", "proposed"),
    [
        ("Cổng DVCQG thường xuyên bị lỗi vào buổi sáng.", True),
        ("Nhiều người dân phản ánh không nộp được hồ sơ trên Cổng DVCQG.", True),
        ("Cổng DVCQG giúp tháo gỡ khó khăn cho bà con.", False),
        ("Cảnh báo trang giả mạo Cổng DVCQG để lừa đảo.", False),
        ("Nếu gặp lỗi trên Cổng DVCQG, hãy gọi tổng đài.", False),
        ("Cổng DVCQG phải xin lỗi khi trễ hẹn.", False),
        ("Cổng DVCQG mở thêm dịch vụ. Đường phố quá tải.", False),
        ("Cổng dịch vụ công Bộ Công an bị lỗi.", False),
    ],
)
def test_criticism_of_a_target_is_proposed_and_a_warning_of_forgeries_is_not(
    topics: CompiledTopics, facets: CompiledFacets, body: str, proposed: bool
) -> None:
    mentions = find_mentions(ArticleText(None, None, body, None, None), topics)
    assert bool(list(propose_tones(mentions, facets))) == proposed
