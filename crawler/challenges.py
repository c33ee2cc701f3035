"""Pages that stand in for the article: challenges, captchas, log-ins. They are named, never worked around."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

#: What such pages are made of, as their makers' scripts and the outlets' own texts have it: Cloudflare, Imperva,
#: Sucuri, DDoS-Guard, reCAPTCHA and its like, and the cookie script that Lao Động served in 2026 (`D1N`).
_MARKS = re.compile(
    rb"cf-chl|__cf_chl|challenge-platform|cf-browser-verification|<title>\s*just a moment"
    rb"|_incapsula_resource|sucuri_cloudproxy_js|ddos-guard|/_guard/"
    rb"|g-recaptcha|h-captcha|hcaptcha\.com|cf-turnstile|geetest"
    rb"|\bD1N\s*=|checking your browser|enable javascript and cookies to continue"
    + "|không phải (?:là )?(?:robot|người máy)".encode(),
    re.IGNORECASE,
)
_COOKIE_SCRIPT = re.compile(
    rb"document\.cookie\s*=.{0,2000}?location\s*(?:\.href\s*=|\.reload|\.replace|=)", re.I | re.S
)
_LOGIN = re.compile(r"/(?:dang-?nhap|log-?in|sign-?in|sso|auth)(?:[/.]|$)", re.IGNORECASE)

#: An article of our outlets has 20 KB and more; a page that carries one may hold a captcha for its comments.
_SMALL = 20_000
_PARAGRAPH = re.compile(rb"<p[\s>]", re.IGNORECASE)


def is_challenge(body: bytes) -> bool:
    """Whether a page answered with 200 is a challenge: its marks, and nothing that could be an article."""
    if len(_PARAGRAPH.findall(body)) > 4 or len(body) > 10 * _SMALL:
        return False
    head = body[: 4 * _SMALL]
    return bool(_MARKS.search(head) or (len(body) < _SMALL and _COOKIE_SCRIPT.search(head)))


def is_login(url: str) -> bool:
    """Whether an address that an article's redirects led to is a log-in."""
    return bool(_LOGIN.search(urlsplit(url).path))
