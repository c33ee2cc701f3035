"""A WARC file as a stand-in for the network: a URL answers with its last record in the file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from urllib.parse import urlsplit

from archive.capture import Capture
from archive.read import Damage, NotAWarc, read_at, read_warc
from archive.urls import normalize_url

#: How the archives of samples/ describe themselves in their warcinfo record.
SAMPLE_NOTICE = "Dữ liệu mẫu do nhóm diembao viết"


class ReplayArchive:
    """`now` is the latest WARC-Date in the file; `damages` what could not be read; `sample` whether it is a file of
    samples/, written by us. Raises NotAWarc when opened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offsets: dict[str, int] = {}
        self.damages: list[Damage] = []
        self.sample = False
        latest: dt.datetime | None = None
        for item in read_warc(path):
            if isinstance(item, Damage):
                self.damages.append(item)
            elif item.kind == "warcinfo":
                self.sample |= SAMPLE_NOTICE.encode() in item.block
            elif item.capture:
                latest = max(latest or item.capture.time, item.capture.time)
                self._offsets[_key(item.capture.url)] = item.offset
        if latest is None:
            raise NotAWarc(f"{path}: holds no response to replay")
        self.now = latest
        self.hosts = frozenset(urlsplit(url).netloc for url in self._offsets)

    def get(self, url: str) -> Capture | None:
        """The last response for `url`, or None where the file has none."""
        offset = self._offsets.get(_key(url))
        return read_at(self._path, offset).capture if offset is not None else None


def _key(url: str) -> str:
    return normalize_url(url) or url
