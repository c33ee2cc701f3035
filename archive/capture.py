"""One response of the press as it was archived."""

from __future__ import annotations

import datetime as dt
import io
import zlib
from dataclasses import dataclass

import brotli
from warcio.bufferedreaders import ChunkedDataReader

from config.outlets import Outlet

#: A page of the Vietnamese press is 0.2–0.3 MB; what unpacks to more than this is no page but a bomb.
MAX_BODY_BYTES = 32 * 1024 * 1024

_HTML = ("text/html", "application/xhtml+xml")


class BodyError(Exception):
    """The payload can't be unpacked; `reason` is a short word that is counted."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Capture:
    """A response record: `payload` is the body as served (content-encoding intact), `headers` as served.

    `url` is the requested address, `kind` what the crawler asked for (page, feed, sitemap, robots; None in
    archives made elsewhere), `asked_for` the page whose redirects led here, `failed` why the
    crawler did not take the answer for the page it asked for, `offset` the record's first byte in its
    file, `digest` the payload's, as recorded. A `revisit` has no payload: it is that of an earlier capture with the
    same digest, or, where the status is 304, whatever was held before.
    """

    url: str
    time: dt.datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    payload: bytes
    kind: str | None
    offset: int
    digest: str | None
    asked_for: str | None = None
    revisit: bool = False
    failed: str | None = None

    @property
    def good(self) -> bool:
        """Whether the page came, as far as the crawler could tell."""
        return self.status == 200 and self.failed is None

    def is_page(self, url: str, outlet: Outlet) -> bool:
        """Whether it tells of a page of the outlet, `url` being its normalised address: what our crawler asked for as
        one; in archives made elsewhere, what came and has an article's address or could be an article all the same:
        addresses of years ago, and those that an archive's maker gave, have other forms."""
        if self.kind is not None:
            return self.kind == "page" and not 300 <= self.status < 400
        return self.status == 200 and (outlet.is_article(url) or self._may_be_article(url, outlet))

    def _may_be_article(self, url: str, outlet: Outlet) -> bool:
        kind = (self.header("Content-Type") or "text/html").partition(";")[0].strip().lower()
        is_home = url.rstrip("/").count("/") < 3
        return kind in _HTML and not (self.revisit or is_home or outlet.is_no_article(url))

    def header(self, name: str) -> str | None:
        """The first header of that name, compared without case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def content(self) -> bytes:
        """The payload without transfer encoding: some archives made elsewhere keep the chunks."""
        if (self.header("Transfer-Encoding") or "").lower() != "chunked":
            return self.payload
        return b"".join(iter(ChunkedDataReader(io.BytesIO(self.payload)).read, b""))

    def body(self) -> bytes:
        """The payload without transfer and content encoding, whole or not at all. Raises BodyError."""
        return unpack(self.content(), self.header("Content-Encoding"))


def unpack(payload: bytes, content_encoding: str | None) -> bytes:
    """A payload without its content encoding, whole or not at all. Raises BodyError."""
    encoding = (content_encoding or "").strip().lower()
    if encoding in ("", "identity", "none"):
        unpacked = payload
    elif encoding in ("gzip", "x-gzip", "deflate"):
        unpacked = _inflate(payload)
    elif encoding == "br":
        unpacked = _unpack_brotli(payload)
    else:
        raise BodyError("unknown_encoding")
    if len(unpacked) > MAX_BODY_BYTES:
        raise BodyError("body_too_large")
    return unpacked


def _inflate(payload: bytes) -> bytes:
    """gzip (one member or more), or deflate with or without its header, as servers send it under that name."""
    if not payload:
        return b""
    wbits = 31 if payload.startswith(b"\x1f\x8b") else 15 if payload[0] & 0x0F == 8 else -15
    parts, size = [], 0
    while payload:
        unpacker = zlib.decompressobj(wbits=wbits)
        try:
            parts.append(unpacker.decompress(payload, MAX_BODY_BYTES + 1 - size))
        except zlib.error:
            raise BodyError("bad_encoding") from None
        size += len(parts[-1])
        if size > MAX_BODY_BYTES:
            raise BodyError("body_too_large")
        if not unpacker.eof:
            raise BodyError("truncated_body")
        rest = unpacker.unused_data
        payload = rest if rest.startswith(b"\x1f\x8b") else b""
    return b"".join(parts)


def _unpack_brotli(payload: bytes) -> bytes:
    unpacker = brotli.Decompressor()
    try:
        unpacked: bytes = unpacker.process(payload, output_buffer_limit=MAX_BODY_BYTES + 1)
    except brotli.error:
        raise BodyError("bad_encoding") from None
    if len(unpacked) <= MAX_BODY_BYTES and not unpacker.is_finished():
        raise BodyError("truncated_body")
    return unpacked
