"""One article has one address, however it was written."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.urls import normalize_url

PRESS = Path(__file__).parents[2].parent / "shared" / "press"
ARTICLE = "https://bao.vn/thoi-su/bai-viet-so-mot-4123456.html"


@pytest.mark.parametrize(
    "spelling",
    [
        "http://bao.vn/thoi-su/bai-viet-so-mot-4123456.html",
        "HTTPS://BAO.VN/thoi-su/bai-viet-so-mot-4123456.html",
        "http://bao.vn:80/thoi-su/bai-viet-so-mot-4123456.html",
        "https://bao.vn:443/thoi-su/bai-viet-so-mot-4123456.html",
        "https://bao.vn./thoi-su/bai-viet-so-mot-4123456.html",
        "https://ai-do@bao.vn/thoi-su/bai-viet-so-mot-4123456.html",
        "\n  https://bao.vn/thoi-su/bai-viet-so-mot-4123456.html\t",
        "https://bao.vn/thoi-su/bai-viet-so-mot-4123456.html#binh-luan",
        "https://bao.vn/thoi-su/bai-viet-so-mot-4123456.html?",
        "https://bao.vn/thoi-su/bai-viet-so-mot-4123456.html?utm_source=zalo&utm_medium=zalo&zarsrc=31&gidzl=aB",
        "https://bao.vn/thoi-su/bai-viet-so-mot-4123456.html?fbclid=IwAR0&gclid=x",
        "https://bao.vn/thoi-su/bai-viet-so-mot-4123456.html?vn_source=Folder&amp;vn_campaign=Box",
        "https://bao.vn/thoi-su/bai-viet-so-mot-4123456.html?UTM_Source=x&utm%5Fterm=y",
        "https://bao.vn/x/../thoi-su/./bai-viet-so-mot-4123456.html",
        "https://bao.vn/x/%2E%2e/thoi-su/b%61i-viet-so-mot-4123456.html",
        "https://m.bao.vn/thoi-su/bai-viet-so-mot-4123456.html",
        "https://amp.bao.vn/thoi-su/bai-viet-so-mot-4123456.html",
        "https://bao.vn/thoi-su/bai-viet-so-mot-4123456.html/amp",
        "https://bao.vn/thoi-su/bai-viet-so-mot-4123456.html/amp/",
        "https://bao.vn/thoi-su/bai-viet-so-mot-4123456.html?view=amp",
        "https://bao.vn/thoi-su/bai-viet-so-mot-4123456.html?amp=1",
        "https://bao.vn/thoi-su/bai-viet-so-mot-4123456.html?amp",
    ],
)
def test_spellings_of_one_article_are_one_address(spelling: str) -> None:
    assert normalize_url(spelling) == ARTICLE


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://bao.vn", "https://bao.vn/"),
        ("https://www.bao.vn/a", "https://www.bao.vn/a"),
        ("https://e.bao.vn/a", "https://e.bao.vn/a"),
        # The rest of the query chooses the page, and its order may matter to the server.
        ("https://bao.vn/?b=2&utm_id=9&a=1&b=3", "https://bao.vn/?b=2&a=1&b=3"),
        ("https://bao.vn/?a=1&amp;b=2", "https://bao.vn/?a=1&b=2"),
        ("https://bao.vn/sitemap.xml?m=1&d=2", "https://bao.vn/sitemap.xml?m=1&d=2"),
        ("https://bao.vn/?ref=12&source=a&id=3", "https://bao.vn/?ref=12&source=a&id=3"),
        ("https://bao.vn/?view=list&amp=0", "https://bao.vn/?view=list&amp=0"),
        # Escapes: upper case, only where needed, "%" never bare.
        ("https://bao.vn/cổng", "https://bao.vn/c%E1%BB%95ng"),
        ("https://bao.vn/c%e1%bb%95ng", "https://bao.vn/c%E1%BB%95ng"),
        ("https://bao.vn/tang 5%", "https://bao.vn/tang%205%25"),
        ("https://bao.vn/a%2Fb%3fc", "https://bao.vn/a%2Fb%3Fc"),
        ("https://báo.vn/a", "https://xn--bo-mia.vn/a"),
        # What is no AMP or mobile twin.
        ("https://bao.vn/tag/amp", "https://bao.vn/tag/amp"),
        ("https://bao.vn/tu-khoa/amp", "https://bao.vn/tu-khoa/amp"),
        ("https://bao.vn/amp", "https://bao.vn/amp"),
        ("https://m.com.vn/a", "https://m.com.vn/a"),
        ("https://m.vn/a", "https://m.vn/a"),
        ("https://mega.bao.vn/a", "https://mega.bao.vn/a"),
        ("https://tap-chi.vn/2021/05/mot-bai-viet-dai/amp/", "https://tap-chi.vn/2021/05/mot-bai-viet-dai/"),
        ("https://m.bao.com.vn/a", "https://bao.com.vn/a"),
    ],
)
def test_what_stays_and_what_changes(url: str, expected: str) -> None:
    assert normalize_url(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8081/x",
        "http://127.0.0.1/x",
        "http://localhost/x",
        "http://localhost:8081/x",
        "http://bao.vn:8081/x",
        "http://m.bao.vn:8081/x",
        "http://[::1]:8081/x",
        "https://127.0.0.1:8443/x",
    ],
)
def test_loopback_hosts_and_explicit_ports_keep_scheme_and_port(url: str) -> None:
    assert normalize_url(url) == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "bai-viet.html",
        "//bao.vn/a",
        "mailto:toasoan@bao.vn",
        "javascript:void(0)",
        "ftp://bao.vn/a",
        "data:text/html,x",
        "https:///a",
        "https://bao vn/a",
        "https://bao.vn:99999/a",
        "https://bao.vn:x/a",
        "http://[::1/a",
        "https://bao..vn/a",
        "https://\ud800.vn/a",
    ],
)
def test_what_is_no_web_address_is_none(text: str) -> None:
    assert normalize_url(text) is None


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("/thoi-su/bai-1.html", "https://bao.vn/thoi-su/bai-1.html"),
        ("bai-1.html", "https://bao.vn/rss/bai-1.html"),
        ("//anh.bao.vn/bai-1.html", "https://anh.bao.vn/bai-1.html"),
        ("https://khac.vn/bai-1.html", "https://khac.vn/bai-1.html"),
        ("javascript:void(0)", None),
    ],
)
def test_relative_links_are_resolved_against_the_base(link: str, expected: str | None) -> None:
    assert normalize_url(link, base="http://bao.vn/rss/home.rss") == expected


_URLISH = st.text(alphabet="abm.p/-%2eEf?&=;#:@+ ổ1[]\\~\t", max_size=40)
_URLS = st.builds(
    lambda scheme, host, port, tail: f"{scheme}://{host}{port}{tail}",
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(["bao.vn", "m.bao.vn", "amp.m.bao.com.vn", "127.0.0.1", "[::1]", "M.Báo.vn", "localhost", "m."]),
    st.sampled_from(["", ":80", ":443", ":8081", ":"]),
    _URLISH
    | st.lists(
        st.sampled_from(["/amp", "/bai-1.html", "/..", "/%2e", "//", "?amp=1", "&amp;amp;a=1", "?&utm_a=b"])
    ).map("".join),
)


@given(_URLS)
def test_a_normalised_address_is_its_own_normal_form(url: str) -> None:
    once = normalize_url(url)
    if once is not None:
        assert normalize_url(once) == once
        assert normalize_url(once, base="https://khac.vn/x") == once
        assert once.isascii()
        assert " " not in once


@given(st.text(max_size=60), st.none() | _URLS | st.text(max_size=20))
def test_no_text_raises(url: str, base: str | None) -> None:
    result = normalize_url(url, base)
    assert result is None or result.startswith(("http://", "https://"))


@pytest.mark.press
@pytest.mark.skipif(not PRESS.is_dir(), reason="the shared press is not here")
def test_genuine_links_stay_distinct_and_lose_only_tracking() -> None:
    with gzip.open(PRESS / "feed-items-2026.jsonl.gz", "rt", encoding="utf-8") as lines:
        links = {json.loads(line)["link"] for line in lines}
    normal = {link: normalize_url(link) for link in links}
    assert len(set(normal.values())) == len(links) == 7136
    changed = [link for link, url in normal.items() if url != link]
    assert len(changed) == 92
    assert all("?at_medium=" in link for link in changed)
