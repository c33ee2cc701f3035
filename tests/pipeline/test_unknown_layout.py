"""Pages of the press in a layout that nobody has."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from archive.read import Record, read_warc
from config.load import load_config
from pipeline.evaluate.files import read_rows
from pipeline.evaluate.scores import score_extraction
from pipeline.extract import decode
from pipeline.extract.article import FALLBACK
from pipeline.extract.page import extract
from tests.pipeline.unknown_layout import renamed


@pytest.mark.press
@pytest.mark.parametrize(
    ("name", "every"), [("genuine-articles", 1), ("fragments-2019-2020", 1), ("press-2020-2021", 14)]
)
def test_pages_whose_names_are_all_changed_keep_text_and_time(press: Path, name: str, every: int) -> None:
    packed = press / f"{name}.gold.jsonl.gz"
    rows = read_rows(packed if packed.exists() else press / f"{name}.gold.jsonl", ("url",))
    gold = {row["url"]: row for row in rows}
    outlets = {host: outlet for outlet in load_config().outlets for host in outlet.every_host}
    pages = [i.capture for i in read_warc(press / f"{name}.warc.gz") if isinstance(i, Record) and i.capture]
    chosen = [page for page in pages if page.url in gold][::every]
    found = []
    for number, page in enumerate(chosen):
        text = renamed(decode.decode(page.body(), page.header("Content-Type")), number)
        article = extract(text.encode(), page.url, "text/html", outlets[page.url.split("/")[2]], page.time)
        assert article.layout == FALLBACK
        assert article.published is None or isinstance(article.published, dt.datetime)
        found.append(
            {
                "url": page.url,
                "title": article.title,
                "sapo": article.sapo,
                "body": article.body,
                "author": ", ".join(article.authors),
                "published": article.published and article.published.isoformat(),
            }
        )
    figures = score_extraction(found, [gold[page.url] for page in chosen])
    assert figures["f1"] >= 0.95
    assert figures["published"] >= 0.95
