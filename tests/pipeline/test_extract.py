"""What extraction keeps, leaves out and refuses. The pages are written for these tests."""

from __future__ import annotations

import datetime as dt
import time
import unicodedata

import pytest

from config.clock import VIETNAM
from config.outlets import Domain, Layout, Outlet
from pipeline.extract import authors, legacy, times
from pipeline.extract.article import Article, NotAnArticle
from pipeline.extract.page import extract

CAPTURED = dt.datetime(2021, 12, 31, 23, 0, tzinfo=VIETNAM)
URL = "https://bao.example/mot-bai-1.html"
TITLE = "Huyện vùng cao rút ngắn thời gian cấp phép xây dựng"
SAPO = "Từ tháng này, người dân huyện vùng cao nhận giấy phép sau bảy ngày thay vì mười lăm ngày."
BODY = (
    "Ủy ban nhân dân huyện cho biết bộ phận một cửa đã nhận hơn ba trăm hồ sơ trong hai tuần đầu.",
    "Theo quy trình mới, hồ sơ được chuyển thẳng đến phòng chuyên môn, không qua khâu trung gian.",
    "Bà con ở các xã xa có thể nộp hồ sơ tại bưu điện xã và nhận kết quả tại nhà, không mất thêm phí.",
)
LAYOUT = Layout(
    id="bao-2021",
    title="h1.tieu-de",
    sapo="p.sapo",
    body="div.noi-dung",
    published="span.ngay",
    author="p.tac-gia, .noi-dung p[style*=right]",
    section="a.muc",
    captions="figcaption",
    drop=[".tin-lien-quan"],
)  # fmt: skip


def outlet(*layouts: Layout) -> Outlet:
    return Outlet(
        id="bao", name="Báo Ví dụ", governing_body="Cơ quan Ví dụ", kind="press", tier="local",
        domains=[Domain(host="bao.example")], article_urls=["."], layouts=list(layouts),
    )  # fmt: skip


def html(
    body: str = "".join(f"<p>{paragraph}</p>" for paragraph in BODY),
    head: str = "",
    sapo: str = f'<p class="sapo">{SAPO}</p>',
    date: str = "Thứ hai, 5/7/2021, 09:44 (GMT+7)",
    author: str = '<p class="tac-gia">Lê Văn Mẫu</p>',
) -> str:
    return (
        f"<!doctype html><html><head><meta charset='utf-8'><title>{TITLE} - Báo Ví dụ</title>{head}</head>"
        f'<body><a class="muc" href="/thoi-su">Thời sự</a><h1 class="tieu-de">{TITLE}</h1>'
        f'<span class="ngay">{date}</span>'
        f'{sapo}<div class="noi-dung">{body}</div>{author}</body></html>'
    )


def read(page: str | bytes, content_type: str | None = "text/html; charset=utf-8", layouts: bool = True) -> Article:
    payload = page.encode() if isinstance(page, str) else page
    return extract(payload, URL, content_type, outlet(LAYOUT), CAPTURED, layouts)


BOTH = pytest.mark.parametrize("layouts", [True, False], ids=["layout", "fallback"])


@BOTH
def test_a_plain_page_gives_every_field(layouts: bool) -> None:
    head = f'<link rel="canonical" href="/mot-bai-1.html"><meta property="og:description" content="{SAPO}">'
    article = read(html(head=head), layouts=layouts)
    assert article.title == TITLE
    assert article.sapo == SAPO
    assert article.body == "\n".join(BODY)
    assert article.authors == ("Lê Văn Mẫu",)
    assert article.published == dt.datetime(2021, 7, 5, 9, 44, tzinfo=VIETNAM)
    assert article.canonical == URL
    assert article.layout == ("bao-2021" if layouts else "fallback")


@BOTH
def test_a_related_box_that_names_the_portal_is_not_in_the_body(layouts: bool) -> None:
    link = '<a href="/khac.html">Cổng Dịch vụ công quốc gia tròn tuổi</a>'
    box = f'<div class="tin-lien-quan related-news"><ul><li>{link}</li></ul></div>'
    pointer = '<p><a href="/khac-2.html">&gt;&gt; Cổng Dịch vụ công quốc gia thêm tiện ích</a></p>'
    body = f"<p>{BODY[0]}</p>{box}<p>{BODY[1]}</p>{pointer}<p>{BODY[2]}</p>"
    assert read(html(body), layouts=layouts).body == "\n".join(BODY)


