"""What counts as a mention, and of what: each sentence is one trap, with the reason it is one."""

from __future__ import annotations

import datetime as dt

import pytest

from nlp.find import find_mentions
from nlp.mention import ArticleText, Mention
from nlp.topics import CompiledTopics

TZ = dt.timezone(dt.timedelta(hours=7))


def mentions(topics: CompiledTopics, body: str, day: str | None = None, title: str | None = None) -> list[Mention]:
    published = dt.datetime.fromisoformat(day).replace(tzinfo=TZ) if day else None
    return find_mentions(ArticleText(title, None, body, None, published), topics)


def senses(topics: CompiledTopics, body: str, day: str | None = None) -> set[str]:
    return {mention.sense for mention in mentions(topics, body, day)}


PORTAL = [
    ("Hồ sơ nộp trên Cổng Dịch vụ công quốc gia.", {"national"}, "the full name"),
    ("CỔNG DỊCH VỤ CÔNG QUỐC GIA ĐÓN TRIỆU LƯỢT TRUY CẬP", {"national"}, "capitals"),
    ("Người dân vào Cổng DVCQG để nộp phạt.", {"national"}, "abbreviated"),
    ("Tài khoản Cổng DVC Quốc gia bị khóa.", {"national"}, "half abbreviated"),
    ("Cổng  Dịch vụ công  quốc gia mở thêm dịch vụ.", {"national"}, "double spaces"),
    ("Cổng Dịch\nvụ công quốc gia", {"national"}, "a table broke the name"),
    ("Truy cập dichvucong. gov.vn để đăng ký.", {"national"}, "a space inside the address"),
    ("Truy cập https://www.dichvucong.gov.vn/p/home/trang-chu.html", {"national"}, "a longer address"),
    ("Vào dangky.dichvucong.gov.vn.", {"national"}, "a subdomain of the portal"),
    ("Cong Dich vu cong quoc gia mo rong dich vu.", {"national"}, "typed without marks"),
    ("Cổng dịch vụ công trực tuyến quốc gia hoạt động ổn định.", {"national"}, "a word inserted"),
    ("Residents log in to the national public service portal.", {"national"}, "English"),
    ("Cổng Dịch vụ công Bộ Công an tiếp nhận hồ sơ.", {"ministry"}, "a ministry's own"),
    ("Nộp tờ khai tại dichvucong.moit.gov.vn.", {"ministry"}, "a ministry's address"),
    ("Cổng dịch vụ công tỉnh Hà Nam nâng cấp.", {"provincial"}, "a province's own"),
    ("Cổng dịch vụ công Đà Nẵng nâng cấp.", {"provincial"}, "a city named without 'thành phố'"),
    ("Vào dichvucong.dongnai.gov.vn để nộp.", {"provincial"}, "a province's address"),
    ("Các cổng dịch vụ công cấp bộ, cấp tỉnh sẽ đóng.", {"ministry", "provincial"}, "two in one phrase"),
    ("Bà con khai trên cổng dịch vụ công cho nhanh.", {"unspecified"}, "no owner said"),
    ("Cổng Dịch vụ công (DVC) quốc gia mở thêm dịch vụ.", {"national"}, "the abbreviation stands inside the name"),
    ("Có cổng DVC của quỹ, Cổng Dịch vụ công Bộ Y tế.", {"unspecified", "ministry"}, "a list is no apposition"),
    ("Mở cổng dịch vụ công: https://dichvucong.gov.vn", {"national"}, "the address beside it says whose"),
    ("Đơn vị mở cổng dịch vụ công nghệ thông tin cho khách hàng.", set(), "'công nghệ' is another word"),
    ("Công ty thắng thầu dịch vụ công ích của quận.", set(), "'công ích' is another word"),
    ("Cổng thông tin một cửa quốc gia kết nối hải quan ASEAN.", set(), "another national gate"),
    ("Cổng dữ liệu quốc gia công bố danh mục mới.", set(), "another national gate"),
    ("Trang giả dichvucong.gov.vn.nopphat.com vừa bị chặn.", set(), "a forged host that starts alike"),
    ("Trang giả xdichvucong.gov.vn vừa bị chặn.", set(), "a forged host that ends alike"),
]

