"""The misbehaving press plays what it says: seen through bare sockets, so that no HTTP library mends it."""

from __future__ import annotations

import gzip
import http.client
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import brotli
import pytest

from config.load import load_config
from tests.conftest import ROOT
from tests.faults.faults import BAD, FAULTS, FEED, FEED_TWO, SITEMAP, Expect
from tests.faults.server import MANNERS, STRANGER, FaultPress, Outlet, running_fault_press

PAGES = 4

#: The words that crawl logs use, as far as faults lead to them.
VOCABULARY = frozenset(
    """bad_encoding bad_gzip bad_response body_too_large certificate challenge connection_lost
    connection_refused download_timeout empty_body entries_without_address foreign_host future_date
    headers_too_large host_down html http_302 http_403 http_404 http_429 http_500 http_503 items_without_link
    login malformed no_items no_location not_a_sitemap not_an_article_address not_web_address private_address
    response_data_loss retry_after robots robots_unavailable too_many_redirects too_many_sitemaps truncated
    truncated_body unknown_encoding unread_dates unreadable""".split()  # noqa: SIM905 (a list of words reads as one)
)


@pytest.fixture(scope="module")
def press() -> Iterator[FaultPress]:
    with running_fault_press(healthy=2, pages=PAGES) as running:
        yield running


