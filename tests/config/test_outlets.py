"""Each outlet file is right in itself, the files agree, and the patterns hold on genuine addresses."""

from __future__ import annotations

import gzip
import html
import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from archive.urls import normalize_url
from config.errors import ConfigError
from config.outlets import Domain, Layout, Outlet, Proof, Source, Volume
from config.yaml_file import read_model

FILES = sorted((Path(__file__).parents[2] / "config" / "outlets").glob("*.yaml"))
PRESS = Path(__file__).parents[2].parent / "shared" / "press"
NEEDS_PRESS = pytest.mark.skipif(not PRESS.is_dir(), reason="needs ../shared/press")

# The press data names outlets as their feeds do.
IDS = {
    "Báo Công an Nhân dân": "cand",
    "Báo Dân Trí": "dantri",
    "Báo Nhân Dân": "nhandan",
    "Báo Sài Gòn Giải Phóng": "sggp",
    "Báo Thanh Niên": "thanhnien",
    "Báo Tiền Phong": "tienphong",
    "Báo Xây dựng": "xaydung",
    "Báo Điện tử Chính phủ": "baochinhphu",
    "Báo Điện tử VOV": "vov",
    "CafeF": "cafef",
    "Thời báo VTV (VTV Online)": "vtv",
    "Tuổi Trẻ Online": "tuoitre",
    "VietnamPlus (TTXVN)": "vietnamplus",
    "VnEconomy": "vneconomy",
    "VnExpress": "vnexpress",
}
NOT_WATCHED = {"BBC News Tiếng Việt", "Kênh 14"}

# Addresses in the form of 2020–21. The titles and numbers are ours, the form is the outlet's.
OLD_FORMS = {
    "baochinhphu": "https://baochinhphu.vn/Tin-noi-bat/Them-dich-vu-len-Cong/412345.vgp",
    "nhandan": "https://nhandan.com.vn/tin-tuc-su-kien/them-dich-vu-len-cong-645678/",
    "vietnamplus": "https://www.vietnamplus.vn/them-dich-vu-len-cong/678901.vnp",
    "baotintuc": "https://baotintuc.vn/thoi-su/them-dich-vu-len-cong-20201209101112345.htm",
    "vov": "https://vov.vn/chinh-tri/them-dich-vu-len-cong-823456.vov",
    "vtv": "https://vtv.vn/xa-hoi/them-dich-vu-len-cong-20201209101112345.htm",
    "tuoitre": "https://tuoitre.vn/them-dich-vu-len-cong-20201209101112345.htm",
    "thanhnien": "https://thanhnien.vn/thoi-su/them-dich-vu-len-cong-1312345.html",
    "dantri": "https://dantri.com.vn/xa-hoi/them-dich-vu-len-cong-20201209101112345.htm",
    "vietnamnet": "https://vietnamnet.vn/vn/thoi-su/chinh-tri/them-dich-vu-len-cong-695432.html",
    "tienphong": "https://www.tienphong.vn/xa-hoi/them-dich-vu-len-cong-1754321.tpo",
    "sggp": "https://www.sggp.org.vn/them-dich-vu-len-cong-701234.html",
    "hanoimoi": "https://hanoimoi.com.vn/tin-tuc/Xa-hoi/987654/them-dich-vu-len-cong",
    "vneconomy": "https://vneconomy.vn/them-dich-vu-len-cong-20201209101112345.htm",
    "thoibaotaichinh": "https://thoibaotaichinhvietnam.vn/pages/thoi-su/2020-12-09/them-dich-vu-96543.aspx",
    "congthuong": "https://congthuong.vn/them-dich-vu-len-cong-148765.html",
    "xaydung": "https://baoxaydung.com.vn/them-dich-vu-len-cong-298765.html",
    "dautu": "https://baodautu.vn/them-dich-vu-len-cong-d134567.html",
    "znews": "https://zingnews.vn/them-dich-vu-len-cong-post1162345.html",
    "cand": "https://cand.com.vn/Xa-hoi/them-dich-vu-len-cong-623456/",
}  # fmt: skip