NQ68 = [
    ("Nghị quyết 68/NQ-CP ngày 12/5/2020 của Chính phủ.", None, {"nq68-2020"}, "cited with its date"),
    ("Nghị quyết số 68/NQ-CP ngày 12 tháng 5 năm 2020.", None, {"nq68-2020"}, "the date in words"),
    ("Ngày 12.5.2020, Chính phủ ban hành NQ68/CP.", None, {"nq68-2020"}, "date first, short symbol"),
    ("NGHỊ QUYẾT SỐ 68/NQ–CP NGÀY 12-5-2020", None, {"nq68-2020"}, "capitals and a long dash"),
    ("Nghị quyết 68/NQ-CP ngày 01/7/2021 của Chính phủ.", None, {"nq68-covid-2021"}, "the same symbol, 2021"),
    ("Nghị quyết 68/NQ-CP ngày 9/5/2024 của Chính phủ.", None, {"other-68"}, "the same symbol, 2024"),
    ("Resolution No.68/NQ-CP dated May 12, 2020", None, {"nq68-2020"}, "English"),
    ("Gói trợ giúp lao động mất việc theo Nghị quyết 68/NQ-CP do đại dịch.", "2020-09-01", {"nq68-covid-2021"},
     "a wrong date of publication gives way to the text"),
    ("Nghị quyết 68/NQ-CP ngày 1/7/2020 về chính sách hỗ trợ người lao động gặp khó khăn do Covid-19.", None,
     {"nq68-covid-2021"}, "the year is misprinted; the subject decides"),
    ("Nghị quyết 68-NQ/TW nêu nhiều giải pháp.", None, {"nq68-tw-2025"}, "the Party's symbol"),
    ("Nghị quyết 68-\nNQ/TW nêu nhiều giải pháp.", None, {"nq68-tw-2025"}, "a line end inside the symbol"),
    ("Tinh thần của NQ 68/NQ-TW lan tỏa.", None, {"nq68-tw-2025"}, "the Party's symbol, misspelt"),
    ("Nghị quyết 68 của Bộ Chính trị mở đường.", "2021-08-01", {"nq68-tw-2025"}, "the issuer outweighs the date"),
    ("Các Nghị quyết 57, 59, 66 và 68 tạo đà mới.", None, {"nq68-tw-2025"}, "one of a list of Party resolutions"),
    ("Cả nước triển khai Nghị quyết 68.", "2020-08-01", {"nq68-2020"}, "2020: the others did not exist yet"),
    ("Cả nước triển khai Nghị quyết 68.", "2021-08-01", {"unresolved"}, "2021: two were in the news"),
    ("Cả nước triển khai Nghị quyết 68.", "2025-08-01", {"nq68-tw-2025"}, "from May 2025 nearly all mean this"),
    ("Cả nước triển khai Nghị quyết 68.", "2025-08-01", {"nq68-tw-2025"}, "August 2025: the Party's"),
    ("Cả nước triển khai Nghị quyết 68.", "2023-03-01", {"unresolved"}, "2023: nothing tells"),
    ("Cả nước triển khai Nghị quyết 68.", None, {"unresolved"}, "no date: nothing tells"),
    ("Nghị quyết 68 về cắt giảm, đơn giản hóa quy định kinh doanh giai đoạn 2020-2025 sắp hết hạn.", "2025-06-10",
     {"nq68-2020"}, "the subject outweighs a late date"),
    ("Nghị quyết 68 mong bớt quy định kinh doanh và chi phí tuân thủ.", "2025-06-10", {"nq68-tw-2025"},
     "both speak of this: the date of publication tips the scale"),
    ("Nghị quyết 68 đòi cắt giảm, đơn giản hóa ít nhất 30% điều kiện kinh doanh.", "2025-06-10", {"nq68-tw-2025"},
     "30 %, not 20 %: the Party's goal in the Government's words"),
    ("Thực hiện Nghị quyết 68/NQ-CP, 144 quy định kinh doanh đã được cắt giảm.", "2025-10-01", {"nq68-2020"},
     "the Government's symbol speaks against the Party's resolution, whatever the date"),
    ("Bộ cắt giảm điều kiện kinh doanh theo Nghị quyết 68/NQ-CP.", "2022-10-01", {"nq68-2020"},
     "the subject decides where the date is silent"),
    ("Nghị quyết 68/NQ-HĐND của HĐND tỉnh về phí vệ sinh.", None, {"other-68"}, "a province's resolution"),
    ("Nghị quyết số 68/2013/QH13 về bảo hiểm y tế.", None, {"other-68"}, "the National Assembly's resolution"),
    ("Nghị quyết 168/NQ-CP ngày 29/12/2022.", None, set(), "inside another number"),
    ("Luật Doanh nghiệp số 68/2014/QH13 đã hết hiệu lực.", None, set(), "a law"),
    ("Nghị định 68/2026/NĐ-CP về thuế hộ kinh doanh.", None, set(), "a decree"),
    ("Thông tư 68/2019/TT-BTC về hóa đơn điện tử.", None, set(), "a circular"),
    ("Hợp đồng 68 được ký lại hằng năm.", None, set(), "a kind of contract"),
    ("Nghị quyết 6868/NQ-CP không có thật.", None, set(), "digits go on"),
    ("Gọi 0903.68.68.68, giá chỉ 68 triệu đồng.", None, set(), "a telephone number and a price"),
    ("Giao rà soát Chương trình cắt giảm, đơn giản hoá quy định liên quan đến hoạt động sản xuất, kinh doanh.",
     None, {"nq68-2020"}, "the programme by its words, tone mark set late"),
    ("Mục tiêu là cắt giảm ít nhất 20% số quy định.", None, {"nq68-2020"}, "the goal by its words"),
    ("Nghị quyết 66/NQ-CP về Chương trình cắt giảm, đơn giản hóa quy định liên quan đến hoạt động kinh doanh.", None,
     set(), "the sister programme of 2025"),
    ("Cắt giảm ít nhất 30% chi phí tuân thủ trong năm nay.", None, set(), "another goal"),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "expected", "why"), PORTAL, ids=[why for *_, why in PORTAL])
