"""Pages that break rules, by accident or on purpose: none ends the reader, and none loses text that readers see."""

from __future__ import annotations

import json
import unicodedata
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.outlets import Layout
from pipeline.extract.article import Article, NotAnArticle
from pipeline.extract.page import extract
from tests.pipeline.test_extract import BODY, CAPTURED, LAYOUT, TITLE, URL, html, outlet

MARKUP = """
    <p> </p> <div> </div> <b> <br> <table><tr><td> </table> <blockquote> <svg> </svg> <textarea> <title> <noscript>
    <span/hidden> </span> <a/href=/x> <a/href=HTTP:x> <a/href=http:///x> <figure><img><figcaption> </figure> <template>
    <!-- --> <p<!-- <script> </script> <script><!-- <style> </style> <math><style> <xmp> <plaintext> <select><option>
    < > <> </ <! <? &amp; &# &#xd800; &#0; &nbsp; &notanentity Theo/TTXVN 05/07/2021, 09:44 9999-12-31T23:59-14:00
    <h1/class=tieu-de> </h1> <div/class=noi-dung> <p/class=sapo> <html/hidden/class=tac-gia> <body/hidden>
    <link/rel=canonical/href=http://[> <link/rel=next/href=?trang=2> <meta/property=og:title/content=a>
    <script/type=application/ld+json>{"@type":"NewsArticle","keywords":"\\ud800"}</script>
"""
CHARACTERS = "\x00 \r \x1c \x85 \u0338 \u200b \u00ad \u2066 \U000e0041 e\u0309\u0323 \ufffe"
PIECES = (*MARKUP.split(), *CHARACTERS.split(" "))
MESS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=40).map("".join)


def _hold(article: Article) -> None:
    """What every article promises of its text."""
    texts = [text for _, text in article.paragraphs]
    texts += [text for text in (article.title, article.sapo, article.kicker, article.credit) if text is not None]
    texts += [*article.authors, *article.tags, *article.sections]
    for text in texts:
        assert text.strip() == text
        assert text
        assert unicodedata.is_normalized("NFC", text)
        assert text.isprintable() or "\ufffe" in text or not any(unicodedata.category(c) in ("Cc", "Cs") for c in text)
        text.encode()
    for link in (*article.links, *filter(None, [article.canonical])):
        assert urlsplit(link).scheme in {"http", "https"}
        assert urlsplit(link).hostname
        assert not any(c.isspace() for c in link)
        link.encode("ascii")


def _read(payload: bytes, *layouts: Layout) -> Article | None:
    try:
        article = extract(payload, URL, "text/html", outlet(*layouts), CAPTURED)
    except NotAnArticle:
        return None
    _hold(article)
    return article


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=2_000), st.booleans())
def test_any_bytes_give_an_article_or_a_reason(noise: bytes, in_page: bool) -> None:
    page = html().encode()
    _read(page[:300] + noise + page[300:] if in_page else b"<html>" + noise, LAYOUT)


@settings(max_examples=300, deadline=None)
@given(MESS, MESS, MESS)
def test_any_markup_gives_an_article_or_a_reason(head: str, body: str, tail: str) -> None:
    paragraphs = "".join(f"<p>{paragraph}</p>{mess}" for paragraph, mess in zip(BODY, (body, tail, ""), strict=True))
    payload = html(paragraphs, head=head).encode(errors="replace")
    _read(payload, LAYOUT)
    _read(payload)


@settings(max_examples=60, deadline=None)
@given(st.integers(min_value=0, max_value=len(html().encode())))
def test_a_page_cut_anywhere_gives_what_came(cut: int) -> None:
    whole = extract(html().encode(), URL, "text/html", outlet(LAYOUT), CAPTURED)
    found = _read(html().encode()[:cut], LAYOUT)
    if found is not None and found.layout == LAYOUT.id:
        assert "\n".join(text for _, text in whole.paragraphs).startswith(found.body.rstrip("</")[:40])


@pytest.mark.parametrize("layouts", [(LAYOUT,), ()], ids=["layout", "fallback"])
@pytest.mark.parametrize(
    "mess",
    [
        "<p <!-- x -->>",
        "<p a<b=c>",
        "<p title='<!--'>",
        "<!-- <p> -->",
        "<!-- unclosed > <p>-->",
        "<script><!-- <script> </script> <p>--></script>",
        "<script>if (a<b) document.write('<p>')</script>",
        "<style><!-- p > a {} --></style>",
        "<math><style>&lt;p>x</style></math>",
        "<svg><style>a</style></svg>",
        "<xmp><p></xmp>",
        "<noscript><p></p></noscript>",
        "<template><p></template>",
        "<p hidden>không ai đọc</p>",
        "<br>\u0338",
        "<p>\u200b\u2066\u061c</p>",
        "<textarea><p></textarea>",
    ],
)
def test_markup_between_paragraphs_takes_none_of_them_away(mess: str, layouts: tuple[Layout, ...]) -> None:
    article = extract(
        html(mess.join(f"<p>{p}</p>" for p in BODY)).encode(), URL, "text/html", outlet(*layouts), CAPTURED
    )
    spoken = [text.lstrip(">") for _, text in article.paragraphs]
    assert [text for text in spoken if text in BODY] == list(BODY)
    assert not any("document.write" in text or "không ai đọc" in text for text in spoken)
    assert article.title == TITLE


def test_numbers_of_characters_without_end_are_left_as_they_are() -> None:
    told = json.dumps({"@type": "NewsArticle", "headline": "&#" + "1" * 4_400 + ";"})
    article = extract(
        html(head=f'<script type="application/ld+json">{told}</script>').encode(), URL, None, outlet(LAYOUT), CAPTURED
    )
    assert article.title == TITLE