@dataclass
class Seen:
    """What came over the wire, and how it stopped."""

    data: bytes
    end: Literal["closed", "reset", "silent"]

    @property
    def status(self) -> int:
        return int(self.data.split(b" ", 2)[1])

    @property
    def head(self) -> str:
        return self.data.partition(b"\r\n\r\n")[0].decode("latin-1")

    @property
    def body(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[2]

    def header(self, name: str) -> str | None:
        found = re.search(rf"^{name}: ?(.*?)\r?$", self.head, re.IGNORECASE | re.MULTILINE)
        return found[1] if found else None


def ask(outlet: Outlet, path: str, quiet: float = 3, seconds: float = 10, cookie: str = "") -> Seen:
    """Asks once and listens until the other side ends or is `quiet`, or `seconds` are over."""
    parts = []
    limit = time.monotonic() + seconds
    with socket.create_connection(("127.0.0.1", outlet.port)) as wire:
        wire.settimeout(quiet)
        sent = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{outlet.port}\r\nConnection: close\r\n"
        wire.sendall((sent + (f"Cookie: {cookie}\r\n" if cookie else "") + "\r\n").encode())
        try:
            while (part := wire.recv(1 << 20)) and time.monotonic() < limit:
                parts.append(part)
        except TimeoutError:
            return Seen(b"".join(parts), "silent")
        except ConnectionResetError:
            return Seen(b"".join(parts), "reset")
    return Seen(b"".join(parts), "closed")


def bad(press: FaultPress, fault: str, path: str = BAD, quiet: float = 3, seconds: float = 10) -> Seen:
    return ask(press.outlets[f"loi_{fault}"], path, quiet, seconds)


def test_each_fault_is_told_in_the_words_of_the_crawl_log() -> None:
    assert len({fault.id for fault in FAULTS}) == len(FAULTS) >= 45
    for fault in FAULTS:
        reasons = fault.expect.reasons
        assert reasons is None or (reasons and reasons <= VOCABULARY), fault.id
        assert fault.expect.healthy <= fault.pages + 1, fault.id


def test_expectation_is_met_by_the_right_words_only() -> None:
    strict = Expect(3, frozenset({"html", "login"}))
    assert strict.met_by(3, {"login", "http_404"})
    assert not strict.met_by(2, {"login"})
    assert not strict.met_by(4, set())
    lenient = Expect(3, frozenset({"html"}), or_unharmed=True)
    assert lenient.met_by(3, set())
    assert not lenient.met_by(3, {"http_404"})
    harmless = Expect(4, None)
    assert harmless.met_by(4, set())
    assert not harmless.met_by(4, {"html"})
    assert not harmless.met_by(3, set())


def test_healthy_outlets_announce_and_serve_different_articles(press: FaultPress) -> None:
    articles = set()
    for outlet in press.healthy:
        assert f"Sitemap: {outlet.url(SITEMAP)}" in ask(outlet, "/robots.txt").body.decode()
        assert ask(outlet, SITEMAP).body.count(b"<loc>") == PAGES
        links = re.findall(rb"<link>http://127\.0\.0\.1:\d+(/[^<]+)</link>", ask(outlet, FEED).body)
        articles |= {ask(outlet, link.decode()).body for link in links}
    assert len(articles) == 2 * PAGES
    assert all(8_000 <= len(page) <= 40_000 and page.endswith(b"</html>\n") for page in articles)


def test_faulty_outlets_serve_their_healthy_articles(press: FaultPress) -> None:
    for outlet, fault in press.faulty:
        if fault.where not in ("host", "robots") and fault.id != "challenge":
            assert b"/bai-3.html" in ask(outlet, FEED).body, fault.id
            assert ask(outlet, "/bai-3.html").body == outlet.article(3), fault.id


def test_connection_is_kept_for_the_next_request(press: FaultPress) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", press.healthy[0].port, timeout=5)
    for number in (1, 2):
        connection.request("GET", f"/bai-{number}.html")
        own = connection.sock
        assert connection.getresponse().read() == press.healthy[0].article(number)
        assert connection.sock is own
    connection.close()


def test_written_configuration_is_complete_and_names_each_outlet(press: FaultPress, tmp_path: Path) -> None:
    press.write_config(tmp_path)
    config = load_config(tmp_path)
    assert {outlet.id for outlet in config.outlets} == press.outlets.keys() - {STRANGER}
    assert config.crawl.model_dump() | MANNERS == config.crawl.model_dump()
    for outlet in config.outlets:
        played = press.outlets[outlet.id]
        assert outlet.is_article(played.url("/bai-12.html"))
        assert not outlet.is_article(played.url("/chuyen-muc"))
        assert all(source.enabled for source in (*outlet.feeds, *outlet.sitemaps))


def test_configuration_of_others_is_never_replaced(press: FaultPress, tmp_path: Path) -> None:
    real = tmp_path / "outlets" / "vtv.yaml"
    real.parent.mkdir()
    real.write_text("id: vtv\n", "utf-8")
    with pytest.raises(FileExistsError, match="another press"):
        press.write_config(tmp_path)
    assert list(tmp_path.rglob("*.yaml")) == [real]


def test_closed_port_refuses(press: FaultPress) -> None:
    with pytest.raises(ConnectionRefusedError):
        bad(press, "refused")


@pytest.mark.parametrize(
    ("fault", "path"), [("silent", "/robots.txt"), ("silent", BAD), ("robots_silent", "/robots.txt")]
)
def test_silent_host_says_nothing(press: FaultPress, fault: str, path: str) -> None:
    assert bad(press, fault, path, quiet=0.5) == Seen(b"", "silent")


def test_headers_that_never_end_keep_coming(press: FaultPress) -> None:
    seen = bad(press, "headers_never_end", seconds=0.7)
    assert b"\r\n\r\n" not in seen.data
    assert b"X-Line-2" in seen.data


def test_drip_is_a_byte_at_a_time(press: FaultPress) -> None:
    assert 1 <= len(bad(press, "body_drips", seconds=0.7).body) <= 4


@pytest.mark.parametrize(
    ("fault", "end"), [("body_stalls", "silent"), ("reset_half_way", "reset"), ("ends_early", "closed")]
)
def test_half_a_page_comes(press: FaultPress, fault: str, end: str) -> None:
    seen = bad(press, fault, quiet=1)
    page = press.outlets[f"loi_{fault}"].article(9)
    assert (seen.header("Content-Length"), seen.body, seen.end) == (str(len(page)), page[: len(page) // 2], end)


def test_reset_comes_in_place_of_an_answer(press: FaultPress) -> None:
    assert bad(press, "reset_at_once") == Seen(b"", "reset")


def test_page_is_longer_than_it_says(press: FaultPress) -> None:
    seen = bad(press, "says_too_little")
    assert len(seen.body) // 2 == int(seen.header("Content-Length") or 0)


@pytest.mark.parametrize(("fault", "last"), [("chunks_cut", b"\r\n0\r\n\r\n"), ("bad_chunk", b"\r\n0\r\n\r\n")])
def test_chunks_have_no_last_one(press: FaultPress, fault: str, last: bytes) -> None:
    seen = bad(press, fault)
    assert (seen.header("Transfer-Encoding"), seen.end) == ("chunked", "closed")
    assert not seen.body.endswith(last)
    assert (b"\r\nzz hello\r\n" in seen.body) == (fault == "bad_chunk")


def test_headers_come_in_a_flood(press: FaultPress) -> None:
    seen = bad(press, "header_flood")
    assert seen.head.count("X-Flood-") == 20_000
    assert len(seen.head) > 1_000_000


@pytest.mark.parametrize("fault", ["garbage_status", "http_09"])
def test_answer_has_no_status_line(press: FaultPress, fault: str) -> None:
    seen = bad(press, fault)
    assert not seen.data.startswith(b"HTTP/")
    assert b"</html>" in seen.data


@pytest.mark.parametrize(
    ("fault", "statuses", "retry"),
    [
        ("busy_a_second", [429, 200, 200], r"1"),
        ("busy_an_hour", [429, 429, 429], r"3600"),
        ("busy_until", [503, 200, 200], r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"),
        ("unavailable", [503, 503, 503], None),
        ("flaky", [500, 200, 200], None),
        ("not_found", [404, 404, 404], None),
        ("forbids_us", [403, 403, 403], None),
    ],
)
def test_status_follows_the_number_of_tries(
    press: FaultPress, fault: str, statuses: list[int], retry: str | None
) -> None:
    seen = [bad(press, fault) for _ in statuses]
    assert [answer.status for answer in seen] == statuses
    told = seen[0].header("Retry-After")
    assert re.fullmatch(retry, told or "") if retry else told is None


@pytest.mark.parametrize(
    ("fault", "location"),
    [
        ("redirect_pair", "/bai-10.html"),
        ("redirect_self", BAD),
        ("redirect_chain", f"{BAD}?buoc=1"),
        ("redirect_metadata", "http://169.254.169.254/latest/meta-data/"),
        ("redirect_file", "file:///etc/passwd"),
        ("redirect_nowhere", None),
        ("redirect_cookie", BAD),
        ("login", "/dang-nhap?tu=bai-9"),
    ],
)
def test_redirect_leads_where_it_says(press: FaultPress, fault: str, location: str | None) -> None:
    seen = bad(press, fault)
    assert seen.status in (301, 302)
    assert seen.header("Location") == location


def test_redirects_to_other_hosts_name_them(press: FaultPress) -> None:
    assert bad(press, "redirect_neighbour").header("Location") == press.healthy[0].url("/bai-777.html")
    assert bad(press, "robots_elsewhere", "/robots.txt").header("Location") == (
        press.outlets[STRANGER].url("/robots.txt")
    )


def test_chain_of_redirects_ends_after_thirty(press: FaultPress) -> None:
    assert bad(press, "redirect_chain", f"{BAD}?buoc=29").status == 302
    assert bad(press, "redirect_chain", f"{BAD}?buoc=30").status == 200


def test_cookie_ends_the_loop(press: FaultPress) -> None:
    assert ask(press.outlets["loi_redirect_cookie"], BAD, cookie="da-xem=1").status == 200


def test_bomb_of_a_megabyte_is_valid_gzip_of_a_gigabyte(press: FaultPress) -> None:
    seen = bad(press, "page_bomb", quiet=10)
    assert seen.header("Content-Encoding") == "gzip"
    assert len(seen.body) < 1_500_000
    unpacker, rest, size = zlib.decompressobj(wbits=31), seen.body, 0
    while rest:
        size += len(unpacker.decompress(rest, 1 << 22))
        rest = unpacker.unconsumed_tail
    assert (size, unpacker.eof) == (1 << 30, True)


def test_feed_can_be_a_bomb_too(press: FaultPress) -> None:
    seen = bad(press, "feed_bomb", FEED_TWO, quiet=10)
    assert seen.header("Content-Type") == "application/rss+xml; charset=utf-8"
    assert zlib.decompressobj(wbits=31).decompress(seen.body, 5_000_000) == bytes(5_000_000)


@pytest.mark.parametrize(("fault", "told"), [("huge_page", True), ("huge_page_unannounced", False)])
def test_page_is_huge(press: FaultPress, fault: str, told: bool) -> None:
    seen = bad(press, fault)
    assert 29_000_000 < len(seen.body) < 32_000_000
    assert seen.header("Content-Length") == (str(len(seen.body)) if told else None)


def test_robots_file_is_huge(press: FaultPress) -> None:
    assert len(bad(press, "robots_huge", "/robots.txt").body) > 10_000_000


def test_encodings_lie(press: FaultPress) -> None:
    seen = {fault: bad(press, fault) for fault in ("deflate_called_gzip", "plain_called_gzip", "gzip_cut")}
    assert {answer.header("Content-Encoding") for answer in seen.values()} == {"gzip"}
    assert zlib.decompress(seen["deflate_called_gzip"].body).startswith(b"<!DOCTYPE html>")
    assert seen["plain_called_gzip"].body.startswith(b"<!DOCTYPE html>")
    with pytest.raises(EOFError):
        gzip.decompress(seen["gzip_cut"].body)


def test_encodings_that_nobody_asked_for(press: FaultPress) -> None:
    assert brotli.decompress(bad(press, "brotli_unasked").body) == press.outlets["loi_brotli_unasked"].article(9)
    assert bad(press, "unknown_encoding").header("Content-Encoding") == "x-nen"


def test_bodies_are_odd(press: FaultPress) -> None:
    lie = bad(press, "charset_lie")
    assert lie.header("Content-Type") == "text/html; charset=windows-1258"
    assert "lượt khách" in lie.body.decode("utf-8")
    assert bad(press, "nuls").body.count(b"\0") > 10
    assert (bad(press, "empty_page").status, bad(press, "empty_page").body) == (200, b"")


@pytest.mark.parametrize(
    ("fault", "path", "part"),
    [
        ("challenge", "/bai-1.html", "window._cf_chl_opt"),
        ("script_cookie", "/robots.txt", "document.cookie="),
        ("script_cookie", FEED, "location.reload"),
        ("login", "/dang-nhap?tu=bai-9", 'type="password"'),
        ("robots_forbids", "/robots.txt", "Disallow: /\n"),
        ("robots_slow_down", "/robots.txt", "Crawl-delay: 1"),
        ("feed_entities", FEED_TWO, "file:///etc/passwd"),
        ("feed_laughs", FEED_TWO, "<title>&a9;</title>"),
        ("feed_html", FEED_TWO, "<!DOCTYPE html>"),
        ("feed_future", FEED_TWO, "2099"),
        ("feed_dateless", FEED_TWO, "<pubDate>hôm qua</pubDate>"),
        ("feed_one_guid", FEED_TWO, "<link>bai-4.html</link><guid>tin</guid>"),
        ("feed_schemes", FEED_TWO, "javascript:alert(1)"),
        ("feed_foreign", FEED_TWO, "http://169.254.169.254/"),
        ("feed_sections", FEED, "/chuyen-muc"),
        ("feed_unicode", FEED, "/tin-tức/bài viết/bai-4.html"),
        ("sitemap_of_itself", SITEMAP, SITEMAP),
        ("sitemap_of_itself", "/sitemap-trang.xml", "/bai-4.html"),
        ("sitemap_endless", SITEMAP, "/sitemap-3.xml"),
        ("sitemap_endless", "/sitemap-3.xml", "/sitemap-7.xml"),
        ("sitemap_laughs", SITEMAP, "<loc>&a9;</loc>"),
        ("sitemap_html", SITEMAP, "<!DOCTYPE html>"),
    ],
)
def test_text_of_a_fault_is_served_with_200(press: FaultPress, fault: str, path: str, part: str) -> None:
    seen = bad(press, fault, path)
    assert seen.status == 200
    assert part in seen.body.decode()


def test_robots_file_fails(press: FaultPress) -> None:
    assert bad(press, "robots_500", "/robots.txt").status == 500


def test_feeds_and_sitemaps_are_cut(press: FaultPress) -> None:
    assert bad(press, "feed_empty", FEED_TWO).body == b""
    cut = bad(press, "feed_cut", FEED_TWO).body
    assert cut.count(b"</item>") == 4
    assert cut.endswith(b"/bai")
    with pytest.raises(EOFError):
        gzip.decompress(bad(press, "sitemap_gzip_cut", SITEMAP).body)


def test_address_with_letters_and_spaces_has_its_article(press: FaultPress) -> None:
    path = "/tin-t%E1%BB%A9c/b%C3%A0i%20vi%E1%BA%BFt/bai-4.html"
    assert bad(press, "feed_unicode", path).status == 200


def test_certificate_is_vouched_for_by_nobody(press: FaultPress) -> None:
    outlet = press.outlets["loi_self_signed"]
    with pytest.raises(ssl.SSLCertVerificationError):
        http.client.HTTPSConnection("127.0.0.1", outlet.port, timeout=5).request("GET", FEED)
    anyone = ssl.create_default_context()
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
    trusting = http.client.HTTPSConnection("127.0.0.1", outlet.port, timeout=5, context=anyone)
    trusting.request("GET", FEED)
    assert trusting.getresponse().status == 200
    trusting.close()


def test_host_dies_after_six_answers() -> None:
    with running_fault_press(0, 0, ["dies"]) as press:
        assert [bad(press, "dies", f"/bai-{n}.html").status for n in range(1, 7)] == [200] * 6
        with pytest.raises(ConnectionRefusedError):
            bad(press, "dies", "/bai-7.html")


def test_press_remembers_what_it_was_asked() -> None:
    with running_fault_press(1, 2, ["robots_forbids", "robots_slow_down"]) as press:
        healthy, slow = press.healthy[0], press.outlets["loi_robots_slow_down"]
        ask(healthy, "/bai-1.html?a=1")
        assert [target for target, _ in press.asked["lanh1"]] == ["/bai-1.html?a=1"]
        assert press.forbidden() == []
        for path in ("/robots.txt", FEED, "/bai-1.html"):
            ask(slow, path)
        (gap,) = press.gaps(slow.id)
        assert 0 < gap < 1
        ask(healthy, "/bai-777.html")
        ask(press.outlets["loi_robots_forbids"], "/robots.txt")
        ask(press.outlets["loi_robots_forbids"], FEED)
        ask(press.outlets[STRANGER], "/robots.txt")
        assert press.forbidden() == [
            ("lanh1", "/bai-777.html"),
            ("loi_robots_forbids", FEED),
            (STRANGER, "/robots.txt"),
        ]


def test_press_counts_requests_that_overlap() -> None:
    with running_fault_press(1, 2, ["silent"]) as press:
        silent = press.outlets["loi_silent"]
        ask(silent, "/a", quiet=0.2)
        assert press.max_concurrency == {"lanh1": 0, "loi_silent": 1, STRANGER: 0}
        with socket.create_connection(("127.0.0.1", silent.port)) as other:
            other.sendall(b"GET /b HTTP/1.1\r\n\r\n")
            ask(silent, "/c", quiet=0.2)
        assert press.max_concurrency["loi_silent"] == 2


def test_press_runs_by_hand_until_it_is_interrupted(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "tests.faults.press",
        "--config",
        str(tmp_path),
        "--healthy",
        "1",
        "--only",
        "flaky",
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        lines = [running.stdout.readline()]
        while "Ctrl-C" not in lines[-1]:
            assert running.poll() is None
            lines.append(running.stdout.readline())
        running.send_signal(signal.SIGINT)
        rest = running.stdout.read()
        assert running.wait(10) == 0
    told = "".join(lines)
    assert re.search(r"lanh1 +http://127\.0\.0\.1:\d+ +healthy: 20 articles", told)
    assert re.search(r"loi_flaky +http://127\.0\.0\.1:\d+ +500, then the article", told)
    assert f"diembao crawl --config {tmp_path} --data DATA" in told
    assert "0 requests" in rest
    assert len(load_config(tmp_path).outlets) == 2


def test_help_teaches_how_to_crawl_it() -> None:
    command = [sys.executable, "-m", "tests.faults.press", "--help"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "--config DIR" in told
    assert "loi_<fault>" in told
