"""What a request that got no usable response counts as, and why in a word."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)

from archive.capture import BodyError
from archive.crawl_log import PageOutcome
from crawler.middlewares import AskedToWait, ForeignHost, HostDown, PrivateHost, RobotsUnavailable
from crawler.replay import NotInArchive
from crawler.resolver import refused_names

_WORDS: tuple[tuple[type[Exception], PageOutcome, str | None], ...] = (
    (NotInArchive, "not_in_archive", None),
    (ForeignHost, "refused", "foreign_host"),
    (PrivateHost, "refused", "private_address"),
    (HostDown, "deferred", "host_down"),
    (AskedToWait, "deferred", "retry_after"),
    (RobotsUnavailable, "failed", "robots_unavailable"),
    (DownloadTimeoutError, "failed", "download_timeout"),
    (DownloadConnectionRefusedError, "failed", "connection_refused"),
    (ResponseDataLossError, "failed", "response_data_loss"),
    (DownloadCancelledError, "failed", "body_too_large"),
    (CannotResolveHostError, "failed", "no_such_host"),
    (UnsupportedURLSchemeError, "refused", "not_web_address"),
    (ValueError, "failed", "bad_address"),  # what urllib and Scrapy raise on http://[bad or a port of 99999
)
#: What Twisted says in a failed download, and our word for it.
_SAID = (
    (r"certificate|ssl|tls", "certificate"),
    (r"too many|header|line.*(long|length)", "bad_response"),
    (r"parse|malformed|status|chunk|decod|version", "bad_response"),
)


def outcome_of(error: BaseException | None, url: str) -> tuple[PageOutcome, str | None]:
    """The outcome of the page or source whose request to `url` failed so."""
    if urlsplit(url).hostname in refused_names:
        return "refused", "private_address"
    for kind, outcome, word in _WORDS:
        if isinstance(error, kind):
            return outcome, word
    if isinstance(error, BodyError):
        return "failed", error.reason
    if isinstance(error, IgnoreRequest):  # Scrapy gives both no class of their own
        return ("failed", "too_many_redirects") if "redirect" in str(error) else ("refused", "robots")
    if isinstance(error, DownloadFailedError):
        said = f"{error} {error.__cause__!r}".lower()
        return "failed", next((word for pattern, word in _SAID if re.search(pattern, said)), "connection_lost")
    name = type(error).__name__.removesuffix("Error")
    return "failed", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
