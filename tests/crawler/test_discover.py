"""What an unknown outlet's pages name, and the form of its article addresses."""

from __future__ import annotations

import gzip
import json
import re
from collections import defaultdict
from urllib.parse import urlsplit

import pytest

from archive.urls import normalize_url
from config.load import load_config
from config.outlets import Outlet
from crawler.discover import guess_patterns, read_web_page
from tests.conftest import PRESS, outlet_fields

OUTLET = Outlet.model_validate(outlet_fields("bao.vn", id="bao", article_urls=["."]))


def _links(*paths: str) -> list[str]:
    return [f"https://bao.vn{path}" for path in paths]


@pytest.mark.parametrize(
    ("forms", "pattern"),
    [
        (("/mot-bai-post{n}.html",), r"^https://(?:www\.)?bao\.vn/[a-z0-9-]+-post\d{6,7}\.html$"),
        (("/xa-hoi/mot-bai-{n}.ldo",), r"^https://(?:www\.)?bao\.vn/[a-z0-9-]+/[a-z0-9-]+-\d{6,7}\.ldo$"),
        (
            ("/bai-{n}.htm", "/xa-hoi/y-te/bai-{n}.htm"),
            r"^https://(?:www\.)?bao\.vn/(?:[a-z0-9-]+/)*[a-z0-9-]+-\d{6,7}\.htm$",
        ),
        (("/xa-hoi/{n}/mot-bai",), r"^https://(?:www\.)?bao\.vn/[a-z0-9-]+/\d{6,7}/[a-z0-9-]+$"),
        (("/xa-hoi/mot-bai/{n}/",), r"^https://(?:www\.)?bao\.vn/(?:[a-z0-9-]+/)+\d{6,7}/$"),
        (("/2020/12/bai-761-{n}.htm",), r"^https://(?:www\.)?bao\.vn/\d{4}/\d{2}/[a-z0-9-]+-\d{6,7}\.htm$"),
        (("/Bai_{n}.vgp",), r"^https://(?:www\.)?bao\.vn/[^/?]+\d{6,7}\.vgp$"),
        (("/bai-20201209{n}345.chn",), r"^https://(?:www\.)?bao\.vn/[a-z0-9-]+-\d{17}\.chn$"),
    ],
)
def test_common_form_of_addresses_becomes_a_pattern(forms: tuple[str, ...], pattern: str) -> None:
    announced = _links(*(form.format(n=n) for n in range(100001, 100011) for form in forms))
    guess = guess_patterns(announced, _links("/", "/xa-hoi", "/xa-hoi.htm", "/y-te/"), OUTLET)
    assert guess.patterns == (pattern,)
    assert guess.matched == guess.announced == len(announced)
    assert guess.fits


def test_slugs_without_numbers_are_told_from_sections_by_their_length() -> None:
    announced = _links(*(f"/mot-bai-bao-that-dai-ve-viec-{word}.htm" for word in ("mot", "hai", "ba", "bon")))
    guess = guess_patterns(announced, _links("/thoi-su.htm", "/kinh-te-va-xa-hoi.htm"), OUTLET)
    assert guess.fits
    assert guess.sections_taken == ()


def test_sections_that_the_pattern_takes_are_named() -> None:
    announced = _links(*(f"/{word}.htm" for word in ("mot", "hai", "ba", "bon")))
    guess = guess_patterns(announced, _links("/thoi-su.htm", "/mot.htm"), OUTLET)
    assert guess.sections_taken == ("https://bao.vn/thoi-su.htm",)
    assert not (guess.fits and not guess.sections_taken)


def test_two_common_forms_become_two_patterns_and_a_rare_one_none() -> None:
    forms = [f"/bai-{n}.htm" for n in range(100001, 100061)] + [f"/video/{n}/" for n in range(100001, 100031)]
    guess = guess_patterns(_links(*forms, "/rieng.aspx"), [], OUTLET)
    assert len(guess.patterns) == 2
    assert (guess.matched, guess.announced) == (90, 91)


def test_links_to_other_hosts_are_not_matched() -> None:
    announced = [*_links(*(f"/bai-{n}.htm" for n in range(100001, 100004))), "https://khac.vn/bai-100009.htm"]
    guess = guess_patterns(announced, [], OUTLET)
    assert (guess.matched, guess.announced) == (3, 4)
    assert not (guess.fits and not guess.sections_taken)


def test_nothing_announced_gives_no_pattern() -> None:
    guess = guess_patterns([], [], OUTLET)
    assert guess.patterns == ()
    assert not (guess.fits and not guess.sections_taken)


def test_page_names_its_feeds_by_link_and_by_address() -> None:
    page = """<html><head><base href="https://bao.vn/x/"><meta property="og:site_name" content=" Báo   Mẫu ">
    <link rel="alternate" type="application/atom+xml" title="Mới" href="moi.xml">
    <link rel="alternate" type="text/html" href="/amp"></head><body><div class="main-menu"><a href="/xa-hoi">Xã hội</a>
    <a href="/rss.aspx">RSS</a></div><a href="/kinh-te.rss#x">Kinh tế</a><a href="/tin-ve-rss-va-atom-1.html">Tin</a>
    <a href="/rss/home.rss"></a><a href="javascript:rss()">x</a><a href="http://[bad/rss">x</a></body></html>"""
    read = read_web_page(page.encode(), "https://bao.vn/")
    assert read.name == "Báo Mẫu"
    assert read.feeds == {
        "https://bao.vn/moi.xml": "Mới",
        "https://bao.vn/rss.aspx": "RSS",
        "https://bao.vn/kinh-te.rss": "Kinh tế",
        "https://bao.vn/rss/home.rss": None,
    }
    assert read.menu == ("https://bao.vn/xa-hoi", "https://bao.vn/rss.aspx")


@pytest.mark.parametrize("body", [b"", b"\0\xff\xfe", b"<", b"<a" * 10_000, b"<nav>" * 3_000 + b"<a href=/x>"])
def test_any_bytes_are_read_without_harm(body: bytes) -> None:
    read_web_page(body, "https://bao.vn/")


@pytest.mark.press
@pytest.mark.skipif(not PRESS.is_dir(), reason="needs ../shared/press")
def test_guesses_match_genuine_links_as_well_as_the_registry_does() -> None:
    registry = load_config().outlets
    links: defaultdict[str, set[str]] = defaultdict(set)
    with gzip.open(PRESS / "feed-items-2026.jsonl.gz", "rt") as rows:
        for url in (normalize_url(json.loads(row)["link"]) for row in rows):
            owner = next((it.id for it in registry if url and it.owns(urlsplit(url).netloc)), None)
            if owner and url:
                links[owner].add(url)
    assert len(links) >= 15
    for outlet in registry:
        if announced := sorted(links.get(outlet.id, ())):
            guess = guess_patterns(announced, [], outlet)
            known = sum(outlet.is_article(link) for link in announced)
            assert guess.matched >= 0.98 * known, outlet.id
            assert all(pattern.startswith("^https://") and re.compile(pattern) for pattern in guess.patterns)
