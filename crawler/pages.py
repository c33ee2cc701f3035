"""Whether an answer can be the article that was asked for. Whatever it is, it is archived."""

from __future__ import annotations

from scrapy.http import Response

from archive.capture import BodyError, unpack
from archive.crawl_log import PageOutcome
from archive.urls import normalize_url
from config.outlets import Outlet
from crawler.challenges import is_challenge, is_login

REDIRECTS = frozenset((301, 302, 303, 307, 308))
#: Where a request keeps the outcome of its answer.
JUDGED = "judged"
#: What is no page whatever is in it; servers call pages by many other names.
_NO_PAGE_TYPES = (
    *("image/", "video/", "audio/", "font/", "text/css", "text/javascript", "application/javascript"),
    *("application/json", "application/pdf", "application/zip", "application/rss+xml", "application/atom+xml"),
)
#: The statuses that challenges come with, besides 200.
_TURNED_AWAY = frozenset((401, 403, 429, 503))


def judge_page(response: Response, asked: str, outlet: Outlet) -> tuple[PageOutcome, str | None]:
    """The outcome of a page, and why in a word."""
    if response.status != 200:
        return "failed", "challenge" if _is_challenged(response) else status_word(response)
    if response.url != asked:
        if is_login(response.url):
            return "failed", "login"
        if not outlet.is_article(normalize_url(response.url) or response.url):
            return "failed", "redirected_elsewhere"
    reason = _fault(response)
    return ("failed", reason) if reason else ("fetched", None)


def _is_challenged(response: Response) -> bool:
    try:
        return response.status in _TURNED_AWAY and is_challenge(unpacked(response))
    except BodyError:
        return False


def _fault(response: Response) -> str | None:
    kind = (response.headers.get("Content-Type") or b"").decode("latin-1").strip().lower()
    if kind.startswith(_NO_PAGE_TYPES):
        return "not_html"
    try:
        body = unpacked(response)
    except BodyError as error:
        return error.reason
    if not body.strip():
        return "empty_body"
    return "challenge" if is_challenge(body) else None


def unpacked(response: Response) -> bytes:
    """The body without its content encoding. Raises BodyError."""
    encoding = response.headers.get("Content-Encoding")
    return unpack(response.body, encoding.decode("latin-1") if encoding else None)


def status_word(response: Response) -> str:
    """Why an answer other than 200 is none."""
    if response.status not in REDIRECTS:
        return f"http_{response.status}"
    return "not_web_address" if response.headers.get("Location") else "no_location"
