"""`diembao outlets` as an operator uses it, against presses on loopback."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from archive.read import Record, read_warc
from archive.workspace import hold
from config.clock import VIETNAM
from config.load import PACKAGED, load_config, write_editable
from tests.conftest import diembao, diembao_json, first_of, outlet_fields
from tests.faults.press import Press, Reply, running_press
from tests.faults.server import MANNERS, running_fault_press

TODAY = format_datetime(dt.datetime.now(dt.UTC) - dt.timedelta(hours=1))
LONG_AGO = format_datetime(dt.datetime.now(dt.UTC) - dt.timedelta(days=40))
PAGE = Reply(
    "<html><body><h1>Tiêu đề</h1><p>Nội dung</p></body></html>".encode(), headers={"Content-Type": "text/html"}
)


@pytest.fixture
def press() -> Iterator[Press]:
    with running_press() as running:
        yield running


def _workspace(folder: Path, *outlets: dict[str, Any]) -> Path:
    """A workspace with an editable configuration of these outlets alone."""
    write_editable(folder / "config")
    for file in (folder / "config" / "outlets").glob("*.yaml"):
        file.unlink()
    for outlet in outlets:
        text = yaml.safe_dump(outlet, allow_unicode=True, sort_keys=False)
        (folder / "config" / "outlets" / f"{outlet['id']}.yaml").write_text(f"# chú thích\n{text}", "utf-8")
    crawl = folder / "config" / "crawl.yaml"
    crawl.write_text(yaml.safe_dump(yaml.safe_load(crawl.read_text("utf-8")) | MANNERS), "utf-8")
    return folder


def _outlet(press: Press, **changes: Any) -> dict[str, Any]:
    return outlet_fields(press.host, **changes)


def _off(press: Press, *paths: str) -> list[dict[str, str]]:
    return [{"url": press.url(path)} for path in paths]


def _on(press: Press, *paths: str) -> list[dict[str, str]]:
    return [{"url": press.url(path), "verified": "E1: by hand"} for path in paths]


def _check(workspace: Path, *arguments: str, code: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        diembao("outlets", "check", *arguments, "--data", str(workspace), "--json", code=code).stdout
    )
    return found


def _verdicts(found: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    return {"/" + a["url"].split("/", 3)[3]: (a["verdict"], a["reason"]) for a in found["addresses"]}


def test_every_verdict_is_given_with_a_sentence(press: Press, tmp_path: Path) -> None:
    press.replies |= {
        "/robots.txt": Reply(f"User-agent: *\nDisallow: /no\nSitemap: {press.url('/other.xml')}\n".encode()),
        "/alive.rss": press.feed("/bai-1.html", "/bai-2.html", "/video", when=TODAY),
        "/stale.rss": press.feed("/bai-1.html", when=LONG_AGO),
        "/cut.rss": Reply(press.feed("/bai-1.html", "/bai-2.html", when=TODAY).body[:-30]),
        "/page.rss": PAGE,
        "/strange.rss": press.feed("/chuyen-muc", when=TODAY),
        "/old.rss": Reply(status=301, headers={"Location": "/alive.rss"}),
        "/gone-home.rss": Reply(status=302, headers={"Location": "/"}),
        "/abroad.rss": Reply(status=301, headers={"Location": "https://baochinhphu.vn/home.rss"}),
        "/neighbour.rss": Reply(status=301, headers={"Location": "http://bao-ban.vn/home.rss"}),
        "/login.rss": Reply(status=302, headers={"Location": "/dang-nhap"}),
        "/dang-nhap": PAGE,
        "/robot.rss": Reply(b"<html><script>document.cookie='D1N=1';location.reload()</script></html>"),
        "/": Reply(b'<html><a href="/bai-1.html">A</a></html>', headers={"Content-Type": "text/html"}),
        "/muc": PAGE,
        "/sitemap.xml": Reply(
            f"<urlset><url><loc>{press.url('/bai-1.html')}</loc><lastmod>2021-07-01</lastmod></url></urlset>".encode()
        ),
    }
    feeds = ("alive", "stale", "cut", "page", "strange", "old", "gone-home", "abroad", "neighbour", "login", "robot")
    baothu = _outlet(
        press,
        feeds=_on(press, *(f"/{feed}.rss" for feed in feeds), "/no/a.rss", "/gone.rss"),
        sitemaps=_off(press, "/sitemap.xml"),
        sections=_off(press, "/", "/muc"),
    )
    other = _outlet(press, id="baoban", domains=[{"host": "bao-ban.vn"}], beyond_reach="Ngoài khả năng theo dõi: thử.")
    found = _check(_workspace(tmp_path, baothu, other), code=1)
    assert _verdicts(found) == {
        "/alive.rss": ("alive", None),
        "/stale.rss": ("stale", None),
        "/cut.rss": ("malformed", "truncated"),
        "/page.rss": ("malformed", "html"),
        "/strange.rss": ("malformed", "no_article_links"),
        "/old.rss": ("moved", None),
        "/gone-home.rss": ("malformed", "html"),
        "/abroad.rss": ("moved", "foreign_host"),
        "/neighbour.rss": ("moved", "foreign_host"),
        "/login.rss": ("challenge", "login"),
        "/robot.rss": ("challenge", "challenge"),
        "/no/a.rss": ("refused", "robots"),
        "/gone.rss": ("dead", "http_404"),
        "/sitemap.xml": ("alive", None),
        "/": ("alive", None),
        "/muc": ("malformed", "no_links"),
    }
    says = {a["url"].rsplit("/", 1)[1]: a["says"] for a in found["addresses"]}
    assert "3 items" in says["alive.rss"]
    assert "2 are article addresses" in says["alive.rss"]
    assert "40 days old" in says["stale.rss"]
    assert press.url("/alive.rss") in says["old.rss"]
    assert "No outlet has the host baochinhphu.vn" in says["abroad.rss"]
    assert "bao-ban.vn belongs to outlet 'baoban'" in says["neighbour.rss"]
    assert f"leads to {press.url('/')}, and there a web page" in says["gone-home.rss"]
    assert says["gone.rss"] == "the server answers HTTP 404"
    assert found["not_asked"] == {"baoban": "Ngoài khả năng theo dõi: thử."}
    assert found["unlisted_sitemaps"] == {"baothu": [press.url("/other.xml")]}


@pytest.mark.drill
def test_hosts_in_trouble_are_told_apart(tmp_path: Path) -> None:
    wanted = {
        "loi_refused": ("dead", "connection_refused"),
        "loi_self_signed": ("dead", "certificate"),
        "loi_forbids_us": ("dead", "http_403"),
        "loi_script_cookie": ("challenge", "challenge"),
        "loi_robots_500": ("dead", "robots_unavailable"),
        "loi_robots_huge": ("dead", "robots_unavailable"),
        "loi_robots_forbids": ("refused", "robots"),
        "lanh1": ("alive", None),
    }
    with running_fault_press(healthy=1, only=[name.removeprefix("loi_") for name in wanted]) as running:
        running.write_config(tmp_path / "config")
        found = _check(tmp_path, code=1)
        assert running.forbidden() == []
        pages = [target for outlet in running.outlets.values() for target, _ in outlet.asked if "/bai-" in target]
    assert {a["outlet"]: (a["verdict"], a["reason"]) for a in found["addresses"]} == wanted
    assert pages == []


@pytest.mark.drill
def test_address_is_asked_once_and_the_answer_archived_beside_the_press_archive(press: Press, tmp_path: Path) -> None:
    press.replies["/home.rss"] = press.feed("/bai-1.html", when=TODAY)
    workspace = _workspace(tmp_path, _outlet(press, feeds=_on(press, "/home.rss")))
    with hold(workspace, "diembao nightly"):  # a night may run meanwhile
        found = _check(workspace, code=0)
    assert Counter(path for path, _ in press.asked) == {"/robots.txt": 1, "/home.rss": 1}
    (file,) = map(Path, found["files"])
    assert file.is_relative_to(workspace.resolve() / "checks" / "archive")
    urls = [record.url for record in read_warc(file) if isinstance(record, Record) and record.kind == "response"]
    assert press.url("/home.rss") in urls
    assert not (workspace / "archive").exists()


@pytest.mark.drill
def test_layouts_that_fit_no_new_page_are_drift_and_the_pages_are_named(press: Press, tmp_path: Path) -> None:
    page = "<html><body><h1 class='{0}'>Tiêu đề</h1><div class='{0}'><p>{1}</p></div></body></html>"
    text = "Nội dung của bài báo dài hơn một câu, có dấu phẩy và dấu chấm. " * 3
    new, old = (Reply(page.format(name, text).encode(), headers=PAGE.headers) for name in ("moi", "cu"))
    press.replies["/home.rss"] = press.feed(*(f"/bai-{n}.html" for n in range(1, 5)), when=TODAY)
    press.replies |= {f"/bai-{n}.html": new for n in range(1, 5)}
    layout = {"id": "bao-2021", "title": "h1.cu", "body": "div.cu"}
    workspace = _workspace(tmp_path, _outlet(press, feeds=_on(press, "/home.rss"), layouts=[layout]))
    found = _check(workspace, code=1)
    assert found["drift"] == ["baothu"]
    says = {(page["layout"], page["says"]) for page in found["layouts"]}
    assert says == {("fallback", "its layout does not fit; the general fallback read it")}
    pages = [page["url"] for page in found["layouts"]]
    assert sorted(pages) == sorted(press.url(path) for path, _ in press.asked if path.startswith("/bai"))
    assert len(pages) == 2
    # Asked again, also of pages that a check has seen before.
    press.replies |= {f"/bai-{n}.html": old for n in range(1, 5)}
    assert [page["says"] for page in _check(workspace, code=0)["layouts"]] == [None, None]


def test_address_seen_alive_is_on_from_then_and_the_next_crawl_asks_it(press: Press, tmp_path: Path) -> None:
    press.replies |= {"/home.rss": press.feed("/bai-1.html", when=TODAY), "/bai-1.html": PAGE}
    workspace = _workspace(tmp_path, _outlet(press, feeds=_off(press, "/home.rss", "/dead.rss")))
    file = workspace / "config" / "outlets" / "baothu.yaml"
    before = file.read_text("utf-8")
    _check(workspace, "--no-write", code=1)
    assert file.read_text("utf-8") == before
    found = _check(workspace, code=1)
    assert found["written"] == {str(file): [press.url("/home.rss")]}
    alive, dead = load_config(workspace / "config").outlets[0].feeds
    now = dt.datetime.now(VIETNAM)
    assert alive.verified == (
        f"diembao outlets check: alive, 1 item, newest {now - dt.timedelta(hours=1):%d/%m/%Y}, on {now:%Y-%m-%d}"
    )
    assert dead.verified is None
    assert file.read_text("utf-8").startswith("# chú thích\n")
    diembao("crawl", "--data", str(workspace), "--json", code=0)
    assert "/bai-1.html" in [path for path, _ in press.asked]


def test_what_a_person_wrote_stays_and_what_a_check_wrote_gets_its_new_day(press: Press, tmp_path: Path) -> None:
    press.replies |= {path: press.feed("/bai-1.html", when=TODAY) for path in ("/a.rss", "/b.rss")}
    ours = {"url": press.url("/b.rss"), "verified": "diembao outlets check: alive, 9 items, on 2026-01-01"}
    workspace = _workspace(tmp_path, _outlet(press, feeds=[*_on(press, "/a.rss", "/dead.rss"), ours]))
    _check(workspace, code=1)
    person, dead, check = (feed.verified or "" for feed in load_config(workspace / "config").outlets[0].feeds)
    assert person == dead == "E1: by hand"
    assert check.startswith("diembao outlets check: alive, 1 item, newest")


def test_packaged_configuration_is_never_written(tmp_path: Path) -> None:
    before = {file: file.read_bytes() for file in PACKAGED.rglob("*.yaml")}
    found = diembao("outlets", "check", "laodong", "--data", str(tmp_path / "d"), code=2)
    assert "Ngoài khả năng theo dõi" in found.stderr  # beyond reach: nothing was asked
    assert before == {file: file.read_bytes() for file in PACKAGED.rglob("*.yaml")}


def test_list_tells_every_outlet_and_whether_it_is_followed(press: Press, tmp_path: Path) -> None:
    workspace = _workspace(
        tmp_path,
        _outlet(press, feeds=[*_on(press, "/a.rss"), *_off(press, "/b.rss")]),
        _outlet(press, id="tat", domains=[{"host": "tat.vn"}]),
        _outlet(press, id="xa", domains=[{"host": "xa.vn"}], beyond_reach="Ngoài khả năng theo dõi: đăng nhập."),
    )
    rows = {row["id"]: row for row in diembao_json("outlets", "list", "--data", str(workspace))}
    assert {name: row["state"] for name, row in rows.items()} == {
        "baothu": "followed",
        "tat": "off: no verified address",
        "xa": "beyond reach",
    }
    assert (rows["baothu"]["sources_on"], rows["baothu"]["sources"]) == (1, 2)
    text = diembao("outlets", "list", "--data", str(workspace)).stdout
    assert "xa: Ngoài khả năng theo dõi: đăng nhập." in text
    assert "1/2" in text


def test_unknown_outlet_is_named(tmp_path: Path) -> None:
    assert "no outlet 'khongco'" in diembao("outlets", "check", "khongco", "--data", str(tmp_path), code=2).stderr


@contextmanager
def _newcomer() -> Iterator[Press]:
    """A paper that nobody knows: feeds behind an index page, a sitemap in robots.txt, navigation."""
    with running_press() as press:
        numbers = range(100001, 100031)
        articles = [f"/xa-hoi/mot-bai-so-{n}-post{n}.html" for n in numbers]
        menu = "".join(f'<a href="{path}">{path}</a>' for path in ("/", "/xa-hoi", "/kinh-te", "/rss.html"))
        links = "".join(f'<a href="{path}">Bài</a>' for path in articles[:9])
        home = (
            '<html><head><title>Trang nhất</title><meta property="og:site_name" content="Báo &quot;Mẫu&quot; # 1">'
            '<link rel="alternate" type="application/rss+xml" title="Tin mới" href="/tin-moi.xml">'
            f"</head><body><nav>{menu}</nav>{links}</body></html>"
        )
        index = '<html><ul><li><a href="/rss/xa-hoi.rss">Xã hội</a><li><a href="/rss/hong.rss">Hỏng</a></ul></html>'
        locations = "".join(f"<url><loc>{press.url(path)}</loc></url>" for path in articles)
        press.replies |= {
            "/robots.txt": Reply(f"User-agent: *\nSitemap: {press.url('/map-news.xml')}\n".encode()),
            "/": Reply(home.encode(), headers={"Content-Type": "text/html"}),
            "/rss.html": Reply(index.encode(), headers={"Content-Type": "text/html"}),
            "/tin-moi.xml": press.feed(*articles[:20], "/xa-hoi/khong-so.html", when=TODAY),
            "/rss/xa-hoi.rss": press.feed(*articles[10:], when=LONG_AGO),
            "/map-news.xml": Reply(f"<urlset>{locations}</urlset>".encode()),
            **dict.fromkeys(articles, PAGE),
        }
        yield press


def test_newcomer_is_proposed_with_what_was_seen_alive_and_can_be_crawled(tmp_path: Path) -> None:
    with _newcomer() as press:
        workspace = _workspace(tmp_path, _outlet(press, domains=[{"host": "khac.vn"}]))
        found = diembao_json("outlets", "add", press.url("/"), "--id", "baomau", "--data", str(workspace))
        asked = Counter(path for path, _ in press.asked)
        file = workspace / "config" / "outlets" / "baomau.yaml"
        assert found["file"] == str(file)
        outlet = next(outlet for outlet in load_config(workspace / "config").outlets if outlet.id == "baomau")
        assert outlet.name == 'Báo "Mẫu" # 1'
        assert "điền cơ quan chủ quản" in outlet.governing_body
        on = {source.url: bool(source.verified) for _, source in outlet.sources}
        assert on == {
            press.url("/tin-moi.xml"): True,
            press.url("/rss/xa-hoi.rss"): False,
            press.url("/rss/hong.rss"): False,
            press.url("/map-news.xml"): True,
            press.url("/"): True,
        }
        assert [feed.label for feed in outlet.feeds] == ["Tin mới", "Xã hội", "Hỏng"]
        host = press.host.replace(".", r"\.")
        assert outlet.article_urls == [rf"^http://{host}/[a-z0-9-]+/[a-z0-9-]+-post\d{{6,7}}\.html$"]
        assert (found["matched"], found["announced"]) == (30, 31)
        assert found["sections_taken"] == []
        assert max(count for path, count in asked.items() if path != "/robots.txt") == 1
        assert "# dead: the server answers HTTP 404" in file.read_text("utf-8")
        crawled = diembao_json("crawl", "--data", str(workspace))
        assert crawled["outlets"]["baomau"]["pages"]["fetched"] == 30


@pytest.mark.parametrize(
    ("arguments", "says"),
    first_of(
        3,
        [
            (lambda press: [press.url("/"), "--id", "baothu"], "there is an outlet 'baothu' already"),
            (lambda press: [press.url("/"), "--id", "Bao-Moi"], "lower-case letters"),
            (lambda press: ["http://co-roi.vn/"], "belongs to outlet 'baothu'"),
            (lambda press: [press.url("/di")], "leads to http://co-roi.vn/; if that is the outlet, add that address"),
            (lambda press: [press.url("/guard")], "challenge"),
            (lambda press: ["baomoi"], "nothing there can be read"),
            (lambda press: ["http://baomoi.vn:99999/"], "write the address of the home page"),
            (lambda press: ["http://[bad"], "write the address of the home page"),
        ],
    ),
)
def test_newcomer_that_cannot_be_proposed_is_refused_with_a_reason(
    arguments: Callable[[Press], list[str]], says: str, press: Press, tmp_path: Path
) -> None:
    press.replies |= {
        "/di": Reply(status=301, headers={"Location": "http://co-roi.vn/"}),
        "/guard": Reply(b"<html><title>Just a moment...</title></html>"),
    }
    workspace = _workspace(tmp_path, _outlet(press, domains=[{"host": "co-roi.vn"}]))
    before = sorted((workspace / "config").rglob("*"))
    assert says in diembao("outlets", "add", *arguments(press), "--data", str(workspace), code=2).stderr
    assert sorted((workspace / "config").rglob("*")) == before


def test_private_network_is_not_asked_without_leave(press: Press, tmp_path: Path) -> None:
    said = diembao("outlets", "add", press.url("/"), "--data", str(tmp_path / "d"), code=2).stderr
    assert "private address" in said
    assert press.asked == []


@pytest.mark.drill
def test_newcomer_without_feeds_is_proposed_with_its_doubts(press: Press, tmp_path: Path) -> None:
    links = "".join(f'<a href="/tin-{n}.html">Bài</a>' for n in range(100001, 100009))
    press.replies["/"] = Reply(
        f"<html><title>Báo Lẻ</title>{links}</html>".encode(), headers={"Content-Type": "text/html"}
    )
    workspace = _workspace(tmp_path, _outlet(press, domains=[{"host": "khac.vn"}]))
    done = diembao("outlets", "add", press.url("/"), "--id", "baole", "--data", str(workspace), code=1)
    assert "no feed or sitemap was found alive" in done.stderr
    assert "guessed from links of the home page" in done.stderr
    outlet = next(outlet for outlet in load_config(workspace / "config").outlets if outlet.id == "baole")
    assert outlet.is_article(press.url("/tin-100005.html"))
    assert outlet.sections[0].verified


def test_each_command_explains_itself() -> None:
    for command in ("list", "check", "add"):
        assert len(diembao("outlets", command, "--help").stdout) > 400