SECTIONS = {
    "baochinhphu": "/kinh-te/thi-truong.htm",
    "nhandan": "/tin-tuc-su-kien/",
    "vietnamplus": "/kinhte/doanhnghiep.vnp",
    "baotintuc": "/thoi-su-472ct0.htm",
    "vov": "/chinh-tri/",
    "vtv": "/xa-hoi.htm",
    "tuoitre": "/video/doi-thuong.htm",
    "thanhnien": "/thoi-su/trang-2.html",
    "dantri": "/kinh-doanh/trang-1.htm",
    "vietnamnet": "/vn/thoi-su/trang2/",
    "tienphong": "/xa-hoi/",
    "sggp": "/chinhtri/",
    "hanoimoi": "/du-lich",
    "vneconomy": "/doanh-nghiep-niem-yet.htm",
    "thoibaotaichinh": "/pages/tien-te-bao-hiem/ngan-hang.aspx",
    "congthuong": "/thoi-su",
    "xaydung": "/thi-truong.htm",
    "dautu": "/tai-chinh-chung-khoan-d6/",
    "znews": "/cong-nghe.html",
    "cand": "/thoi-su/",
    "xaydungchinhsach": "/chinh-sach-moi.htm",
}


@pytest.fixture(scope="module")
def outlets() -> dict[str, Outlet]:
    return {path.stem: read_model(path, Outlet) for path in FILES}