def test_a_sentence_behind_the_pointer_mark_stays() -> None:
    sentence = "&gt;&gt; Do đó, hồ sơ nộp trước ngày thí điểm vẫn theo quy trình cũ."
    assert "Do đó, hồ sơ nộp" in read(html(f"<p>{BODY[0]}</p><p>{sentence}</p><p>{BODY[1]}</p>")).body


@BOTH
def test_scripts_comments_and_captions_are_not_in_the_body(layouts: bool) -> None:
    figure = "<figure><img src='a.jpg'><figcaption>Bộ phận một cửa của huyện. Ảnh: T.L</figcaption></figure>"
    body = f"<p>{BODY[0]}</p>{figure}<!-- ẩn --><script>var x = 'mã';</script><p>{BODY[1]}</p><p>{BODY[2]}</p>"
    article = read(html(body), layouts=layouts)
    assert article.body == "\n".join(BODY)
    assert article.captions == "Bộ phận một cửa của huyện. Ảnh: T.L"


@BOTH
def test_a_standfirst_repeated_in_the_body_is_stored_once(layouts: bool) -> None:
    body = f"<p>{SAPO}</p>" + "".join(f"<p>{paragraph}</p>" for paragraph in BODY)
    article = read(html(body), layouts=layouts)
    assert article.sapo == SAPO
    assert article.body == "\n".join(BODY)


@BOTH
def test_no_standfirst_printed_is_none_whatever_the_description_says(layouts: bool) -> None:
    head = '<meta property="og:description" content="Đọc ngay bài viết nóng nhất hôm nay trên Báo Ví dụ">'
    assert read(html(sapo="", head=head), layouts=layouts).sapo is None


@BOTH
def test_the_printed_standfirst_beats_the_description(layouts: bool) -> None:
    head = '<meta property="og:description" content="Một câu khác hẳn, viết riêng cho máy tìm kiếm">'
    assert read(html(head=head), layouts=layouts).sapo == SAPO


@pytest.mark.parametrize(
    ("header", "meta"),
    [
        ("text/html; charset=iso-8859-1", "utf-8"),
        ("text/html; charset=utf-16", "windows-1258"),
        (None, "ascii"),
    ],
)
def test_a_wrong_charset_declaration_makes_no_mojibake(header: str | None, meta: str) -> None:
    assert read(html().replace("utf-8", meta), header).body == "\n".join(BODY)


def test_one_damaged_byte_does_not_change_the_encoding() -> None:
    payload = html().replace("</h1>", "</h1>@@").encode().replace(b"@@", b"\xe1\xba")
    assert read(payload).body == "\n".join(BODY)


