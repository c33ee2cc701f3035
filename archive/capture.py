"""One response of the press as it was archived."""

from __future__ import annotations

import datetime as dt
import io
import zlib
from dataclasses import dataclass

from warcio.bufferedreaders import BufferedReader, ChunkedDataReader

#: A page of the Vietnamese press is 0.2–0.3 MB; what unpacks to more than this is no page but a bomb.
MAX_BODY_BYTES = 32 * 1024 * 1024


class BodyError(Exception):
    """The payload can't be unpacked; `reason` is a short word that is counted."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Capture:
    """A response record: `payload` is the body as served (content-encoding intact), `headers` as served.

    `url` is the requested address, `kind` what the crawler asked for (page, feed, sitemap, robots; None in
    archives made elsewhere), `offset` the record's first byte in its file, `digest` the payload's, as recorded.
    """

    url: str
    time: dt.datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    payload: bytes
    kind: str | None
    offset: int
    digest: str | None

    def header(self, name: str) -> str | None:
        """The first header of that name, compared without case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def content(self) -> bytes:
        """The payload without transfer encoding: some archives made elsewhere keep the chunks."""
        if (self.header("Transfer-Encoding") or "").lower() != "chunked":
            return self.payload
        return b"".join(iter(ChunkedDataReader(io.BytesIO(self.payload)).read, b""))

    def body(self) -> bytes:
        """The payload without transfer and content encoding. Raises BodyError."""
        encoding = (self.header("Content-Encoding") or "").strip().lower()
        if encoding in ("", "identity", "none"):
            unpacked: str | None = None
        elif encoding in BufferedReader.get_supported_decompressors():
            unpacked = encoding
        else:
            raise BodyError("unknown_encoding")
        stream = io.BytesIO(self.content())
        if unpacked:
            stream = BufferedReader(stream, decomp_type=unpacked)
        try:
            parts, size = [], 0
            while chunk := stream.read(1 << 20):
                size += len(chunk)
                if size > MAX_BODY_BYTES:
                    raise BodyError("body_too_large")
                parts.append(chunk)
        except zlib.error:
            raise BodyError("bad_encoding") from None
        return b"".join(parts)
