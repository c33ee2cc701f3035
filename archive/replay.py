"""A WARC file as a stand-in for the network: a URL answers with its last record in the file."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from archive.capture import Capture
from archive.read import Damage, NotAWarc, read_at, read_warc
from archive.urls import normalize_url

#: How the archives of samples/ describe themselves in their warcinfo record.
SAMPLE_NOTICE = "Dữ liệu mẫu do nhóm diembao viết"


class ReplayArchive:
    """`now` is the latest WARC-Date in the file; `damages` what could not be read; `sample` whether it is a file of
    samples/, written by us. A revisit answers with the payload that the file holds under its digest, if it does.

    Raises NotAWarc when opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._answers: dict[str, _Answer] = {}
        self._payloads: dict[tuple[str, str | None], int] = {}
        self.damages: list[Damage] = []
        self.sample = False
        latest: dt.datetime | None = None
        for item in read_warc(path):
            if isinstance(item, Damage):
                self.damages.append(item)
            elif item.kind == "warcinfo":
                self.sample |= SAMPLE_NOTICE.encode() in item.block
            elif capture := item.capture:
                latest = max(latest or capture.time, capture.time)
                key = _key(capture.url)
                if not capture.revisit:
                    self._payloads[key, capture.digest] = item.offset
                self._answers[key] = _Answer(capture.time, capture.digest, item.offset, capture.revisit)
        if latest is None:
            raise NotAWarc(f"{path}: holds no response to replay")
        self.now = latest
        self.hosts = frozenset(urlsplit(url).netloc for url in self._answers)

    def get(self, url: str) -> Capture | None:
        """The last response for `url`, or None where the file has none, or not its payload."""
        key = _key(url)
        answer = self._answers.get(key)
        if answer is None:
            return None
        offset = self._payloads.get((key, answer.digest)) if answer.revisit else answer.offset
        capture = read_at(self._path, offset).capture if offset is not None else None
        return replace(capture, time=answer.time) if capture else None


@dataclass(frozen=True, slots=True)
class _Answer:
    time: dt.datetime
    digest: str | None
    offset: int
    revisit: bool


def _key(url: str) -> str:
    return normalize_url(url) or url
