"""From an archive file to its facts: each page is read, or its trouble is named, and none stops the others."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from archive.crawl_log import CrawlHead
from archive.write import ArchiveFile, Exchange
from config.load import load_config
from config.outlets import Domain, Outlet
from pipeline import facts
from pipeline.facts import FactsReader, article_id, body_hash
from tests.conftest import WriteWarc, at, html

TEXT = "Người dân nộp hồ sơ trên Cổng Dịch vụ công quốc gia từ sáng nay, theo cơ quan chức năng của địa phương. " * 5
PAGE = f"<html><head><title>Tin</title></head><body><article><h1>Tin</h1><p>{TEXT}</p></article></body></html>"


def _url(n: int) -> str:
    return f"https://vnexpress.net/bai-{n}-428000{n}.html"


@pytest.fixture(scope="module")
def reader() -> FactsReader:
    return FactsReader(load_config())


def test_page_that_breaks_a_parser_is_named_and_the_others_are_read(
    reader: FactsReader, write_warc: WriteWarc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = facts.extract

    def fragile(payload: bytes, url: str, *rest: object) -> object:
        if url == _url(1):
            raise RecursionError("too deep")
        return real(payload, url, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(facts, "extract", fragile)
    warc = write_warc("n.warc.gz", [html(_url(n), PAGE.encode()) for n in range(3)])
    found = reader.write(warc, "archive/n.warc.gz", tmp_path / "n.parquet")
    rows = pq.read_table(tmp_path / "n.parquet").to_pylist()
    assert found.captures == 3
    assert [row["problem"] for row in rows] == [None, "crashed_RecursionError", None]
    assert [mention["sense"] for mention in rows[0]["mentions"]] == ["national"] * 5


def test_half_a_character_in_metadata_reaches_the_tables_without_it(
    reader: FactsReader, write_warc: WriteWarc, tmp_path: Path
) -> None:
    told = r'{"@type": "NewsArticle", "keywords": "cải cách\ud800,thủ tục", "author": {"name": "Lê Văn \udfffMẫu"}}'
    page = PAGE.replace("</head>", f'<script type="application/ld+json">{told}</script></head>')
    warc = write_warc("n.warc.gz", [html(_url(1), page.encode())])
    reader.write(warc, "n", tmp_path / "n.parquet")
    (row,) = pq.read_table(tmp_path / "n.parquet").to_pylist()
    assert (row["problem"], row["tags"], row["authors"]) == (None, ["cải cách", "thủ tục"], ["Lê Văn Mẫu"])


def test_pages_of_archives_made_elsewhere_are_known_by_their_address(
    reader: FactsReader, write_warc: WriteWarc, tmp_path: Path
) -> None:
    others = ["https://vnexpress.net/", "https://vnexpress.net/thoi-su", "https://khac.vn/bai-1-4280001.html"]
    warc = write_warc("n.warc.gz", [html(url, PAGE.encode()) for url in (*others, _url(1))])
    assert reader.write(warc, "n", tmp_path / "n.parquet").captures == 1


def test_answer_that_the_crawler_did_not_take_for_the_page_is_no_article(reader: FactsReader, tmp_path: Path) -> None:
    now = at("2021-07-01T00:00:00Z")
    file = ArchiveFile(tmp_path / "r1-vnexpress.warc.gz", CrawlHead("r1", "vnexpress", "live", now, now), "test")
    ok = ("HTTP/1.1 200 OK", [("Content-Type", "text/html")])
    file.add(Exchange(_url(0), "page", now, ("GET / HTTP/1.1", []), ok, PAGE.encode(), None, failed="challenge"))
    reader.write(tmp_path / "r1-vnexpress.warc.gz.part", "n", tmp_path / "n.parquet")
    assert [row["problem"] for row in pq.read_table(tmp_path / "n.parquet").to_pylist()] == ["challenge"]


def test_page_whose_address_leads_to_the_home_page_is_no_article(
    reader: FactsReader, write_warc: WriteWarc, tmp_path: Path
) -> None:
    answers = [html("https://vnexpress.net/", PAGE.encode()), html(_url(1), PAGE.encode())]
    warc = write_warc("n.warc.gz", answers, kind="page")
    reader.write(warc, "n", tmp_path / "n.parquet")
    rows = pq.read_table(tmp_path / "n.parquet").to_pylist()
    assert [row["problem"] for row in rows] == ["redirected_elsewhere", None]


def test_file_of_a_crawl_that_was_cut_off_tells_what_it_had_fetched(reader: FactsReader, tmp_path: Path) -> None:
    now = at("2021-07-01T00:00:00Z")
    file = ArchiveFile(tmp_path / "r1-vnexpress.warc.gz", CrawlHead("r1", "vnexpress", "live", now, now), "test")
    ok = ("HTTP/1.1 200 OK", [("Content-Type", "text/html")])
    for n in range(2):
        file.add(Exchange(_url(n), "page", now, ("GET / HTTP/1.1", []), ok, PAGE.encode(), None))
    del file
    log = reader.write(tmp_path / "r1-vnexpress.warc.gz.part", "n", tmp_path / "n.parquet").log
    assert log is not None
    assert (log.run, log.outlet, log.mode, log.finish) == ("r1", "vnexpress", "live", "killed")
    assert [(page.url, page.outcome) for page in log.pages] == [(_url(n), "fetched") for n in range(2)]


def test_identity_is_the_same_for_all_spellings_of_a_host_and_differs_between_outlets() -> None:
    domains = [Domain(host="a.vn"), Domain(host="cu.vn", mirrors="a.vn")]
    outlet = load_config().outlets[0]
    # A copy keeps the hosts that the original has worked out already; a new model has not.
    a, b = (Outlet.model_validate({**outlet.model_dump(), "id": name, "domains": domains}) for name in "ab")
    spellings = ("https://a.vn/x", "https://www.a.vn/x", "https://cu.vn/x", "https://www.cu.vn/x")
    assert len({article_id(a, url) for url in spellings}) == 1
    assert article_id(a, "https://a.vn/x") != article_id(b, "https://a.vn/x")


def test_body_hash_ignores_case_punctuation_space_and_unicode_form() -> None:
    assert body_hash("Cổng Dịch vụ,\ncông.") == body_hash("cổng dịch  vụ công")
    assert body_hash("hoà") != body_hash("hòa x")
