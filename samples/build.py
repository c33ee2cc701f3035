"""Builds the sample archive: python samples/build.py [FOLDER]. The same articles give the same bytes."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import sys
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from served import GONE, NOTICE, SITES, Answer, answers
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter
from written import Article, Named, Version, load_articles, load_lost

HERE = Path(__file__).parent
#: Archive -> the WARC-Date of all its records. The one of 2025 holds a single article on 68-NQ/TW, which the
#: nights of 2021 can't hold.
NIGHTS = {
    "night-1": dt.datetime(2021, 8, 1, 18, 30, tzinfo=dt.UTC),
    "night-2": dt.datetime(2021, 8, 2, 18, 30, tzinfo=dt.UTC),
    "night-3": dt.datetime(2021, 8, 4, 18, 30, tzinfo=dt.UTC),
    "night-2025-06": dt.datetime(2025, 6, 15, 18, 30, tzinfo=dt.UTC),
}


def build(folder: Path) -> None:
    """Writes the archives and expected.yaml into `folder`."""
    for night, now in NIGHTS.items():
        (folder / f"{night}.warc.gz").write_bytes(_archive(night, now, answers(night, now)))
    text = yaml.safe_dump(_expected(), allow_unicode=True, sort_keys=False, width=110)
    head = f"# {NOTICE}. Written by build.py from articles/*.yaml: change those.\n"
    (folder / "expected.yaml").write_text(head + text, encoding="utf-8", newline="\n")


def _archive(night: str, now: dt.datetime, served: Iterable[Answer]) -> bytes:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="1.1")
    info = {"software": "diembao samples/build.py", "format": "WARC File Format 1.1", "description": NOTICE}
    record = writer.create_warcinfo_record(f"{night}.warc.gz", info)
    _fix(record.rec_headers, night, now)
    writer.write_record(record)
    for answer in served:
        body = gzip.compress(answer.body, mtime=0) if answer.encoded else answer.body
        headers = [
            ("Date", now.strftime("%a, %d %b %Y %H:%M:%S GMT")),
            ("Server", "diembao-samples"),
            ("Content-Type", answer.media_type),
            ("Content-Length", str(len(body))),
        ]
        if answer.encoded:
            headers.append(("Content-Encoding", "gzip"))
        record = writer.create_warc_record(
            answer.url,
            "response",
            payload=io.BytesIO(body),
            http_headers=StatusAndHeaders(answer.status, headers, protocol="HTTP/1.1"),
        )
        _fix(record.rec_headers, f"{night} {answer.url}", now)
        writer.write_record(record)
    return out.getvalue()


def _fix(headers: StatusAndHeaders, name: str, now: dt.datetime) -> None:
    """Record id and time follow from the content, not from chance and the clock."""
    headers.replace_header("WARC-Record-ID", f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}>")
    headers.replace_header("WARC-Date", now.strftime("%Y-%m-%dT%H:%M:%SZ"))


def _expected() -> dict[str, Any]:
    lost = [{"url": x.url, "outlet": x.outlet, "outcome": x.outcome} for x in load_lost()]
    return {
        "hosts": {outlet: site.host for outlet, site in SITES.items()},
        "articles": [_labels(article) for article in load_articles()],
        "announced_without_article": lost,
    }


def _labels(article: Article) -> dict[str, Any]:
    labels: dict[str, Any] = {
        "url": article.url,
        "key": article.key,
        "outlet": article.outlet,
        "title": article.title,
        "author": article.author,
        "published": article.published.isoformat(),
        "night": article.night,
        "story": article.story,
        **_topics(article.first),
    }
    if article.revised:
        night, version = article.revised
        labels["revised"] = {"night": night, **_topics(version)}
    if article.key == GONE[0]:
        labels["gone"] = GONE[1]
    return labels


def _topics(version: Version) -> dict[str, Any]:
    def named(topic: Named) -> dict[str, list[str]]:
        return {sense: list(spans) for sense, spans in sorted(topic.items())}

    return {
        "portal": named(version.portal),
        "nq68": named(version.nq68),
        "services": list(version.services),
        "activities": list(version.activities),
    }


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
