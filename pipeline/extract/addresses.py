"""The addresses that a page writes, as whole addresses."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from w3lib.url import safe_url_string

# As nearly all are, which need no second look.
_PLAIN = re.compile(r"https?://[\w.-]+/[\w./?=&%-]*", re.ASCII)


def absolute(address: str | None, base: str) -> str | None:
    """The address as ASCII, resolved against `base`; None where it leads to no page of the web (mailto:, "http://[")."""
    address = (address or "").strip()
    if not address or _PLAIN.fullmatch(address):
        return address or None
    try:
        whole = safe_url_string(urljoin(base, address))
        parts = urlsplit(whole)
    except ValueError:
        return None
    return whole if parts.scheme in {"http", "https"} and parts.hostname else None
