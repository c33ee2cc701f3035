"""One form of address for each article, whichever of its spellings a feed, a sitemap or a link used."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import SplitResult, urljoin, urlsplit

from w3lib.url import safe_url_string

#: Parameters that say who sent the reader, never what is read; zarsrc and gidzl are Zalo's.
#: Words such as "ref", "src" or "id" are not here: they choose the article at some outlet.
TRACKING_NAMES = frozenset(
    (
        *("_ga", "_gl", "dclid", "gad_source", "gbraid", "gclid", "gclsrc", "wbraid"),
        *("fb_action_ids", "fb_comment_id", "fb_source", "fbclid", "igsh", "igshid", "mibextid"),
        *("gidzl", "zarsrc"),
        *("li_fat_id", "mc_cid", "mc_eid", "msclkid", "ttclid", "twclid", "yclid"),
    )
)

#: at_ is the BBC's (feed of August 2026), vn_ VnExpress's and vnn_ VietNamNet's (pages of 2019 to 2026).
TRACKING_PREFIXES = ("utm_", "itm_", "at_", "vn_", "vnn_")

#: Query parameters that ask for the AMP rendering of the same page.
AMP_VALUES = {"amp": ("", "1", "true"), "view": ("amp",), "output": ("amp",), "outputtype": ("amp",)}

#: "m.com.vn" is somebody's domain, not the mobile twin of "com.vn".
SUFFIX_LABELS = frozenset(("ac", "biz", "co", "com", "edu", "gov", "info", "int", "name", "net", "org", "pro"))

DEFAULT_PORTS = {"http": 80, "https": 443}

_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
# "/amp" is a twin only behind what looks like an article (an extension, a number, a long slug):
# "/tag/amp" is a page of its own.
_AMP_TAIL = re.compile(r"/(?P<article>[^/]*(?:\.[a-z]{3,5}|\d|-[^/-]+-[^/-]+-)[^/]*)/amp(?P<slash>/?)$", re.IGNORECASE)


@lru_cache(maxsize=4096)  # a crawl asks for a page's form four times, each time 16 µs
def normalize_url(url: str, base: str | None = None) -> str | None:
    """The address under which an article is known; None for what is no http(s) address.

    A relative `url` is resolved against `base`. https; host in lower case; no default port, user, fragment or
    tracking parameter; other parameters in their order; escapes as RFC 3986 section 6.2.2 wants them; AMP and
    mobile twins become the article. IP addresses, bare machine names and explicit ports keep their scheme.
    `www.` is kept: which hosts are one outlet is for the registry. The result is its own normal form.
    """
    try:
        absolute = safe_url_string(urljoin(base, url.strip()) if base else url)
        parts = urlsplit(absolute)
        port = parts.port
        host = _host(parts.hostname or "")
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or host is None:
        return None
    scheme = parts.scheme
    if port == DEFAULT_PORTS[scheme]:
        port = None
    if port is None and _is_public_name(host):
        scheme = "https"
        host = _desktop_host(host)
    netloc = host if port is None else f"{host}:{port}"
    path = _article_path(_without_dots(_escaped(parts.path)))
    return SplitResult(scheme, netloc, path, _query(parts.query), "").geturl()


def as_held(article: str) -> str:
    """An article's address as articles have it; its id stays."""
    return normalize_url(article) or article


def _host(host: str) -> str | None:
    if ":" in host:
        return f"[{ipaddress.IPv6Address(host).compressed}]"
    ascii_host = host.encode("idna").decode("ascii").lower().rstrip(".")
    return ascii_host if _HOST.fullmatch(ascii_host) else None


def _is_public_name(host: str) -> bool:
    """Whether the host has the form of a registered name: not an IP address, not a bare machine name."""
    name, _, top = host.rpartition(".")
    return bool(name) and top != "localhost" and not top[0].isdigit()


def _desktop_host(host: str) -> str:
    while host.startswith(("m.", "amp.")):
        rest = host.partition(".")[2]
        labels = rest.split(".")
        if len(labels) < 2 or (len(labels) == 2 and labels[0] in SUFFIX_LABELS):
            break
        host = rest
    return host


def _escaped(text: str) -> str:
    """Percent-escapes in upper case, none for unreserved characters, and no bare '%'."""
    return _ESCAPE.sub(_canonical_escape, text)


def _canonical_escape(match: re.Match[str]) -> str:
    digits = match[1]
    if digits is None:
        return "%25"
    char = chr(int(digits, 16))
    return char if _UNRESERVED.fullmatch(char) else f"%{digits.upper()}"


def _without_dots(path: str) -> str:
    """RFC 3986 section 5.2.4: '.' and '..' resolved, also where they were written as escapes."""
    kept: list[str] = []
    segments = path.split("/")[1:] or [""]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _article_path(path: str) -> str:
    while twin := _AMP_TAIL.search(path):
        # WordPress writes slug/ and slug/amp/; a file such as bai.html has no slash behind it.
        slash = "" if "." in twin["article"] else twin["slash"]
        path = f"{path[: twin.start()]}/{twin['article']}{slash}"
    return path


def _query(query: str) -> str:
    # "&amp;" comes from feeds that escape twice.
    pairs = re.sub(r"&(?:amp;)+", "&", query).split("&")
    return "&".join(_escaped(pair) for pair in pairs if pair and not _is_noise(pair))


def _is_noise(pair: str) -> bool:
    name, _, value = _escaped(pair).partition("=")
    name = name.lower()
    return name in TRACKING_NAMES or name.startswith(TRACKING_PREFIXES) or value.lower() in AMP_VALUES.get(name, ())
