"""The links of a page that are articles are found, each once, under the title that a reader sees."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.sections import MAX_LINKS, MAX_TITLE, SectionItem, SectionResult, parse_section

URL = "https://bao.vn/thoi-su"
TITLE = "Người dân nộp hồ sơ trực tuyến"
SAPO = "Từ ngày 1/7, người dân nộp hồ sơ trực tuyến mà không phải đến trụ sở, theo thông báo của cơ quan."


def is_article(url: str) -> bool:
    return url.startswith("https://bao.vn/") and url.endswith(".html")


def section(html: str | bytes, url: str = URL) -> SectionResult:
    return parse_section(html if isinstance(html, bytes) else html.encode(), url, is_article)


def title(html: str) -> str | None:
    [item] = section(html).items
    assert item.url == "https://bao.vn/1.html"
    return item.title


def test_articles_are_listed_once_in_the_order_of_the_page() -> None:
    html = (
        '<a href="/2.html">Hai</a> <a href="/the-thao">Thể thao</a> <a href="https://m.bao.vn/1.html?utm_source=x">Một</a>'
        '<a href="//bao.vn/2.html#box_comment">Hai</a> <a>Không nối</a> <a href="https://khac.vn/3.html">Ba</a>'
        '<a href="javascript:void(0)">x</a> <a href="mailto:a@bao.vn">x</a> <a href="http://[">x</a>'
    )
    assert section(html) == SectionResult(
        [SectionItem("https://bao.vn/2.html", "Hai"), SectionItem("https://bao.vn/1.html", "Một")], None
    )


@pytest.mark.parametrize(
    ("head", "address"),
    [
        ("", "https://bao.vn/muc/1.html"),
        ('<base href="/khac/">', "https://bao.vn/khac/1.html"),
        ('<base target="_top"><base href="https://bao.vn/a/"><base href="/b/">', "https://bao.vn/a/1.html"),
        ('<base href="javascript:0">', "https://bao.vn/muc/1.html"),
        ('<base href="http://[">', "https://bao.vn/muc/1.html"),
    ],
)
def test_relative_links_start_from_the_base_or_else_the_page(head: str, address: str) -> None:
    result = section(f"<html><head>{head}</head><body><a href='1.html'>Một</a></body></html>", "https://bao.vn/muc/")
    assert [item.url for item in result.items] == [address]


LINK = f'<a href="/1.html">{TITLE}</a>'
MORE = '<a href="/1.html">Xem chi tiết</a>'
PICTURE = f'<a href="/1.html"><img alt="{TITLE}"></a>'
LINKED_SAPO = f'<a href="/1.html">{SAPO}</a>'


@pytest.mark.parametrize(
    "html",
    [
        LINK,
        f"{MORE}{LINK}",
        f"{PICTURE}{MORE}",
        f'<a href="/1.html" title="{TITLE}"><img src="x.jpg"></a>{MORE}',
        f"<h3>{LINK}</h3>{LINKED_SAPO}",
        f'<a href="/1.html"><h3>{TITLE}</h3><p>{SAPO}</p></a>',
        f'<a href="/1.html" title="{TITLE}">{SAPO}</a>',
        f'<a href="/1.html" title="{TITLE}">{TITLE} {SAPO}</a>',
        f'<a href="/1.html" title="{TITLE}">{TITLE} <span>26</span></a>',
        f'<a href="/1.html" title="{TITLE}"><span>3</span>{TITLE}</a>',
        f'{PICTURE}<h4><a href="/1.html">{TITLE}<span>7</span></a></h4>',
        f'<a href="/1.html"><b>&gt;&gt;</b> {TITLE}</a>',
        f'<a href="/1.html">{TITLE}<label> - 11:40 | 27/12/2012</label></a>',
        f'<a href="/1.html">{TITLE}<time>2 giờ trước</time></a>',
        f'<a href="/1.html">{TITLE}<!-- ghi chú --><?x ghi chú?></a>',
        f'<a href="/1.html">Nộp hồ sơ trực tuyến</a>{LINK}<a href="/1.html">Nộp hồ sơ trực tuyến</a>',
        f'<a href="/1.html"><img alt="nguoi-dan-nop-ho-so-truc-tuyen-voi-co-quan"></a>{LINK}',
        f'<a href="/1.html" title="&lt;span&gt;{TITLE}&lt;/span&gt;"></a>',
        '<a href="/1.html">\u200bNgười\u00a0dân\n <i>n</i>ộp<br>hồ sơ trực tuyến</a>',
    ],
)
def test_the_title_is_what_the_reader_sees_as_one(html: str) -> None:
    assert title(html) == TITLE


def test_a_picture_s_file_name_is_no_title() -> None:
    assert title('<a href="/1.html"><img alt="tin-van-ngay-1-7-2021"></a><a href="/1.html">Tin vắn</a>') == "Tin vắn"


def test_a_title_attribute_that_a_bare_quote_cuts_loses_to_the_text() -> None:
    assert title('<a href="/1.html" title="Chợ sau cơn "đại tu"">Chợ sau cơn "đại tu"</a>') == 'Chợ sau cơn "đại tu"'


def test_marks_and_numbers_of_the_title_itself_stay() -> None:
    assert title('<a href="/1.html" title="Nghỉ Tết ở đâu">Nghỉ Tết ở đâu?</a>') == "Nghỉ Tết ở đâu?"
    assert title('<h2><a href="/1.html">Giá vàng 2021</a></h2>') == "Giá vàng 2021"


@pytest.mark.parametrize("html", ['<a href="/1.html"></a>', '<a href="/1.html"><img alt=""></a>'])
def test_an_article_without_any_text_is_listed_without_title(html: str) -> None:
    assert title(html) is None


def test_what_is_longer_than_a_title_is_none() -> None:
    assert title(f'<a href="/1.html">{"a" * (MAX_TITLE + 1)}</a>') is None


def page(charset: str = "") -> str:
    return f'<html><head><meta charset="{charset}"></head><body>{LINK}</body></html>'


WESTERN = '<meta http-equiv="Content-Type" content="text/html; charset={}"><a href="/1.html">Café « à la une »</a>'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (page("utf-8").encode(), TITLE),
        (page("iso-8859-1").encode(), TITLE),
        (page("khong-co").encode(), TITLE),
        (b"\xef\xbb\xbf" + page().encode(), TITLE),
        (page("utf-16").encode("utf-16"), TITLE),
        (page("utf-8").encode() + b"\xe1\xbb", TITLE),
        (page("iso-8859-1").encode() + b"\xe1\xbb", TITLE),
        (WESTERN.format("windows-1252").encode("cp1252"), "Café « à la une »"),
        (WESTERN.format("iso-8859-1").encode("cp1252"), "Café « à la une »"),
        (WESTERN.format("punycode").encode("cp1252"), "Caf\ufffd \ufffd \ufffd la une \ufffd"),
        (WESTERN.format("rot13").encode("cp1252"), "Caf\ufffd \ufffd \ufffd la une \ufffd"),
    ],
    ids=[
        "utf-8",
        "declares-latin-1-sends-utf-8",
        "unknown",
        "bom",
        "utf-16",
        "cut-inside-a-letter",
        "cut-and-lying",
        "windows-1252",
        "latin-1",
        "punycode",
        "rot13",
    ],
)
def test_the_bytes_decide_on_utf_8_and_else_the_page_is_believed(body: bytes, expected: str) -> None:
    assert [item.title for item in section(body).items] == [expected]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "empty_body"),
        (b" \n\t", "empty_body"),
        (b"\xef\xbb\xbf", "empty_body"),
        (b"<!-- x -->", "unreadable"),
        (b"404 not found", "no_links"),
        (b'<a href="/the-thao">Th</a>', "no_links"),
        (b"<!-- <a href='/1.html'>x</a> --><p>x", "no_links"),
        (b"<script>'<a href=\"/1.html\">x</a>'</script><p>x", "no_links"),
    ],
)
def test_a_body_without_articles_names_its_problem(body: bytes, problem: str) -> None:
    assert section(body) == SectionResult([], problem)


@pytest.mark.parametrize(
    "behind",
    ["<div>" * 300 + '<a href="/2.html">Hai</a>', '<a href="/x">x</a>' * MAX_LINKS],
    ids=["too-deep", "too-many-links"],
)
def test_where_reading_stops_early_it_says_so(behind: str) -> None:
    assert section(LINK + behind) == SectionResult([SectionItem("https://bao.vn/1.html", TITLE)], "truncated")


@pytest.mark.parametrize(
    "unit",
    [
        '<h3><a href="/1.html"><font>',
        '<a href="/1.html">&amp;lt;',
        "<b></p><a href=/1.html>",
        "<table><li><ul>",
        '<a href="/1.html" title="a<b"',
        "<!--",
        "<![CDATA[",
    ],
)
def test_hostile_markup_ends_soon(unit: str) -> None:
    start = time.process_time()
    section(unit * (1_000_000 // len(unit)))
    assert time.process_time() - start < 10


@pytest.mark.parametrize("inside", ["<i></i>", '<img alt="a b">', "x ", "<h2></h2>"])
def test_links_inside_links_don_t_multiply_the_work(inside: str) -> None:
    start = time.process_time()
    section('<a href="/1.html"><div>' * 100 + inside * 200_000)
    assert time.process_time() - start < 10


@given(
    st.binary(max_size=200)
    | st.text(alphabet="<>/=\"'&; ah1.hreftmlibgsc\u1ed5\ufeff", max_size=150).map(str.encode)
    | st.lists(
        st.sampled_from(
            [*(LINK, MORE, PICTURE, LINKED_SAPO), *("<h3>", "</a>", "<base href=x>", "<a href=2.html ", "\0"),
             "<meta charset=idna>\xff"]
        )
    ).map(lambda parts: "".join(parts).encode("latin-1", "replace"))
)  # fmt: skip
def test_no_body_raises_and_no_article_comes_twice(body: bytes) -> None:
    for wrapped in (body, b"<p>" + body + LINK.encode()):
        result = section(wrapped)
        addresses = [item.url for item in result.items]
        assert len(addresses) == len(set(addresses))
        assert all(map(is_article, addresses))
        assert addresses or result.problem