def test_portal_is_told_from_its_near_names(
    topics: CompiledTopics, sentence: str, expected: set[str], why: str
) -> None:
    assert senses(topics, sentence) == expected, why


@pytest.mark.parametrize(("sentence", "day", "expected", "why"), NQ68, ids=[why for *_, why in NQ68])
def test_resolution_is_told_from_its_namesakes(
    topics: CompiledTopics, sentence: str, day: str | None, expected: set[str], why: str
) -> None:
    assert senses(topics, sentence, day) == expected, why


def test_each_mention_has_its_own_sense(topics: CompiledTopics) -> None:
    found = mentions(
        topics,
        "Nghị quyết 68-NQ/TW tiếp nối cải cách. Trước đó, Nghị quyết 68/NQ-CP ngày 12/5/2020 đã bớt nhiều quy định.",
        "2025-08-01",
    )
    assert [m.sense for m in found] == ["nq68-tw-2025", "nq68-2020"]


def test_a_bare_number_takes_the_sense_of_the_full_citation(topics: CompiledTopics) -> None:
    found = mentions(
        topics,
        "Nghị quyết 68/NQ-CP ngày 12/5/2020 đặt nhiều mục tiêu.\nCác tỉnh báo cáo.\nNghị quyết 68 vẫn được áp dụng.",
        "2023-03-01",
    )
    assert [m.sense for m in found] == ["nq68-2020", "nq68-2020"]
    assert "cites this document" in found[1].reason


def test_two_topics_in_one_sentence_are_judged_apart(topics: CompiledTopics) -> None:
    found = mentions(
        topics,
        "Người lao động nhận hỗ trợ do Covid-19 theo Nghị quyết 68/NQ-CP qua Cổng Dịch vụ công quốc gia.",
        "2021-09-01",
    )
    assert [(m.topic, m.sense) for m in found] == [("nq68", "nq68-covid-2021"), ("portal", "national")]


def test_form_says_how_the_topic_is_named(topics: CompiledTopics) -> None:
    body = "Cổng DVCQG (dichvucong.gov.vn). Nghị quyết 68/NQ-CP ngày 12/5/2020."
    assert [m.form for m in mentions(topics, body)] == ["name", "address", "number"]
    [phrase] = mentions(topics, "Họ tổng kết Chương trình cắt giảm, đơn giản hóa quy định liên quan đến kinh doanh.")
    assert phrase.form == "phrase"


def test_a_phrase_beside_its_number_is_no_second_mention(topics: CompiledTopics) -> None:
    body = (
        "Nghị quyết 68/NQ-CP ngày 12/5/2020 ban hành Chương trình cắt giảm, đơn giản hóa quy định liên quan đến "
        "hoạt động kinh doanh."
    )
    assert [m.form for m in mentions(topics, body)] == ["number"]


def test_occurrence_numbers_the_mentions_of_a_sentence(topics: CompiledTopics) -> None:
    body = "Cổng DVCQG là dichvucong.gov.vn. Cổng DVCQG mở lại."
    assert [m.occurrence for m in mentions(topics, body)] == [0, 1, 0]


def test_equal_sentences_keep_their_mentions_apart(topics: CompiledTopics) -> None:
    """A person's decision is keyed by topic, sentence and occurrence: no two mentions may share a key."""
    found = mentions(topics, "Cổng DVCQG mở lại.", title="Cổng DVCQG mở lại.")
    assert [(m.field, m.occurrence) for m in found] == [("title", 0), ("body", 1)]


