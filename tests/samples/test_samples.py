"""The sample archive is what samples/README.md says it is."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import hashlib
import io
import json
import re
import subprocess
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ahocorasick_rs import AhoCorasick
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from lxml import html
from warcio.archiveiterator import ArchiveIterator

SAMPLES = Path(__file__).parents[2] / "samples"
NIGHTS = ("night-1", "night-2", "night-3", "night-2025-06")
NOTICE = "Dữ liệu mẫu do nhóm diembao viết"
EXPECTED: dict[str, Any] = yaml.safe_load((SAMPLES / "expected.yaml").read_text(encoding="utf-8"))
ARTICLES: list[dict[str, Any]] = EXPECTED["articles"]
BY_KEY = {article["key"]: article for article in ARTICLES}
LOST = {lost["outcome"]: lost["url"] for lost in EXPECTED["announced_without_article"]}

#: Address shapes of 2021 and later, as the registry of outlets lists them.
ADDRESSES = {
    "vnexpress": r"https://vnexpress\.net/[a-z0-9-]+-\d{7}\.html",
    "tuoitre": r"https://tuoitre\.vn/[a-z0-9-]+-20\d{15}\.htm",
    "baochinhphu": r"https://baochinhphu\.vn/[a-z0-9-]+-102\d{15}\.htm",
    "nhandan": r"https://nhandan\.vn/[a-z0-9-]+-post\d{6}\.html",
    "vietnamplus": r"https://www\.vietnamplus\.vn/[a-z0-9-]+-post\d{6,7}\.vnp",
    "cafef": r"https://cafef\.vn/[a-z0-9-]+-20\d{15}\.chn",
}
#: Where each layout keeps the text, as the outlets' real pages of that family do.
BODIES = {
    "vnexpress": "//article[contains(@class,'fck_detail')]/p[not(@style)]",
    "tuoitre": "//*[@id='main-detail-body']/p",
    "baochinhphu": "//*[@data-role='content']/p[not(@style)]",
    "nhandan": "//*[contains(@class,'cms-body')]/p",
    "vietnamplus": "//*[contains(@class,'cms-body')]/p",
    "cafef": "//*[@data-role='content']/p",
}
SAPOS = "//*[contains(@class,'description') or contains(@class,'sapo')]"


def responses(night: str) -> dict[str, tuple[str, bytes, dict[str, str]]]:
    """URL -> status, body without content encoding, HTTP headers."""
    with (SAMPLES / f"{night}.warc.gz").open("rb") as file:
        return {
            record.rec_headers["WARC-Target-URI"]: (
                record.http_headers.get_statuscode(),
                record.content_stream().read(),
                dict(record.http_headers.headers),
            )
            for record in ArchiveIterator(file)
            if record.rec_type == "response"
        }


@pytest.fixture(scope="module")
def served() -> dict[str, dict[str, tuple[str, bytes, dict[str, str]]]]:
    return {night: responses(night) for night in NIGHTS}


def text_of(article: dict[str, Any], body: bytes) -> tuple[str, str]:
    """Headline, and everything from the standfirst to the last paragraph."""
    page = html.fromstring(body.decode("utf-8"))
    parts = page.xpath(SAPOS)[:1] + page.xpath(BODIES[article["outlet"]])
    return page.xpath("string(//h1)"), "\n".join(part.text_content() for part in parts)


def announced(pages: dict[str, tuple[str, bytes, dict[str, str]]]) -> set[str]:
    """All pages that the sitemaps list, found from robots.txt downwards."""
    found: set[str] = set()
    for url, (_, body, _) in pages.items():
        if url.endswith("/robots.txt"):
            waiting = re.findall(r"^Sitemap: (\S+)$", body.decode(), re.MULTILINE)
            while waiting:
                address = waiting.pop()
                _, listing, _ = pages[address]
                text = (gzip.decompress(listing) if address.endswith(".gz") else listing).decode()
                locations = re.findall(r"<loc>([^<]+)</loc>", text)
                if "<sitemapindex" in text:
                    waiting += locations
                else:
                    found |= set(locations)
    return found


def spans(labels: dict[str, Any]) -> Iterator[str]:
    for topic in ("portal", "nq68"):
        for named in labels[topic].values():
            yield from named


def test_building_again_gives_the_same_bytes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(SAMPLES / "build.py"), str(tmp_path)], check=True, timeout=60)
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(built) == {f"{night}.warc.gz" for night in NIGHTS} | {"expected.yaml"}
    for name, content in built.items():
        assert content == (SAMPLES / name).read_bytes(), f"{name} differs: run python samples/build.py"


@pytest.mark.parametrize("night", NIGHTS)
def test_warcio_and_fastwarc_read_the_same_records_with_right_digests(night: str) -> None:
    data = (SAMPLES / f"{night}.warc.gz").read_bytes()
    first = {}
    for record in ArchiveIterator(io.BytesIO(data)):
        if record.rec_type == "response":
            payload = record.raw_stream.read()
            digest = base64.b32encode(hashlib.sha1(payload, usedforsecurity=False).digest()).decode()
            assert record.rec_headers["WARC-Payload-Digest"] == f"sha1:{digest}"
            first[record.rec_headers["WARC-Record-ID"]] = payload
    second = {}
    for record in FastIterator(io.BytesIO(data), record_types=WarcRecordType.response, parse_http=False):
        assert record.verify_block_digest()
        record.parse_http()
        second[record.record_id] = record.reader.read()
    assert first == second
    assert len(first) > 3


def test_all_records_of_a_night_carry_its_time_and_ids_are_never_shared() -> None:
    times: dict[str, set[str]] = {}
    ids: Counter[str] = Counter()
    for night in NIGHTS:
        for record in ArchiveIterator(io.BytesIO((SAMPLES / f"{night}.warc.gz").read_bytes())):
            times.setdefault(night, set()).add(record.rec_headers["WARC-Date"])
            ids[record.rec_headers["WARC-Record-ID"]] += 1
            assert record.rec_headers.protocol == "WARC/1.1"
    assert times == {
        "night-1": {"2021-08-01T18:30:00Z"},
        "night-2": {"2021-08-02T18:30:00Z"},
        "night-3": {"2021-08-04T18:30:00Z"},
        "night-2025-06": {"2025-06-15T18:30:00Z"},
    }
    assert max(ids.values()) == 1


def test_each_night_serves_exactly_the_articles_that_are_expected_of_it(served: Any) -> None:
    for night in NIGHTS[:3]:
        present = {a["url"] for a in ARTICLES if a["night"] <= night and not a["night"].startswith("night-2025")}
        gone = {a["url"] for a in ARTICLES if a.get("gone", "night-9") <= night}
        not_served = {LOST["refused"], LOST["not_in_archive"]}
        assert announced(served[night]) == present | set(LOST.values())
        statuses = {url: served[night][url][0] for url in announced(served[night]) - not_served}
        assert {url for url, status in statuses.items() if status == "200"} == (present - gone | {LOST["empty_body"]})
        assert not not_served & set(served[night])
        assert served[night][LOST["not_found"]][0] == "404"
        assert served[night][LOST["empty_body"]][1] == b""
    assert announced(served["night-2025-06"]) == {BY_KEY["p11"]["url"]}


def test_the_refused_address_is_one_that_robots_txt_disallows(served: Any) -> None:
    robots = served["night-1"]["https://tuoitre.vn/robots.txt"][1].decode()
    path = LOST["refused"].removeprefix("https://tuoitre.vn")
    assert any(path.startswith(rule) for rule in re.findall(r"^Disallow: (\S+)$", robots, re.MULTILINE))


def test_pages_hold_the_expected_headline_and_every_span_that_is_claimed(served: Any) -> None:
    checked = 0
    for article in ARTICLES:
        title, text = text_of(article, served[article["night"]][article["url"]][1])
        assert title == article["title"]
        assert text.count("\n") >= 3, article["key"]
        for span in spans(article):
            assert span in f"{title}\n{text}", (article["key"], span)
            checked += 1
    assert checked > 40


def test_articles_labelled_with_neither_topic_do_not_name_it(served: Any) -> None:
    for article in ARTICLES:
        title, text = text_of(article, served[article["night"]][article["url"]][1])
        whole = f"{title}\n{text}"
        if "national" not in article["portal"]:
            national = r"dịch vụ công (trực tuyến )?quốc gia|DVC ?QG|DVC quốc gia|(^|[\s(.])dichvucong\.gov\.vn"
            assert not re.search(national, whole, re.IGNORECASE), article["key"]
        if not article["portal"]:
            portal = r"cổng dịch vụ công|cổng DVC|dichvucong"
            assert not re.search(portal, whole, re.IGNORECASE), article["key"]
        if not article["nq68"]:
            number = re.search(r"(?:Nghị quyết|NQ)(?: số)? ?(\d+)", whole)
            assert number is None or number[1] == "168", article["key"]


def test_the_revision_changes_one_paragraph_and_adds_the_mention(served: Any) -> None:
    article = BY_KEY["b12"]
    before = text_of(article, served["night-1"][article["url"]][1])[1].split("\n")
    after = text_of(article, served["night-2"][article["url"]][1])[1].split("\n")
    assert [old == new for old, new in zip(before, after, strict=True)].count(False) == 1
    for span in spans(article["revised"]):
        assert span in "\n".join(after)
        assert span not in "\n".join(before)
    assert served["night-3"][article["url"]][1] == served["night-2"][article["url"]][1]


def test_all_other_pages_stay_the_same_from_night_to_night(served: Any) -> None:
    kept = [a["url"] for a in ARTICLES if a["night"] == "night-1" and a["key"] not in ("b12", "t04")]
    assert len(kept) == 62
    for url in kept:
        assert served["night-1"][url][1] == served["night-2"][url][1] == served["night-3"][url][1]


def test_months_outlets_and_reprints_are_as_the_readme_counts_them() -> None:
    first = [a for a in ARTICLES if a["night"] == "night-1"]
    assert Counter(a["published"][:7] for a in first) == {"2021-06": 27, "2021-07": 37}
    assert {a["outlet"] for a in first} == set(ADDRESSES)
    assert sum(a["story"] != a["key"] for a in first) == 6
    assert sum(a["night"] == "night-2" for a in ARTICLES) == 3
    senses = Counter(sense for a in first for sense in a["nq68"])
    assert senses["unresolved"] == 2
    assert {"nq68-2020", "nq68-covid-2021", "other-68"} < set(senses)
    assert {sense for a in first for sense in a["portal"]} == {"national", "ministry", "provincial"}
    assert len({activity for a in first for activity in a["activities"]}) == 9
    assert len({service for a in first for service in a["services"]}) == 8


def test_reprints_carry_the_text_of_their_story_hours_later(served: Any) -> None:
    reprints = [a for a in ARTICLES if a["story"] != a["key"]]
    for copy in reprints:
        original = BY_KEY[copy["story"]]
        texts = [text_of(a, served["night-1"][a["url"]][1])[1].split("\n")[1:] for a in (copy, original)]
        assert texts[0] == texts[1]
        later = dt.datetime.fromisoformat(copy["published"]) - dt.datetime.fromisoformat(original["published"])
        assert dt.timedelta(hours=1) < later < dt.timedelta(hours=72)
        assert copy["author"].startswith("Theo ")
    assert [a["key"] for a in reprints if a["title"] != BY_KEY[a["story"]]["title"]] == ["c04"]


def test_articles_are_short_and_in_nfc(served: Any) -> None:
    for article in ARTICLES:
        title, text = text_of(article, served[article["night"]][article["url"]][1])
        assert unicodedata.is_normalized("NFC", title + text)
        assert 100 <= len(text.split()) <= 250, article["key"]


@pytest.mark.parametrize("outlet", ADDRESSES)
def test_addresses_have_the_shape_of_the_outlet(outlet: str) -> None:
    urls = [a["url"] for a in ARTICLES if a["outlet"] == outlet]
    urls += [lost["url"] for lost in EXPECTED["announced_without_article"] if lost["outlet"] == outlet]
    assert len(urls) == len(set(urls)) >= 10
    for url in urls:
        assert re.fullmatch(ADDRESSES[outlet], url)


@pytest.mark.parametrize(
    ("feed", "date"),
    [
        ("https://vnexpress.net/rss/tin-moi-nhat.rss", r"\w{3}, \d\d \w{3} 2021 \d\d:\d\d:\d\d \+0700"),
        ("https://tuoitre.vn/home.rss", r"\d+/\d+/2021 \d+:\d\d:\d\d\u202f[AP]M"),
        ("https://baochinhphu.vn/home.rss", r"\d+/\d+/2021 \d+:\d\d:\d\d [AP]M"),
        ("https://nhandan.vn/rss/home.rss", r"\w{3}, \d\d \w{3} 2021 \d\d:\d\d:\d\d \+07:00"),
        ("https://www.vietnamplus.vn/rss/home.rss", r"\w{3}, \d\d \w{3} 2021 \d\d:\d\d:\d\d \+07:00"),
        ("https://cafef.vn/home.rss", r"\w{3}, \d\d \w{3} 2021 \d\d:\d\d:\d\d \+07"),
    ],
)
def test_feeds_list_part_of_the_articles_in_the_date_format_of_the_outlet(served: Any, feed: str, date: str) -> None:
    for night in NIGHTS[:3]:
        text = served[night][feed][1].decode("utf-8")
        links = re.findall(r"<item>\s*<title>[^<]+</title>\s*<link>([^<]+)</link>", text)
        assert len(links) == 6
        assert set(links) < announced(served[night])
        dates = re.findall(r"<pubDate>([^<]+)</pubDate>", text)
        assert all(re.fullmatch(date, written) for written in dates), dates
        assert re.search(r"<title>[^<]+\(dữ liệu mẫu\)</title>", text)


def test_about_a_third_of_the_pages_is_gzip_encoded(served: Any) -> None:
    urls = [a["url"] for a in ARTICLES if a["night"] == "night-1"]
    encoded = [url for url in urls if served["night-1"][url][2].get("Content-Encoding") == "gzip"]
    assert 0.25 < len(encoded) / len(urls) < 0.4


def test_nobody_can_take_a_page_for_press(served: Any) -> None:
    for night in NIGHTS:
        for url, (_, body, _) in served[night].items():
            if url != LOST["empty_body"]:
                plain = gzip.decompress(body) if url.endswith(".gz") else body
                assert NOTICE in plain.decode("utf-8"), url


def test_menus_and_comments_name_the_topics_where_articles_do_not(served: Any) -> None:
    ordinary = [a for a in ARTICLES if not a["portal"] and a["night"] == "night-1"]
    for article in ordinary:
        assert "Cổng Dịch vụ công" in served["night-1"][article["url"]][1].decode("utf-8")
    assert len(ordinary) > 25


#: How each outlet prints a time on its pages.
PRINTED = {
    "vnexpress": lambda at: f", {at.day}/{at.month}/{at.year}, {at:%H:%M} (GMT+7)",
    "tuoitre": lambda at: f"{at:%d/%m/%Y %H:%M} GMT+7",
    "baochinhphu": lambda at: f"{at:%d/%m/%Y %H:%M}",
    "nhandan": lambda at: f", {at:%d/%m/%Y, %H:%M} (GMT+7)",
    "vietnamplus": lambda at: f"{at:%d/%m/%Y %H:%M}",
    "cafef": lambda at: f"{at:%d-%m-%Y - %H:%M} {'AM' if at.hour < 12 else 'PM'}",
}
#: The outlets whose pages give the time in the head as well; the others print it only.
MACHINE_READABLE = {"vnexpress", "tuoitre", "vietnamplus"}


def test_pages_print_the_time_of_publication_and_half_of_the_outlets_nothing_else(served: Any) -> None:
    for article in ARTICLES:
        at = dt.datetime.fromisoformat(article["published"])
        page = served[article["night"]][article["url"]][1].decode("utf-8")
        assert page.count(PRINTED[article["outlet"]](at)) == 1, article["key"]
        assert (at.isoformat() in page) == (article["outlet"] in MACHINE_READABLE)


PRESS = SAMPLES.parents[1] / "shared" / "press"


@pytest.mark.press
@pytest.mark.skipif(not PRESS.exists(), reason="no ../shared/press here")
def test_no_sentence_is_taken_from_the_press(served: Any) -> None:
    press = "\n".join(
        [gzip.decompress((PRESS / "articles.jsonl.gz").read_bytes()).decode("utf-8")]
        + [(PRESS / name).read_text(encoding="utf-8") for name in ("cases.jsonl", "phrases.jsonl")]
    )
    # A line of it that is known to be there: the comparison must be able to fail.
    some_title = json.loads(press.split("\n", 1)[0])["title"]
    assert json.dumps(some_title, ensure_ascii=False)[1:-1] in press
    ours = [
        json.dumps(sentence, ensure_ascii=False)[1:-1]
        for article in ARTICLES
        for sentence in re.split(
            r"(?<=[.?!])\s|\n", "\n".join(text_of(article, served[article["night"]][article["url"]][1]))
        )
        if len(sentence.split()) >= 8
    ]
    assert len(ours) > 500
    assert AhoCorasick(ours).find_matches_as_strings(press) == []