def test_a_declared_legacy_encoding_is_read_and_composed() -> None:
    """windows-1258 writes tones as combining marks."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    spread = "".join(
        "".join(unicodedata.normalize("NFC", unicodedata.normalize("NFD", c).translate({ord(t): None for t in tones})))
        + "".join(t for t in unicodedata.normalize("NFD", c) if t in tones)
        for c in html().replace("utf-8", "windows-1258")
    )
    assert read(spread.encode("cp1258"), "text/html").body == "\n".join(BODY)


def test_text_is_composed_and_free_of_odd_spaces() -> None:
    body = unicodedata.normalize("NFD", f"<p>Cổng\u00a0Dịch  vụ\u200b công\n quốc\u00ad gia</p><p>{BODY[0]}</p>")
    article = read(html(body))
    assert article.body.split("\n")[0] == "Cổng Dịch vụ công quốc gia"
    assert article.body == unicodedata.normalize("NFC", article.body)


def test_a_label_flush_with_the_standfirst_is_a_word_of_its_own() -> None:
    label = '<span class="location-stamp">Lào Cai</span>'
    sapo = f'<p class="sapo">{label}Người dân nhận giấy phép sau bảy ngày.</p>'
    assert read(html(sapo=sapo)).sapo == "Lào Cai Người dân nhận giấy phép sau bảy ngày."


def test_inline_tags_do_not_split_words_and_two_breaks_end_a_paragraph() -> None:
    body = "Cổng Dịch vụ <b>cô</b>ng quốc<br>gia mở thêm dịch vụ.<br><br>Đoạn hai."
    assert read(html(body)).body == "Cổng Dịch vụ công quốc gia mở thêm dịch vụ.\nĐoạn hai."


def test_a_table_row_is_one_paragraph() -> None:
    rows = "<tr><td><p>Xã A</p></td><td><p>12</p></td></tr><tr><td>Xã B</td><td>7</td></tr>"
    body = f"<p>{BODY[0]}</p><table>{rows}</table>"
    assert read(html(body)).body.split("\n")[1:] == ["Xã A 12", "Xã B 7"]


def test_only_the_last_right_aligned_line_signs() -> None:
    body = (
        f'<p>{BODY[0]}</p><p style="text-align:right">Một câu ca dao</p><p>{BODY[1]}</p>'
        '<p style="text-align:right"><b>Trần Thị Thử</b> (theo <i>Hãng tin</i>)</p>'
    )
    article = read(html(body, author=""))
    assert article.authors == ("Trần Thị Thử",)
    assert article.body == f"{BODY[0]}\nMột câu ca dao\n{BODY[1]}"


def test_a_signature_below_the_last_sentence_leaves_the_body_but_a_last_word_of_a_list_does_not() -> None:
    signed = read(html("".join(f"<p>{text}</p>" for text in (*BODY, "Lê Mẫu - Trần Thử")), author=""))
    assert signed.authors == ("Lê Mẫu", "Trần Thử")
    assert signed.body == "\n".join(BODY)
    listed = read(html(f"<p>{BODY[0]}</p><p>Nộp qua Cổng Dịch vụ công quốc gia</p>", author=""))
    assert listed.body.endswith("Nộp qua Cổng Dịch vụ công quốc gia")


def test_linked_data_names_the_author_only_where_the_page_prints_none() -> None:
    data = '{"@type": "NewsArticle", "author": {"@type": "Person", "name": "Phạm Khác"}}'
    head = f'<script type="application/ld+json">{data}</script>'
    assert read(html(head=head)).authors == ("Lê Văn Mẫu",)
    assert read(html(head=head, author="")).authors == ("Phạm Khác",)


def test_broken_linked_data_costs_nothing_but_itself() -> None:
    head = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": </script>'
        '<script type="application/ld+json">{"@type": "NewsArticle", '
        '"dateModified": "2021-07-05T10:00:00",\n"description": "dòng\n gãy"}</script>'
    )
    article = read(html(head=head))
    assert article.title == TITLE
    assert article.modified == dt.datetime(2021, 7, 5, 10, 0, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    "data",
    [
        '{"@type": ["NewsArticle"], "author": [null, 3, {"name": ["x"]}], "headline": {}}',
        "[[[]]]",
        "null",
        "7",
        "[" * 5000,
    ],
)
def test_linked_data_of_any_shape_is_survived(data: str) -> None:
    head = f'<script type="application/ld+json">{data}</script>'
    assert read(html(head=head), layouts=False).title == TITLE


def test_metadata_in_the_wrong_zone_gives_way_to_the_printed_clock() -> None:
    head = '<meta name="pubdate" content="2021-07-05T09:44:00+08:00">'
    article = read(html(head=head), layouts=False)
    assert article.published == dt.datetime(2021, 7, 5, 9, 44, tzinfo=VIETNAM)


def test_a_date_after_the_capture_is_no_publication_date() -> None:
    assert read(html(date="5/7/2031, 09:44")).published is None


def test_the_front_page_as_canonical_is_ignored() -> None:
    assert read(html(head='<link rel="canonical" href="https://bao.example/">')).canonical is None


def test_an_older_layout_reads_an_older_page_though_a_newer_one_comes_first() -> None:
    newer = LAYOUT.model_copy(update={"id": "bao-2022", "title": "h1.moi", "since": dt.date(2022, 1, 1)})
    older = LAYOUT.model_copy(update={"until": dt.date(2021, 1, 1)})
    article = extract(html().encode(), URL, None, outlet(newer, older), CAPTURED)
    assert article.layout == "bao-2021"


def test_a_selector_may_name_what_stands_around_the_article() -> None:
    layout = LAYOUT.model_copy(update={"title": "body h1.tieu-de", "body": "html body div.noi-dung"})
    page = html().replace("<body>", "<body><main>").replace("</body>", "</main></body>")
    assert extract(page.encode(), URL, None, outlet(layout), CAPTURED).layout == "bao-2021"


def test_a_selector_that_also_finds_the_body_does_not_take_it_away() -> None:
    layout = LAYOUT.model_copy(update={"published": "body > span, body > div"})
    article = extract(html().encode(), URL, None, outlet(layout), CAPTURED)
    assert (article.layout, article.body) == ("bao-2021", "\n".join(BODY))


LONG = tuple(f"Đoạn thứ {n}: {paragraph}" for n in range(4) for paragraph in BODY)
BOX = (
    '<div class="{0}"><p>{1}</p><div><a href="/x1"><img></a><a href="/x1">Bài khác nói về nhà văn hóa xã</a>'
    "<p>Tóm tắt của bài khác, chừng mười lăm chữ, không thuộc về bài này chút nào.</p></div></div>"
)


def unlaid(body: str, head: str = "", around: str = "<div class=k>{}</div>") -> Article:
    """Read by the fallback."""
    page = html("", head=head).replace('<div class="noi-dung"></div>', around.format(body))
    return extract(page.encode(), URL, "text/html", outlet(), CAPTURED)


def spoken(*paragraphs: str) -> str:
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


@pytest.mark.parametrize("link", ['<a name="top">', '<a href="/chuyen-muc">'], ids=["anchor", "link"])
def test_a_link_that_nobody_closed_takes_no_text_away(link: str) -> None:
    article = unlaid(spoken(LONG[0]) + link + spoken(*LONG[1:]))
    assert article.body.split("\n") == list(LONG)


@pytest.mark.parametrize(
    "subhead",
    [
        "Theo dõi hồ sơ trên Cổng Dịch vụ công quốc gia",
        "Chia sẻ dữ liệu giữa các bộ",
        "Phản hồi kiến nghị của doanh nghiệp",
        "Chủ đề năm nay: Nghị quyết 68/NQ-CP",
    ],
)
def test_a_subhead_that_begins_like_the_heading_of_a_box_stays(subhead: str) -> None:
    article = unlaid(f"{spoken(*LONG)}<h2>{subhead}</h2>{spoken(BODY[0])}")
    assert article.body.split("\n") == [*LONG, subhead, BODY[0]]


@pytest.mark.parametrize("heading", ["Tin cùng chuyên mục", "Bài liên quan", "Xem thêm:", "Có thể bạn quan tâm"])
def test_a_box_of_other_articles_within_the_text_is_left_out_whole(heading: str) -> None:
    article = unlaid(spoken(*LONG[:6]) + BOX.format("k2", heading) + spoken(*LONG[6:]))
    assert article.body.split("\n") == list(LONG)


def test_a_box_of_other_articles_is_left_out_by_a_layout_that_does_not_name_it() -> None:
    body = spoken(*BODY) + BOX.format("detail-relate", "Tin khác")
    assert extract(html(body).encode(), URL, None, outlet(LAYOUT), CAPTURED).body.split("\n") == list(BODY)


@pytest.mark.parametrize("names", ["post fb-comments-enabled", "tags-on", "the-banner-content", "post-readmore-wrap"])
def test_a_name_that_all_of_the_page_bears_takes_it_not_away(names: str) -> None:
    article = unlaid(spoken(*LONG), around=f'<div class="{names}">{{}}</div>')
    assert article.body.split("\n") == list(LONG)


def test_paragraphs_above_the_one_that_metadata_repeat_stay() -> None:
    description = f'<meta name="description" content="{LONG[1]}">'
    page = html("", head=description, sapo="").replace('<div class="noi-dung"></div>', f"<div>{spoken(*LONG)}</div>")
    article = extract(page.encode(), URL, "text/html", outlet(), CAPTURED)
    assert {article.sapo, *article.body.split("\n")} == set(LONG)


def test_a_sentence_set_as_a_link_stays() -> None:
    article = unlaid(spoken(*LONG[:3]) + f'<p><a href="/x">{LONG[3]}</a></p>' + spoken(*LONG[4:]))
    assert article.body.split("\n") == list(LONG)


@pytest.mark.parametrize("layouts", [(LAYOUT,), ()], ids=["layout", "fallback"])
def test_what_no_reader_sees_is_not_read(layouts: tuple[Layout, ...]) -> None:
    body = f'{spoken(*BODY)}<p style="color: red; display: none">Cổng Dịch vụ công quốc gia</p>'
    article = extract(html(body).encode(), URL, None, outlet(*layouts), CAPTURED)
    assert article.body.split("\n") == list(BODY)


@pytest.mark.parametrize("last", ["Cổng Dịch Vụ Công Quốc Gia", "Chính Phủ Điện Tử", "Bộ Tài Chính"])
def test_a_body_named_in_the_last_line_is_no_author(last: str) -> None:
    for layouts in ((LAYOUT,), ()):
        article = extract(html(spoken(*BODY, last), author="").encode(), URL, None, outlet(*layouts), CAPTURED)
        assert article.authors == ()
        assert article.body.endswith(last)


def test_a_layout_that_finds_a_caption_where_the_text_stands_elsewhere_does_not_fit() -> None:
    page = html("<p>Video: xem dưới đây</p>").replace("</body>", f"<div class=moi>{spoken(*LONG)}</div></body>")
    article = extract(page.encode(), URL, None, outlet(LAYOUT), CAPTURED)
    assert (article.layout, article.body.split("\n")) == ("fallback", list(LONG))


def test_what_a_layout_no_longer_finds_is_found_all_the_same_and_told() -> None:
    page = html(head=f'<meta name="description" content="{SAPO}">').replace('class="sapo"', "class=k1")
    article = extract(page.replace('class="ngay"', "class=k2").encode(), URL, None, outlet(LAYOUT), CAPTURED)
    assert (article.layout, article.unread) == ("bao-2021", ("sapo", "published"))
    assert article.sapo == SAPO
    assert article.published == dt.datetime(2021, 7, 5, 9, 44, tzinfo=VIETNAM)


TCVN3 = {letter: code for code, letter in legacy._TCVN3.items()}
VNI = {letter: code for code, letter in legacy._VNI.items()}


@pytest.mark.parametrize("layouts", [(LAYOUT,), ()], ids=["layout", "fallback"])
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
@pytest.mark.parametrize("letters", [TCVN3, VNI], ids=["TCVN3", "VNI"])
def test_text_of_the_fonts_before_unicode_is_decoded(
    letters: dict[str, str], encoding: str, layouts: tuple[Layout, ...]
) -> None:
    # In TCVN3 a capital with a tone is the small letter in another font.
    title, sapo, *body = (text if letters is VNI else text.replace("Ủ", "ủ") for text in (TITLE, SAPO, *BODY))
    page = "".join(f"<p>{text}</p>" for text in body).join(("<div class=noi-dung>", "</div>"))
    page = f"<html><body><h1 class=tieu-de>{title}</h1><p class=sapo>{sapo}</p>{page}</body></html>"
    payload = "".join(letters.get(character, character) for character in page).encode(encoding)
    article = extract(payload, URL, "text/html", outlet(*layouts), CAPTURED)
    assert (article.title, article.sapo, article.body.split("\n")) == (title, sapo, body)


@pytest.mark.parametrize(
    "text",
    [
        "Le président français a déclaré à la presse étrangère que la réforme était nécessaire, après des débats. " * 9,
        "Die Universität prüft die Änderung für das nächste Jahr, außerdem die größere Förderung der Räte. " * 9,
        "El niño pidió más información sobre la educación pública del año pasado según la declaración común. " * 9,
    ],
)
def test_other_languages_are_left_as_they_are(text: str) -> None:
    assert legacy.decoded(text) is None


@pytest.mark.parametrize(
    ("payload", "content_type", "reason"),
    [
        (b"", "text/html", "empty_body"),
        (b" \r\n ", "text/html", "empty_body"),
        (b"%PDF-1.4 ...", "application/pdf", "not_html"),
        (b"%PDF-1.4 ...", "text/html", "not_html"),
        (b'{"a": "b"}', None, "not_html"),
        (b"<?xml version='1.0'?><rss><channel></channel></rss>", "text/html", "not_html"),
        (b"<html><body><script>app()</script></body></html>", "text/html", "no_text"),
        (b"<html><body>" + b"<b n><i n>" * 6000, "text/html", "too_deep"),
        (b"<html><body>" + b"<div>" * 200_000 + b"x" + b"</div>" * 200_000, "text/html", "too_deep"),
        (
            b"<html><body>" + b"".join(b"<b n%d>" % n for n in range(300)) + b"<p>x" * 50_000,
            "text/html",
            "too_deep",
        ),
        (b"<html><body>" + b"<p>a</p>" * 2_000_000, "text/html", "too_large"),
    ],
)
def test_what_is_no_article_is_refused_with_its_reason(payload: bytes, content_type: str | None, reason: str) -> None:
    start = time.monotonic()
    with pytest.raises(NotAnArticle) as refused:
        read(payload, content_type)
    assert refused.value.reason == reason
    assert time.monotonic() - start < 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thứ năm, 19/8/2021, 00:00 (GMT+7)", "2021-08-19 00:00"),
        ("05/07/2021 09:44 (GMT+7)", "2021-07-05 09:44"),
        ("09:44' - 05/07/2021", "2021-07-05 09:44"),
        ("14-04-2021 - 10:19 PM", "2021-04-14 22:19"),
        ("28-07-2018 - 00:35 AM", "2018-07-28 00:35"),
        ("5.7.2021 13:00 PM", "2021-07-05 13:00"),
        ("5/7/2021 12:30 AM", "2021-07-05 00:30"),
        ("11:05 tối 05/07/2021", "2021-07-05 23:05"),
        ("Ngày 12 tháng 5 năm 2020, 9h05", "2020-05-12 09:05"),
        ("Thứ Năm,\u00a021/6/2018,\u00a010:20", "2018-06-21 10:20"),
        ("2021-07-05T02:44:00Z", "2021-07-05 09:44"),
        ("05/07/2021", None),
        ("31/02/2021 09:44", None),
        ("Cập nhật 2 giờ trước", None),
    ],
)
def test_printed_times(text: str, expected: str | None) -> None:
    found = times.printed(text)
    assert (found and found.astimezone(VIETNAM).strftime("%Y-%m-%d %H:%M")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021-07-05T09:44:00", "2021-07-05 09:44"),
        ("2021-07-05T09:44:00.000+07:00", "2021-07-05 09:44"),
        ("2021-07-05 09:44:00 +0700", "2021-07-05 09:44"),
        ("7/5/2021 9:44:00\u202fAM", "2021-07-05 09:44"),
        ("2021-07-05T09:44:00+99:00", None),
        ("2021-07-05", None),
    ],
)
def test_times_in_metadata(text: str, expected: str | None) -> None:
    found = times.machine(text)
    assert (found and found.astimezone(VIETNAM).strftime("%Y-%m-%d %H:%M")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lê Văn Mẫu - Trần Thị Thử", ("Lê Văn Mẫu", "Trần Thị Thử")),
        ("PV Lê Văn Mẫu và CTV", ("Lê Văn Mẫu",)),
        ("Lê Mẫu (theo Hãng tin)", ("Lê Mẫu",)),
        ("Lê Mẫu | theo VOV", ("Lê Mẫu",)),
        ("Bài: Lê Mẫu; Ảnh: Trần Thử", ("Lê Mẫu",)),
        ("Tin-ảnh: Lê Mẫu", ("Lê Mẫu",)),
        ("PV/VOV.VN", ()),
        ("Nhóm PV", ()),
        ("Theo TTXVN", ()),
        ("Báo Ví dụ", ()),
        ("LÊ MẪU", ("LÊ MẪU",)),
    ],
)
def test_authors_are_names_without_roles_and_sources(text: str, expected: tuple[str, ...]) -> None:
    assert authors.names(text, "Báo Ví dụ") == expected