def test_order_is_that_of_the_fields(topics: CompiledTopics) -> None:
    text = ArticleText("Cổng DVCQG", "Cổng DVCQG", "Cổng DVCQG", "Cổng DVCQG", None)
    assert [m.field for m in find_mentions(text, topics)] == ["title", "sapo", "body", "caption"]


def test_sentence_is_kept_as_stored(topics: CompiledTopics) -> None:
    [mention] = mentions(topics, "Mở đầu.  Theo\u00a0TP. Huế, Cổng\u00a0DVCQG chạy tốt. Hết.")
    assert mention.sentence == "Theo\u00a0TP. Huế, Cổng\u00a0DVCQG chạy tốt."


def test_confidence_and_reason_are_given(topics: CompiledTopics) -> None:
    [sure] = mentions(topics, "Nghị quyết 68/NQ-CP ngày 12/5/2020.")
    [guess] = mentions(topics, "Cả nước triển khai Nghị quyết 68.", "2020-08-01")
    assert 0 <= guess.confidence < sure.confidence <= 1
    assert "12/5/2020" in sure.reason
    assert "published on 1/8/2020" in guess.reason


def test_article_without_a_name_gives_nothing(topics: CompiledTopics) -> None:
    assert mentions(topics, "Giá xăng giảm 300 đồng mỗi lít từ chiều nay.") == []
    assert find_mentions(ArticleText(None, None, None, None, None), topics) == []


@pytest.mark.parametrize(
    ("body", "referring"),
    [
        ("Cổng Dịch vụ công quốc gia mở đêm qua. Đến sáng, Cổng đã nhận ba nghìn hồ sơ.", ["Cổng"]),
        ("Người dân vào Cổng DVCQG.\nCổng này nối với kho bạc.", ["Cổng này"]),
        ("Cổng đã mở. Sau đó là Cổng Dịch vụ công quốc gia.", []),  # nothing to refer to yet
        ("Cổng Dịch vụ công quốc gia và Cổng dịch vụ công tỉnh Hà Nam. Cổng vừa đổi máy chủ.", []),  # either
        ("Cổng Dịch vụ công quốc gia mở. Cổng trường vẫn đóng.", []),
        ("Cổng Dịch vụ công quốc gia mở. Cổng thanh toán điện tử vẫn đóng.", []),
        ("Cổng Dịch vụ công quốc gia mở. Họ đứng trước cổng chờ.", []),
        ("The National Public Service Portal opened. Since then the portal has grown.", ["the portal"]),
    ],
)
def test_a_short_name_refers_back_to_the_portal_named_before(
    topics: CompiledTopics, body: str, referring: list[str]
) -> None:
    found = [m for m in mentions(topics, body) if m.reason.startswith("refers back to")]
    assert [m.surface for m in found] == referring
    assert all(m.sense == "national" and body[m.start : m.end] == m.surface for m in found)


def test_an_article_that_speaks_of_two_resolutions_does_not_give_every_bare_number_to_the_one_it_cites(
    topics: CompiledTopics,
) -> None:
    body = (
        "Gói 26.000 tỷ đồng theo Nghị quyết 68 đã tới tay công nhân.\n"
        "Người lao động phấn khởi với Nghị quyết 68.\n"
        "Trước đó có Nghị quyết 68/NQ-CP ngày 12/5/2020 về cắt giảm quy định kinh doanh."
    )
    found = [mention.sense for mention in mentions(topics, body, "2021-08-10")]
    assert found[0] == "nq68-covid-2021"
    assert found[1] != "nq68-2020"
    assert found[-1] == "nq68-2020"


@pytest.mark.parametrize(
    ("body", "day", "sense"),
    [
        ("Hôm nay 1/7, Bộ công bố kết quả thực hiện Nghị quyết 68.", "2020-07-01", "nq68-2020"),
        (
            "Ngày 12/5/2020 ông A nhậm chức; nay ông lo Nghị quyết 68 cho lao động tự do.",
            "2021-09-10",
            "nq68-covid-2021",
        ),
        ("Nghị định 20/2021 và Nghị quyết 68 được nêu.", "2023-02-10", "unresolved"),
        ("Nghị quyết 68 của Đại hội đồng cổ đông Tập đoàn ABC ngày 12/5/2021.", "2021-06-10", "other-68"),
        ("Nghị quyết 68-NQ/TƯ của Bộ Chính trị.", None, "nq68-tw-2025"),
        ("Resolution 68/NQ-CP dated 12-May-2020", None, "nq68-2020"),
    ],
)
def test_dates_and_issuers_belong_to_the_document_they_are_said_of(
    topics: CompiledTopics, body: str, day: str | None, sense: str
) -> None:
    assert senses(topics, body, day) == {sense}
