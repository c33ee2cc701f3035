"""A page that a parser can't finish is put aside with its reason, and costs no other page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from archive.crawl_log import CrawlHead, CrawlLog
from archive.write import ArchiveFile, Exchange
from config.load import load_config
from pipeline import facts, limits
from pipeline.evaluate import extraction
from pipeline.extract.page import extract
from pipeline.run import process
from tests.conftest import WriteWarc, at, diembao, html
from tests.pipeline.test_facts import PAGE, TEXT
from warehouse.database import open_warehouse

NOW = at("2021-07-01T00:00:00Z")
ENDLESS = b"<html><body>endless"


def slow(payload: bytes, *rest: object) -> object:
    """`extract`, but for one page that it never finishes."""
    while payload == ENDLESS:
        pass
    return extract(payload, *rest)  # type: ignore[arg-type]


def workspace_of(folder: Path, *pages: bytes) -> Path:
    """A workspace whose archive holds one crawl with these pages of VnExpress."""
    path = folder / "archive" / "2021" / "07" / "01" / "r1-vnexpress.warc.gz"
    file = ArchiveFile(path, CrawlHead("r1", "vnexpress", "live", NOW, NOW), "test")
    ok = ("HTTP/1.1 200 OK", [("Content-Type", "text/html")])
    for n, page in enumerate(pages):
        url = f"https://vnexpress.net/bai-{n}-428000{n}.html"
        file.add(Exchange(url, "page", NOW, ("GET / HTTP/1.1", []), ok, page, None))
    file.close(CrawlLog("r1", "vnexpress", "live", NOW, NOW, NOW, "finished", (), ()))
    return folder


def test_page_that_takes_too_long_is_put_aside_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The readers are forked, and take these along.
    monkeypatch.setattr(facts, "extract", slow)
    monkeypatch.setattr(limits, "PAGE_SECONDS", 4)
    workspace = workspace_of(tmp_path, PAGE.encode(), ENDLESS, PAGE.encode(), ENDLESS, PAGE.encode())
    report = process(workspace, load_config(), 2, lambda _, __: None)
    assert report.unreadable == ()
    with open_warehouse(workspace) as db:
        problems = db.execute("SELECT problem FROM captures ORDER BY url").fetchall()
    assert problems == [(None,), ("took_too_long",), (None,), ("took_too_long",), (None,)]


@pytest.mark.drill
def test_evaluation_names_the_page_that_takes_too_long_and_measures_the_others(
    write_warc: WriteWarc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extraction, "extract", slow)
    urls = [f"https://vnexpress.net/bai-{n}-428000{n}.html" for n in range(4)]
    pages = (PAGE.encode(), ENDLESS, PAGE.encode(), PAGE.encode())
    warc = write_warc("n.warc.gz", [html(url, page) for url, page in zip(urls, pages, strict=True)])
    row = {"outlet": "vnexpress", "title": "Tin", "sapo": None, "body": TEXT.strip(), "author": None, "published": None}
    gold = tmp_path / "gold.jsonl"
    gold.write_text("".join(json.dumps({"url": url, **row}) + "\n" for url in urls), "utf-8")
    found = extraction.evaluate_extraction(warc, gold, load_config(), 2, True, lambda _: None)
    assert [prediction["url"] for prediction in found.predictions] == [urls[0], urls[2], urls[3]]
    assert f"{urls[1]}: no article: took_too_long" in found.errors


def test_evaluation_says_where_the_archive_is_damaged(write_warc: WriteWarc, tmp_path: Path) -> None:
    urls = [f"https://vnexpress.net/bai-{n}-428000{n}.html" for n in range(2)]
    warc = write_warc("n.warc.gz", [html(url, PAGE.encode()) for url in urls])
    warc.write_bytes(warc.read_bytes()[:-40])
    row = {"outlet": "vnexpress", "title": "Tin", "sapo": None, "body": TEXT.strip(), "author": None, "published": None}
    gold = tmp_path / "gold.jsonl"
    gold.write_text("".join(json.dumps({"url": url, **row}) + "\n" for url in urls), "utf-8")
    done = diembao("evaluate", "extraction", "--archive", str(warc), "--gold", str(gold), "--json", code=1)
    assert json.loads(done.stdout)["missing"] == 1
    assert re.search(r"n\.warc\.gz: byte \d+: .+; the records around it were read", done.stderr.replace("\n", " "))


def test_file_that_breaks_its_reader_is_named_and_the_others_are_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = workspace_of(tmp_path, PAGE.encode())
    whole = next(workspace.rglob("*.warc.gz"))
    whole.with_name("r2-vnexpress.warc.gz").write_bytes(whole.read_bytes())
    real = facts.read_warc

    def fragile(path: Path) -> object:
        if path.name.startswith("r2"):
            raise ZeroDivisionError("made up")
        return real(path)

    monkeypatch.setattr(facts, "read_warc", fragile)
    report = process(workspace, load_config(), 2, lambda _, __: None)
    assert [file.rsplit("/", 1)[1] for file in report.files] == [whole.name]
    (failed,) = report.unreadable
    assert failed.endswith("its reader failed (ZeroDivisionError: made up); not loaded; please report this")


@pytest.mark.drill
def test_layouts_that_no_longer_fit_are_told_with_a_page_to_look_at(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, *(PAGE.replace("Tin", f"Tin {n}").encode() for n in range(3)))
    report = process(workspace, load_config(), 1, lambda _, __: None)
    told = report.drift.pop("vnexpress")
    assert re.fullmatch(
        r"the layouts fail on 3 of the 3 pages read last; look at https://vnexpress.net/bai-\d-428000\d.html", told
    )
    assert report.drift == {}
    with open_warehouse(workspace) as db:
        state = db.execute("SELECT drift FROM outlet_health WHERE outlet_id = 'vnexpress'").fetchone()
    assert state == (told,)
