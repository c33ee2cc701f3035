"""A feed is read whole, or says in one word why it isn't."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.dates import parse_feed_date
from crawler.feeds import FeedItem, parse_feed

PRESS = Path(__file__).parents[2].parent / "shared" / "press"
URL = "https://bao.vn/rss/home.rss"
TIME = "Thu, 01 Jul 2021 08:30:00 +07:00"


def item(link: str = "https://bao.vn/bai-1.html", title: str = "Bài một", more: str = "", time: str = TIME) -> str:
    return f"<item><title>{title}</title><link>{link}</link><pubDate>{time}</pubDate>{more}</item>"


def rss(*items: str, declaration: str = '<?xml version="1.0" encoding="utf-8"?>') -> bytes:
    body = "".join(items)
    return f'{declaration}<rss version="2.0"><channel><title>Báo</title>{body}</channel></rss>'.encode()


def test_an_item_has_address_title_and_time() -> None:
    result = parse_feed(rss(item()), URL)
    assert result.problem is None
    assert result.items == [FeedItem("https://bao.vn/bai-1.html", "Bài một", parse_feed_date(TIME), TIME)]


def test_an_unreadable_time_is_none_and_kept_as_written() -> None:
    [read] = parse_feed(rss(item(time="8/9/2021 10:00")), URL).items
    assert (read.published, read.raw_published) == (None, "8/9/2021 10:00")


def test_an_rss_dc_date_is_a_publication_but_an_atom_update_is_not() -> None:
    dated = (
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><item><title>Một</title>'
        "<link>https://bao.vn/bai-1.html</link><dc:date>2021-07-01T08:30:00+07:00</dc:date></item></channel></rss>"
    )
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Báo</title><entry><title>Một</title><id>1</id>'
        '<link href="/bai-1.html"/><updated>2021-07-01T08:30:00+07:00</updated></entry></feed>'
    )
    assert parse_feed(dated.encode(), URL).items[0].published == parse_feed_date(TIME)
    [entry] = parse_feed(atom.encode(), URL).items
    assert (entry.url, entry.published, entry.raw_published) == ("https://bao.vn/bai-1.html", None, None)


def test_relative_links_and_whitespace_around_links() -> None:
    result = parse_feed(rss(item("\n/thoi-su/bai-1.html\n"), item("http://bao.vn/bai-2.html?utm_source=rss")), URL)
    assert [read.url for read in result.items] == [
        "https://bao.vn/thoi-su/bai-1.html",
        "https://bao.vn/bai-2.html",
    ]


@pytest.mark.parametrize(
    ("second", "count"),
    [
        (item("http://bao.vn/bai-1.html#x"), 1),
        (item("https://bao.vn/chuyen-muc/bai-1.html", more="<guid>a</guid>"), 1),
        # One guid over different articles is the feed's carelessness: losing one would be worse.
        (item("https://bao.vn/bai-2.html", "Bài hai", more="<guid>a</guid>"), 2),
        (item("https://bao.vn/bai-2.html", more="<guid>a</guid>"), 2),
        (item("https://bao.vn/bai-2.html", more="<guid>b</guid>"), 2),
    ],
)
def test_an_item_listed_twice_is_one(second: str, count: int) -> None:
    result = parse_feed(rss(item(more="<guid>a</guid>"), second), URL)
    assert len(result.items) == count
    assert result.items[0].url == "https://bao.vn/bai-1.html"


def test_of_two_copies_the_one_with_a_time_is_kept() -> None:
    [read] = parse_feed(rss(item(time=""), item()), URL).items
    assert read.published == parse_feed_date(TIME)


@pytest.mark.parametrize(
    "body",
    [
        rss(item(), declaration='<?xml version="1.0" encoding="utf-16"?>'),
        rss(item(), declaration='<?xml version="1.0" encoding="iso-8859-1"?>'),
        b"\xef\xbb\xbf" + rss(item()),
        b"\n \n" + rss(item()),
        rss(item(), declaration=""),
        rss(item()).decode().replace("utf-8", "utf-16").encode("utf-16"),
        rss(item()).decode().replace("utf-8", "utf-16").encode("utf-16-le"),
        rss(item(title="Bài một\x0b")),
        rss(item(title="<![CDATA[Bài <b>một</b>]]>")),
        rss(item(title="&amp;lt;![CDATA[Bài  một]]&amp;gt;")),
        rss(item(title="Ba\u0300i mo\u0323\u0302t")),
        rss(item(title="\u200bBài\u00a0m\u00adột\ufeff")),
    ],
    ids=[
        "declared-utf-16",
        "declared-latin-1",
        "bom",
        "leading-lines",
        "undeclared",
        "utf-16-bom",
        "utf-16-bare",
        "control-letter",
        "markup",
        "cdata-leftover",
        "nfd",
        "invisible-letters",
    ],
)
def test_wrong_encodings_and_leftovers_are_tolerated(body: bytes) -> None:
    result = parse_feed(body, URL)
    assert result.problem is None
    assert [(read.url, read.title) for read in result.items] == [("https://bao.vn/bai-1.html", "Bài một")]


def test_an_encoding_that_is_declared_and_sent_is_obeyed() -> None:
    body = rss(item(title="Café"), declaration='<?xml version="1.0" encoding="windows-1252"?>')
    assert parse_feed(body.decode().encode("cp1252"), URL).items[0].title == "Café"


def test_a_bare_ampersand_loses_no_item() -> None:
    result = parse_feed(rss(item(title="Hỏi & đáp"), item("https://bao.vn/bai-2.html", "Bài hai")), URL)
    assert [read.title for read in result.items] == ["Hỏi & đáp", "Bài hai"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "empty_body"),
        (b" \n\t", "empty_body"),
        (b"\xef\xbb\xbf", "empty_body"),
        (b"<!DOCTYPE html><html><body>Xin ch\xc3\xa0o</body></html>", "html"),
        (b"<!-- x --><HTML><script>document.cookie=1</script></HTML>", "html"),
        (b"404 not found", "unreadable"),
        (b"/etc/passwd", "unreadable"),
        (b"https://bao.vn/rss", "unreadable"),
        (b'{"items": []}', "unreadable"),
        (b"\x00\x01\x02", "unreadable"),
        (rss(), "no_items"),
        (rss("<item><title>Kh\u00f4ng n\u1ed1i</title></item>"), "items_without_link"),
        (rss(item("mailto:toasoan@bao.vn")), "items_without_link"),
    ],
)
def test_a_body_without_items_names_its_problem(body: bytes, problem: str) -> None:
    result = parse_feed(body, URL)
    assert (result.items, result.problem) == ([], problem)


def test_a_feed_cut_inside_a_letter_keeps_its_items_and_says_so() -> None:
    whole = rss(item(), item("https://bao.vn/bai-2.html", "Tiếng Việt"))
    result = parse_feed(whole[: whole.index("ế".encode()) + 1], URL)
    assert result.problem == "truncated"
    assert result.items[0].title == "Bài một"


def test_a_title_without_address_is_told_and_an_empty_item_is_not() -> None:
    lost = parse_feed(rss(item(), "<item><title>Mất nối</title></item>"), URL)
    assert (len(lost.items), lost.problem) == (1, "items_without_link")
    empty = parse_feed(rss(item(), "<item><title/><link/></item>"), URL)
    assert (len(empty.items), empty.problem) == (1, None)


def test_an_external_entity_is_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("bi-mat")
    doctype = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    result = parse_feed(rss(item(title="a &x; b"), declaration=doctype), URL)
    assert "bi-mat" not in repr(result)


@given(st.binary(max_size=200) | st.text(alphabet='<!>[]/?&;#"= rsitemlnkCDATA\u1ed5', max_size=120).map(str.encode))
def test_no_body_raises(body: bytes) -> None:
    for wrapped in (body, rss().replace(b"</channel>", body + b"</channel>")):
        result = parse_feed(wrapped, URL)
        assert result.items or result.problem


@pytest.mark.press
@pytest.mark.skipif(not PRESS.is_dir(), reason="the shared press is not here")
def test_genuine_feeds_give_every_item_with_title_and_time() -> None:
    files = sorted([*PRESS.glob("genuine/feed-*.gz"), *PRESS.glob("genuine/*.rss")])
    assert len(files) == 8
    for path in files:
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        addresses = set(re.findall(rb"<item>.*?<link>\s*(\S+?)\s*</link>", body, re.DOTALL))
        result = parse_feed(body, URL)
        assert (path.name, result.problem) == (path.name, None)
        assert len(result.items) == len(addresses), path.name
        assert all(read.published and read.title for read in result.items), path.name


@pytest.mark.press
@pytest.mark.skipif(not PRESS.is_dir(), reason="the shared press is not here")
def test_genuine_pages_are_told_from_feeds() -> None:
    pages = sorted(PRESS.glob("genuine/*.html.gz"))
    assert pages
    assert {parse_feed(gzip.decompress(page.read_bytes()), URL).problem for page in pages} == {"html"}
