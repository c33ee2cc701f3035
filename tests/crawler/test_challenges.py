"""A page that stands in for the article is known for what it is, and an article is never taken for one."""

from __future__ import annotations

import pytest

from archive.read import Record, read_warc
from crawler.challenges import is_challenge, is_login
from tests.conftest import PRESS

PARAGRAPHS = "<p>Một đoạn của bài báo.</p>" * 8


@pytest.mark.parametrize(
    "body",
    [
        "<html><head><title>Just a moment...</title></head><body><script src='/cdn-cgi/x'></script></body></html>",
        '<script>document.cookie="D1N=abc"; window.location.reload(true);</script>',
        "<script>document.cookie = 'a=1; path=/';\nlocation.href = location.pathname;</script>",
        '<div class="g-recaptcha" data-sitekey="x"></div>',
        "<h1>Vui lòng xác nhận bạn không phải là robot</h1>",
    ],
)
def test_challenge_is_known(body: str) -> None:
    assert is_challenge(body.encode())


@pytest.mark.parametrize(
    "body",
    [
        f'<article>{PARAGRAPHS}</article><form><div class="g-recaptcha"></div></form>',
        f"<article>{PARAGRAPHS}</article><script>document.cookie='a=1';location.href='#top'</script>",
        "<html><body><p>Xin chào</p></body></html>",
        "",
    ],
)
def test_article_is_no_challenge(body: str) -> None:
    assert not is_challenge(body.encode())


@pytest.mark.parametrize(
    ("url", "login"),
    [
        ("https://baothu.vn/dang-nhap?returnUrl=/bai-1.html", True),
        ("https://baothu.vn/user/login", True),
        ("https://baothu.vn/dang-nhap-he-thong-dich-vu-cong-123.html", False),
        ("https://baothu.vn/bai-1.html", False),
    ],
)
def test_login_is_known_by_its_address(url: str, login: bool) -> None:
    assert is_login(url) is login


@pytest.mark.press
@pytest.mark.skipif(not PRESS.is_dir(), reason="needs ../shared/press")
def test_no_genuine_page_is_taken_for_a_challenge() -> None:
    taken = []
    for name in ("genuine-articles.warc.gz", "press-2020-2021.warc.gz"):
        for item in read_warc(PRESS / name):
            if isinstance(item, Record) and item.capture and is_challenge(item.capture.body()):
                taken.append(item.capture.url)
    assert taken == []
