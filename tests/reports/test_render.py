"""The HTML and the plain text: complete, and harmless whatever the press prints."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from reports.document import Paragraph, Summary, Table
from reports.render import render_html, render_text


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
    return Page(render_html(july))


def said(summary: Summary) -> Iterator[str]:
    """Every text of a summary."""
    head = summary.letterhead
    yield from (head.parent, head.issuer, head.number_line, summary.title, summary.data_line, head.addressed_to)
    for section in summary.sections:
        yield section.heading
        for block in section.blocks:
            if isinstance(block, Paragraph):
                yield block.text
            elif isinstance(block, Table):
                yield from (block.title, *(note.text for note in block.notes))
                for row in block.rows:
                    yield from (cell.text for cell in row.cells)
            else:
                yield from (block.headline.text, block.source.text, block.sentence or "")


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_html_and_text_each_say_everything(july: Summary, page: Page) -> None:
    html, text = squeezed(page.text), squeezed(render_text(july))
    for part in said(july):
        assert squeezed(part) in html
        assert squeezed(part) in text


def test_a_hostile_title_is_text_and_nothing_else(page: Page) -> None:
    assert "<script>alert('x')</script> Cổng Bcc:" in page.text
    assert not [tag for tag, _ in page.tags if tag in ("script", "iframe", "img", "form", "object", "link")]
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
    # The first two cells are the letterhead's.
    cells = [attributes for tag, attributes in page.tags if tag == "td"][2:]
    assert all("border: 1px" in (attributes.get("style") or "") for attributes in cells)
    html = render_html(july)
    assert "@media print" in html
    assert not re.search(r"(?:src|@import|url\()", html)


def test_a_draft_is_marked_and_its_number_and_day_are_left_open(july: Summary) -> None:
    for text in (Page(render_html(july)).text, render_text(july)):
        assert "DỰ THẢO" in text
        assert "Số:     /BC-KSTT" in text
        assert "Hà Nội, ngày     tháng     năm 2021" in text


def test_sample_data_is_marked_first_of_all(july: Summary) -> None:
    sample = dataclasses.replace(july, sample=True)
    assert render_text(sample).startswith("DỮ LIỆU MẪU")
    assert "DỮ LIỆU MẪU" in Page(render_html(sample)).text.split("CỤC")[0]
    assert "DỮ LIỆU MẪU" not in render_text(july) + render_html(july)


def test_lines_of_the_text_are_short_but_for_addresses(july: Summary) -> None:
    assert not [line for line in render_text(july).splitlines() if len(line) > 110 and "://" not in line]


def test_the_same_summary_gives_the_same_bytes(july: Summary) -> None:
    assert render_html(july) == render_html(july)
    assert render_text(july) == render_text(july)
