"""The HTML and the plain text: complete, and harmless whatever the press prints."""

from __future__ import annotations

import base64
import dataclasses
import re
from html.parser import HTMLParser

import pytest

from reports import charts, layout, wording
from reports.document import Block, Chart, Paragraph, Section, Summary, Table
from reports.render import render_html, render_mail, render_text
from tests.reports.forms import HOSTILE, blocks, said, squeezed


class Page(HTMLParser):
    """What a mail program would see: tags with attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def page(july: Summary) -> Page:
    return Page(in_browser(july))


def in_browser(summary: Summary) -> str:
    return render_html(summary, charts.pictures(summary))


def address(chart: Chart) -> str:
    return f"cid:{chart.name}"


def test_html_and_text_each_say_everything(everything: Summary) -> None:
    html, text = squeezed(Page(render_mail(everything, address)).text), squeezed(render_text(everything))
    columns = {column for block in blocks(everything) if isinstance(block, Table) for column in block.columns}
    for part in said(everything):
        assert squeezed(part) in html, part
        # Plain text names a column only where a row has something in it.
        assert squeezed(part) in text or part in columns, part
    for part in (layout.NATION, layout.MOTTO, layout.IN_BRIEF, layout.COPIES_TO, *layout.copies(everything.letterhead)):
        assert squeezed(part) in html
        assert squeezed(part) in text


def test_what_is_corrected_and_in_brief_comes_first(everything: Summary) -> None:
    for told in (Page(render_mail(everything, address)).text, render_text(everything)):
        order = [told.index(words) for words in ("thay thế báo cáo", "Tóm lại", "CỤC KIỂM SOÁT", "I. PHẠM VI")]
        assert order == sorted(order)


def test_the_signature_stands_between_the_report_and_its_annexes(everything: Summary) -> None:
    for told in (Page(render_mail(everything, address)).text, render_text(everything)):
        order = [told.index(words) for words in ("VII. KIẾN NGHỊ", "Nơi nhận:", "Phụ lục I. ")]
        assert order == sorted(order)
        assert "CỤC TRƯỞNG" in told


def test_pictures_have_the_address_given_their_size_and_their_words(everything: Summary) -> None:
    page = Page(render_mail(everything, address))
    images = [attributes for tag, attributes in page.tags if tag == "img"]
    assert [image["src"] for image in images] == [f"cid:{chart.name}" for chart in everything.charts]
    for image, chart in zip(images, everything.charts, strict=True):
        assert (int(image["width"] or 0), int(image["height"] or 0)) == charts.size(chart)
        assert image["alt"] == chart.alt.text
        assert "max-width: 100%" in (image["style"] or "")


def test_without_an_address_pictures_are_in_the_page(everything: Summary, pictures: dict[str, bytes]) -> None:
    found = re.findall(r'src="data:image/png;base64,([^"]+)"', in_browser(everything))
    assert [base64.b64decode(part) for part in found] == list(pictures.values())


def test_hostile_text_is_text(everything: Summary) -> None:
    page = Page(render_mail(everything, address))
    for part in HOSTILE:
        assert part in page.text
    assert not [tag for tag, _ in page.tags if tag in ("script", "iframe", "form", "object", "link")]
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]


def with_articles(summary: Summary, times: int) -> Summary:
    """The summary with its list of articles so many times over."""

    def longer(block: Block) -> Block:
        return dataclasses.replace(block, rows=block.rows * times) if isinstance(block, Table) else block

    sections = (
        dataclasses.replace(part, blocks=tuple(map(longer, part.blocks))) if layout.is_list_of_articles(part) else part
        for part in summary.sections
    )
    return dataclasses.replace(summary, sections=tuple(sections))


def test_a_page_that_gmail_would_cut_has_fewer_articles_and_says_so(july: Summary) -> None:
    long = with_articles(july, 40)
    html = render_mail(long, address)
    assert 95_000 < len(html.encode()) <= 100_000
    told = Page(html).text
    (shown, of) = re.search(r"Thư này chỉ nêu ([0-9.]+) trong số ([0-9.]+) lượt đăng; danh mục đầy đủ", told).groups()  # type: ignore[union-attr]
    assert of == "320"
    assert 20 < int(shown) < 320
    listed = told.partition(wording.LIST_OF_ARTICLES)[2].partition(wording.DEFINITIONS)[0]
    assert len(re.findall(r"archive/\w+\.warc\.gz", listed)) == int(shown)
    # Nothing else is left out, and nothing of the plain text is.
    printed = squeezed(told)
    assert all(squeezed(part) in printed for part in said(july))
    assert render_text(long).count(".warc.gz") == 320
    assert "Thư này" not in render_mail(july, address)


def test_where_even_no_article_fits_the_rest_stays_whole(july: Summary) -> None:
    padding = Paragraph("Phần này dài. " * 8_000)
    wordy = dataclasses.replace(july, sections=(Section("Đầu", (padding,)), *july.sections))
    told = Page(render_mail(wordy, address)).text
    assert "chỉ nêu 0 trong số 8 lượt đăng" in told
    assert squeezed(padding.text) in squeezed(told)


def test_the_sum_of_a_mail_is_small(everything: Summary, pictures: dict[str, bytes]) -> None:
    four = sorted(pictures.values(), key=len)[-4:]
    assert len(render_mail(everything, address).encode()) + sum(map(len, four)) < 300_000


def test_a_hostile_title_is_text_and_nothing_else(page: Page) -> None:
    assert "<script>alert('x')</script> Cổng Bcc:" in page.text
    assert not [tag for tag, _ in page.tags if tag in ("script", "iframe", "form", "object", "link")]
    assert not [attributes for tag, attributes in page.tags if tag == "img" and "data:" not in str(attributes["src"])]
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]


def test_a_hostile_title_cant_begin_a_line_of_the_text(july: Summary) -> None:
    printed = render_text(july).splitlines()
    assert [line for line in printed if line.startswith("VII. ")] == ["VII. KIẾN NGHỊ, ĐỀ XUẤT"]
    assert not [line for line in printed if line.startswith("Bcc")]
    assert "\u202e" not in render_text(july)


def test_links_lead_to_web_addresses_only(page: Page) -> None:
    links = [attributes["href"] or "" for tag, attributes in page.tags if tag == "a"]
    assert links
    assert all(link.startswith(("http://", "https://")) for link in links)
    assert "javascript" not in " ".join(links)


def test_mail_programs_need_no_style_sheet_and_nothing_from_outside(july: Summary, page: Page) -> None:
    tables = [attributes for tag, attributes in page.tags if tag == "table" and attributes.get("role") is None]
    assert tables
    assert all((table["border"], table["cellpadding"], table["width"]) == ("1", "4", "100%") for table in tables)
    assert all("border-collapse: collapse" in (table["style"] or "") for table in tables)
    html = in_browser(july)
    assert "@media print" in html
    assert not re.search(r"""(?:src="(?!data:image/png)|@import|url\()""", html)


def test_a_draft_is_marked_and_its_number_and_day_are_left_open(july: Summary) -> None:
    for text in (Page(in_browser(july)).text.replace("\u00a0", " "), render_text(july)):
        assert "DỰ THẢO" in text
        assert "Số:     /BC-KSTT" in text
        assert "Hà Nội, ngày     tháng     năm 2021" in text


def test_sample_data_is_marked_first_of_all(july: Summary) -> None:
    sample = dataclasses.replace(july, sample=True)
    assert render_text(sample).startswith("DỮ LIỆU MẪU")
    assert "DỮ LIỆU MẪU" in Page(in_browser(sample)).text.split("CỤC")[0]
    assert "DỮ LIỆU MẪU" not in render_text(july) + in_browser(july)


def test_lines_of_the_text_are_short_but_for_addresses(july: Summary) -> None:
    assert not [line for line in render_text(july).splitlines() if len(line) > 110 and "://" not in line]


def test_the_same_summary_gives_the_same_bytes(july: Summary) -> None:
    assert in_browser(july) == in_browser(july)
    assert render_text(july) == render_text(july)