def is_article(outlet: Outlet, url: str) -> bool:
    return any(re.search(pattern, url) for pattern in outlet.article_urls) and not any(
        re.search(pattern, url) for pattern in outlet.not_article_urls
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_file_reads_and_is_named_by_its_id(path: Path) -> None:
    assert read_model(path, Outlet).id == path.stem


def test_the_core_press_is_there(outlets: dict[str, Outlet]) -> None:
    assert outlets.keys() >= set(OLD_FORMS) | {"xaydungchinhsach"}


def test_no_two_outlets_share_a_host_or_an_address(outlets: dict[str, Outlet]) -> None:
    hosts = Counter(domain.host for outlet in outlets.values() for domain in outlet.domains)
    sources = Counter(source.url for outlet in outlets.values() for source in outlet.feeds + outlet.sitemaps)
    assert [name for name, count in (hosts + sources).items() if count > 1] == []


def test_each_outlet_is_reached_by_a_live_feed_on_its_own_host(outlets: dict[str, Outlet]) -> None:
    for outlet in outlets.values():
        live = [feed for feed in outlet.feeds if feed.enabled]
        assert live, outlet.id
        for source in (*outlet.feeds, *outlet.sitemaps):
            assert urlsplit(source.url).netloc in outlet.hosts, source.url


def test_each_verification_says_when(outlets: dict[str, Outlet]) -> None:
    for outlet in outlets.values():
        for source in (*outlet.feeds, *outlet.sitemaps):
            assert source.verified is None or re.search(r"\b20\d\d\b", source.verified), source.url


def test_the_governments_own_channels_are_apart_from_the_press(outlets: dict[str, Outlet]) -> None:
    own = {outlet.id for outlet in outlets.values() if outlet.kind == "own"}
    assert own == {"baochinhphu", "xaydungchinhsach"}


def test_no_outlet_is_called_core_before_the_list_of_i_1_is_supplied(outlets: dict[str, Outlet]) -> None:
    assert [outlet.id for outlet in outlets.values() if outlet.core] == []


def test_rolls_up_to_names_an_outlet(outlets: dict[str, Outlet]) -> None:
    assert {outlet.rolls_up_to for outlet in outlets.values()} <= {None, *outlets}


@pytest.mark.parametrize("name", OLD_FORMS)
def test_an_address_of_the_plans_months_is_an_article(outlets: dict[str, Outlet], name: str) -> None:
    assert normalize_url(OLD_FORMS[name]) == OLD_FORMS[name]
    assert is_article(outlets[name], OLD_FORMS[name])
    assert urlsplit(OLD_FORMS[name]).netloc in outlets[name].hosts


@pytest.mark.parametrize("name", SECTIONS)
def test_home_section_and_feed_pages_are_no_articles(outlets: dict[str, Outlet], name: str) -> None:
    home = f"https://{outlets[name].domains[0].host}"
    pages = [home, f"{home}/", home + SECTIONS[name], *(feed.url for feed in outlets[name].feeds)]
    assert [page for page in pages if is_article(outlets[name], page)] == []


def test_an_article_belongs_to_one_outlet_only(outlets: dict[str, Outlet]) -> None:
    for name, url in OLD_FORMS.items():
        assert [outlet.id for outlet in outlets.values() if is_article(outlet, url)] == [name]


def test_nguoi_lao_dong_in_the_folder_of_tuoi_tre_is_not_tuoi_tre(outlets: dict[str, Outlet]) -> None:
    assert not is_article(outlets["tuoitre"], "https://tuoitre.vn/nld/kinh-te/dich-vu-20211209101112345.htm")
    assert not is_article(outlets["tuoitre"], "https://tuoitre.vn/nld/them-dich-vu-196260709101112345.htm")


@NEEDS_PRESS
@pytest.mark.press
def test_patterns_match_the_articles_that_feeds_announced_in_2026(outlets: dict[str, Outlet]) -> None:
    links: dict[str, list[str]] = defaultdict(list)
    with gzip.open(PRESS / "feed-items-2026.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            item = json.loads(line)
            links[item["outlet"]].append(normalize_url(item["link"]) or item["link"])
    assert links.keys() == IDS.keys() | NOT_WATCHED
    for name, identity in IDS.items():
        matched = sum(is_article(outlets[identity], link) for link in links[name])
        foreign = [link for link in links[name] if urlsplit(link).netloc not in outlets[identity].hosts]
        print(f"{identity}: {matched}/{len(links[name])}")
        assert matched >= 0.99 * len(links[name]), identity
        assert foreign == [], identity


@NEEDS_PRESS
@pytest.mark.press
def test_patterns_tell_articles_from_sections_on_genuine_pages(outlets: dict[str, Outlet]) -> None:
    """In the menus of genuine home and section pages an address without four digits in a row is a section."""
    by_host = {host: outlet for outlet in outlets.values() for host in outlet.hosts}
    menu, articles = 0, 0
    for path in sorted((PRESS / "genuine").glob("*.html.gz")):
        home = f"https://{path.name.split('-')[1]}/"
        page = gzip.decompress(path.read_bytes()).decode("utf-8", errors="replace")
        for href in set(re.findall(r'href="([^"]+)"', page)):
            link = normalize_url(html.unescape(href), home)
            outlet = by_host.get(urlsplit(link).netloc) if link else None
            if link is None or outlet is None:
                continue
            if re.search(r"\d{4}", link):
                articles += is_article(outlet, link)
            else:
                menu += 1
                assert not is_article(outlet, link), link
    assert menu > 500
    assert articles > 300


def test_the_guide_names_every_key_and_its_example_is_a_right_file(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "outlet.md").read_text(encoding="utf-8")
    for model in (Outlet, Source, Domain, Layout, Proof, Volume):
        assert [key for key in model.model_fields if not re.search(rf"\b{key}\b", guide)] == []
    example = re.search(r"```yaml\n(.*?)```", guide, re.DOTALL)
    assert example
    path = tmp_path / "bao_mau.yaml"
    path.write_text(example[1], encoding="utf-8")
    outlet = read_model(path, Outlet)
    assert is_article(outlet, "https://baomau.vn/mot-bai-bao-post123456.html")
    assert not is_article(outlet, "https://baomau.vn/su-kien/mot-bai-bao-post123456.html")


def test_the_guide_explains_every_source_the_files_cite() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "outlet.md").read_text(encoding="utf-8")
    cited = {code for path in FILES for code in re.findall(r"\bE\d{1,2}\b", path.read_text(encoding="utf-8"))}
    explained = set(re.findall(r"\bE\d{1,2}\b", guide.partition("| code | source |")[2]))
    assert cited <= explained


def test_selector_that_the_parser_does_not_know_is_refused_before_the_night(tmp_path: Path) -> None:
    file = tmp_path / "baothu.yaml"
    file.write_text(
        "id: baothu\nname: Báo Thử\ngoverning_body: Không\nkind: press\ntier: central\n"
        "domains: [{host: baothu.vn}]\narticle_urls: [html]\n"
        "layouts:\n  - id: baothu-1\n    title: h1\n    body: 'h1[['\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match=r"baothu\.yaml:11:\d+: layouts\.0\.body: not a CSS selector"):
        read_model(file, Outlet)
