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
import yaml

from archive.urls import normalize_url
from config.errors import ConfigError
from config.load import load_config, write_editable
from config.outlets import Domain, Layout, Outlet, Proof, Source, Volume
from config.yaml_file import read_model

FILES = sorted((Path(__file__).parents[2] / "config" / "outlets").glob("*.yaml"))
SHARED = Path(__file__).parents[2].parent / "shared"
PRESS, CATALOGUE = SHARED / "press", SHARED / "outlets.yaml"
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
    "Kênh 14": "kenh14",
}
NOT_WATCHED = {"BBC News Tiếng Việt"}
# The catalogue's sample of provincial papers is one file a paper here.
LOCAL_SAMPLE = {"baohaiduong", "baohatinh", "baolaocai", "baogialai", "gialaitv", "baolaichau"}

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
    "cafef": "https://cafef.vn/them-dich-vu-len-cong-20201209101112345.chn",
    "vnexpress": "https://vnexpress.net/thoi-su/them-dich-vu-len-cong-4201234.html",
    "qdnd": "https://www.qdnd.vn/chinh-tri/tin-tuc/them-dich-vu-len-cong-645678",
    "dangcongsan": "https://dangcongsan.vn/thoi-su/them-dich-vu-len-cong-567890.html",
    "vtcnews": "https://vtcnews.vn/them-dich-vu-len-cong-ar585432.html",
    "nld": "https://nld.com.vn/thoi-su/them-dich-vu-len-cong-20201209101112345.htm",
    "laodong": "https://laodong.vn/thoi-su/them-dich-vu-len-cong-861234.ldo",
    "plo": "https://plo.vn/thoi-su/them-dich-vu-len-cong-951234.html",
    "baophapluat": "https://baophapluat.vn/them-dich-vu-len-cong-post371234.html",
    "giaothong": "https://www.baogiaothong.vn/them-dich-vu-len-cong-d491234.html",
    "diendandoanhnghiep": "https://enternews.vn/them-dich-vu-len-cong-187654.html",
    "congluan": "https://congluan.vn/them-dich-vu-len-cong-post108765.html",
    "suckhoedoisong": "https://suckhoedoisong.vn/them-dich-vu-len-cong-n183456.html",
    "ictnews": "https://ictnews.vietnamnet.vn/chuyen-doi-so/them-dich-vu-len-cong-271234.html",
    "baodauthau": "https://baodauthau.vn/them-dich-vu-len-cong-post98765.html",
    "baohaiduong": "https://baohaiduong.vn/print/205978.html",
    "baohatinh": "https://baohatinh.vn/chinh-sach-xa-hoi/them-dich-vu-len-cong/217432.htm",
    "baolaichau": "https://baolaichau.vn/chinh-tri/them-dich-vu-cong-len-cong-quoc-gia",
    "baonghean": "https://baonghean.vn/them-dich-vu-len-cong-10230687.html",
    "baoquangnam": "https://baoquangnam.vn/xa-hoi/them-dich-vu-len-cong-116413.html",
    "saigontimes": "https://www.thesaigontimes.vn/311234/them-dich-vu-len-cong.html",
    "kenh14": "https://kenh14.vn/them-dich-vu-len-cong-20201209101112345.chn",
    "soha": "https://soha.vn/them-dich-vu-len-cong-20201209101112345.htm",
    "cafebiz": "https://cafebiz.vn/them-dich-vu-len-cong-20201209101112345.chn",
    "genk": "https://genk.vn/them-dich-vu-len-cong-20201209101112345.chn",
    "news24h": "https://www.24h.com.vn/tin-tuc-trong-ngay/them-dich-vu-len-cong-c46a1209123.html",
    "vietstock": "https://vietstock.vn/2020/12/them-dich-vu-len-cong-761-812345.htm",
    "vietnambiz": "https://vietnambiz.vn/them-dich-vu-len-cong-20201209101112345.htm",
    "vietnamplus_en": "https://en.vietnamplus.vn/more-services-on-the-portal/192345.vnp",
    "vnexpress_en": "https://e.vnexpress.net/news/news/more-services-on-the-portal-4201235.html",
    "vietnamnews": "https://vietnamnews.vn/society/823456/more-services-on-the-portal.html",
    "tuoitre_en": "https://tuoitrenews.vn/news/society/20201209/more-services-on-the-portal/58123.html",
    "baochinhphu_en": "https://en.baochinhphu.vn/more-services-on-the-portal-11139078.htm",
    "vir": "https://vir.com.vn/more-services-on-the-portal-81234.html",
}  # fmt: skip

# For outlets whose form in the plan's months isn't evidenced: the form of today.
NEW_FORMS = {
    "xaydungchinhsach": "https://xaydungchinhsach.chinhphu.vn/them-dich-vu-len-cong-119260709101112345.htm",
    "chinhphu_portal": "https://vpcp.chinhphu.vn/them-dich-vu-len-cong-115221225123659938.htm",
    "vnanet": "https://vnanet.vn/vi/anh/anh-chuyen-de-1053/them-dich-vu-len-cong-7418816.html",
    "bnews": "https://bnews.vn/them-dich-vu-len-cong/432563.html",
    "daibieunhandan": "https://daibieunhandan.vn/them-dich-vu-len-cong-10356592.html",
    "kinhtedothi": "https://kinhtedothi.vn/them-dich-vu-len-cong.html",
    "daidoanket": "https://daidoanket.vn/them-dich-vu-len-cong-10299975.html",
    "nongnghiep": "https://nongnghiepmoitruong.vn/them-dich-vu-len-cong-d826039.html",
    "baolaocai": "https://baolaocai.vn/them-dich-vu-len-cong-post902925.html",
    "baogialai": "https://baogialai.com.vn/them-dich-vu-len-cong-post567796.html",
    "gialaitv": "https://gialaitv.vn/them-dich-vu-cong-len-cong-quoc-gia/",
    "laodongthudo": "https://laodongthudo.vn/them-dich-vu-len-cong-191568.html",
    "nhandan_en": "https://en.nhandan.vn/more-services-on-the-portal-post157134.html",
    "laodong_en": "https://news.laodong.vn/thoi-su/more-services-on-the-portal-1515877.ldo",
    "vneconomy_en": "https://en.vneconomy.vn/more-services-on-the-portal.htm",
    "daibieunhandan_en": "https://en.daibieunhandan.vn/more-services-on-the-portal-post290049.html",
    "dantri_en": "https://dtinews.dantri.com.vn/vietnam-today/more-services-on-the-portal-20260714090606170.htm",
}

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
    "vnexpress": "/thoi-su/chinh-tri",
    "cafef": "/thi-truong-chung-khoan.chn",
    "chinhphu_portal": "/van-ban-phap-luat.htm",
    "vnanet": "/vi/tin/thoi-su-the-gioi-3/",
    "bnews": "/kinh-te/",
    "qdnd": "/kinh-te/tin-tuc",
    "daibieunhandan": "/kinh-te",
    "dangcongsan": "/thoi-su",
    "vtcnews": "/khoa-hoc-cong-nghe-82.html",
    "nld": "/danh-cho-ban-doc-vip/chuyen-thuong-truong.htm",
    "laodong": "/xa-hoi",
    "kinhtedothi": "/doanh-nghiep/khoi-nghiep",
    "plo": "/ban-doc/y-kien-ban-doc/",
    "baophapluat": "/chuyen-muc/tu-phap-va-phap-luat.html",
    "giaothong": "/luat-giao-thong-duong-bo-2019-channel362/",
    "diendandoanhnghiep": "/doanh-nghiep-doanh-nhan",
    "congluan": "/truyen-thong-the-gioi.html",
    "daidoanket": "/phap-luat.html",
    "nongnghiep": "/gia-heo-hoi-hom-nay-tag90954/",
    "suckhoedoisong": "/thoi-su-y-te.htm",
    "ictnews": "/chuyen-doi-so/",
    "baodauthau": "/phap-luat/",
    "baohaiduong": "/chuyen-muc/nong-nghiep",
    "baohatinh": "/cong-cu/diem-chuan/",
    "baolaocai": "/kinh-te/",
    "baogialai": "/kinh-te/",
    "gialaitv": "/category/thoi-su/truyen-hinh/page/2",
    "baolaichau": "/the-thao/trong-nuoc",
    "baonghean": "/gia-vang-hom-nay",
    "baoquangnam": "/thue-quang-nam/",
    "laodongthudo": "/cong-doan",
    "saigontimes": "/tai-chinh-ngan-hang/ngan-hang/",
    "kenh14": "/doi-song/nhan-vat.chn",
    "soha": "/xu-huong-thoi-trang-xuan-he-2012-t108.htm",
    "cafebiz": "/cong-nghe.chn",
    "genk": "/dien-thoai.chn",
    "news24h": "/bong-da-c48.html",
    "vietstock": "/144/chung-khoan.htm",
    "vietnambiz": "/gia-vang-doji.html",
    "vietnamplus_en": "/politics/asean.vnp",
    "nhandan_en": "/politics/",
    "vnexpress_en": "/news/business",
    "vietnamnews": "/politics-laws",
    "laodong_en": "/thoi-su/",
    "tuoitre_en": "/politics.htm",
    "vneconomy_en": "/banking-finance.htm",
    "daibieunhandan_en": "/politics",
    "baochinhphu_en": "/print/more-services-on-the-portal-111230602162014686.htm",
    "dantri_en": "/vietnam-today.htm",
    "vir": "/investing",
}


@pytest.fixture(scope="module")
def outlets() -> dict[str, Outlet]:
    return {path.stem: read_model(path, Outlet) for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_file_reads_and_is_named_by_its_id(path: Path) -> None:
    assert read_model(path, Outlet).id == path.stem


def test_each_outlet_has_an_example_of_an_article_and_of_a_section(outlets: dict[str, Outlet]) -> None:
    assert set(OLD_FORMS) | set(NEW_FORMS) == set(outlets)
    assert set(OLD_FORMS) & set(NEW_FORMS) == set()
    assert set(SECTIONS) == set(outlets)


@pytest.mark.skipif(not CATALOGUE.is_file(), reason="needs ../shared/outlets.yaml")
def test_every_outlet_of_the_catalogue_has_a_file(outlets: dict[str, Outlet]) -> None:
    listed = {entry["id"] for entry in yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))["outlets"]}
    assert (listed - {"local_sample"}) | LOCAL_SAMPLE <= set(outlets)


def test_no_two_outlets_share_a_host_or_an_address(outlets: dict[str, Outlet]) -> None:
    hosts = Counter(domain.host for outlet in outlets.values() for domain in outlet.domains)
    sources = Counter(source.url for outlet in outlets.values() for _, source in outlet.sources)
    assert [name for name, count in (hosts + sources).items() if count > 1] == []


def test_each_source_is_on_a_host_of_its_outlet(outlets: dict[str, Outlet]) -> None:
    for outlet in outlets.values():
        for _, source in outlet.sources:
            assert urlsplit(source.url).netloc in outlet.hosts, source.url


def test_an_outlet_with_a_verified_source_is_reached_by_a_live_feed(outlets: dict[str, Outlet]) -> None:
    for outlet in outlets.values():
        if any(source.enabled for _, source in outlet.sources):
            assert any(feed.enabled for feed in outlet.feeds), outlet.id


def test_the_outlets_that_the_plan_relies_on_are_reached(outlets: dict[str, Outlet]) -> None:
    reached = {outlet.id for outlet in outlets.values() if any(source.enabled for _, source in outlet.sources)}
    assert reached >= {"baochinhphu", "nhandan", "vietnamplus", "vov", "vtv", "vnexpress", "tuoitre", "thanhnien"}


def test_an_outlet_beyond_reach_says_why_and_since_when_in_vietnamese_and_is_never_asked(
    outlets: dict[str, Outlet],
) -> None:
    beyond = {outlet.id: outlet for outlet in outlets.values() if outlet.beyond_reach}
    assert beyond.keys() == {"laodong", "nld", "qdnd"}
    for outlet in beyond.values():
        why = outlet.beyond_reach or ""
        assert re.match(r"Ngoài khả năng theo dõi: \S", why), outlet.id
        assert why.endswith("."), outlet.id
        assert re.search(r"20\d\d \(E\d+\)", why), outlet.id
        assert not any(source.enabled for _, source in outlet.sources), outlet.id


def test_mirrors_lead_to_one_canonical_address(outlets: dict[str, Outlet]) -> None:
    mirrors = 0
    for outlet in outlets.values():
        for domain in outlet.domains:
            one = outlet.canonical(f"https://{domain.host}/mot-bai-post1234567.html?trang=2")
            assert outlet.canonical(one) == one
            assert urlsplit(one).netloc in outlet.hosts
            if domain.mirrors:
                mirrors += 1
                assert one == f"https://{domain.mirrors}/mot-bai-post1234567.html?trang=2"
    assert mirrors > 5


@pytest.mark.parametrize(
    ("name", "met", "known"),
    [
        ("znews", "https://zingnews.vn/mot-bai-post1162345.html", "https://znews.vn/mot-bai-post1162345.html"),
        ("tienphong", "https://www.tienphong.vn/mot-bai-1754321.tpo", "https://tienphong.vn/mot-bai-1754321.tpo"),
        ("sggp", "https://sggp.org.vn/mot-bai-post868361.html", "https://www.sggp.org.vn/mot-bai-post868361.html"),
        ("nhandan", "https://nhandan.com.vn/tin/mot-bai-645678/", "https://nhandan.vn/tin/mot-bai-645678/"),
        ("cand", "https://cand.com.vn/Xa-hoi/mot-bai-623456/", "https://cand.com.vn/Xa-hoi/mot-bai-623456/"),
    ],
)
def test_an_article_met_at_two_hosts_is_one_only_where_the_paths_are_the_same(
    outlets: dict[str, Outlet], name: str, met: str, known: str
) -> None:
    assert outlets[name].canonical(met) == known
    assert outlets[name].is_article(met)
    assert outlets[name].is_article(known)


def test_patterns_and_layouts_are_whole(outlets: dict[str, Outlet]) -> None:
    for outlet in outlets.values():
        for pattern in outlet.article_urls:
            assert re.match(r"\^https\??://", pattern), pattern
            assert pattern.endswith("$"), pattern
        assert len({layout.id for layout in outlet.layouts}) == len(outlet.layouts), outlet.id


def test_each_verification_says_when(outlets: dict[str, Outlet]) -> None:
    for outlet in outlets.values():
        for _, source in outlet.sources:
            assert source.verified is None or re.search(r"\b20\d\d\b", source.verified), source.url


def test_the_governments_own_channels_are_apart_from_the_press(outlets: dict[str, Outlet]) -> None:
    own = {outlet.id for outlet in outlets.values() if outlet.kind == "own"}
    assert own == {"baochinhphu", "baochinhphu_en", "chinhphu_portal", "xaydungchinhsach"}


def test_no_outlet_is_called_core_before_the_list_of_i_1_is_supplied(outlets: dict[str, Outlet]) -> None:
    assert [outlet.id for outlet in outlets.values() if outlet.core] == []


def test_an_outlet_rolls_up_to_a_press_agency_that_stands_alone(outlets: dict[str, Outlet]) -> None:
    for outlet in outlets.values():
        if outlet.rolls_up_to:
            assert outlets[outlet.rolls_up_to].rolls_up_to is None, outlet.id
            assert outlets[outlet.rolls_up_to].language == "vi", outlet.id
            assert outlets[outlet.rolls_up_to].kind == outlet.kind, outlet.id


def test_an_edition_in_english_has_no_host_of_the_vietnamese_one(outlets: dict[str, Outlet]) -> None:
    english = [outlet for outlet in outlets.values() if outlet.id.endswith("_en")]
    assert english
    for outlet in english:
        assert outlet.language == "en"
        assert outlet.rolls_up_to == outlet.id.removesuffix("_en")


@pytest.mark.parametrize("name", OLD_FORMS)
def test_an_address_of_the_plans_months_is_an_article(outlets: dict[str, Outlet], name: str) -> None:
    assert normalize_url(OLD_FORMS[name]) == OLD_FORMS[name]
    assert outlets[name].is_article(OLD_FORMS[name])
    assert urlsplit(OLD_FORMS[name]).netloc in outlets[name].hosts


@pytest.mark.parametrize("name", NEW_FORMS)
def test_an_address_of_today_is_an_article(outlets: dict[str, Outlet], name: str) -> None:
    assert normalize_url(NEW_FORMS[name]) == NEW_FORMS[name]
    assert outlets[name].is_article(NEW_FORMS[name])
    assert urlsplit(NEW_FORMS[name]).netloc in outlets[name].hosts


@pytest.mark.parametrize("name", SECTIONS)
def test_home_section_and_feed_pages_are_no_articles(outlets: dict[str, Outlet], name: str) -> None:
    home = f"https://{outlets[name].domains[0].host}"
    pages = [home, f"{home}/", home + SECTIONS[name], *(source.url for _, source in outlets[name].sources)]
    assert [page for page in pages if outlets[name].is_article(page)] == []


def test_an_article_belongs_to_one_outlet_only(outlets: dict[str, Outlet]) -> None:
    for name, url in (OLD_FORMS | NEW_FORMS).items():
        assert [outlet.id for outlet in outlets.values() if outlet.is_article(url)] == [name]


def test_nguoi_lao_dong_in_the_folder_of_tuoi_tre_is_not_tuoi_tre(outlets: dict[str, Outlet]) -> None:
    assert not outlets["tuoitre"].is_article("https://tuoitre.vn/nld/kinh-te/dich-vu-20211209101112345.htm")
    assert not outlets["tuoitre"].is_article("https://tuoitre.vn/nld/them-dich-vu-196260709101112345.htm")


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
        matched = sum(outlets[identity].is_article(link) for link in links[name])
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
                articles += outlet.is_article(link)
            else:
                menu += 1
                assert not outlet.is_article(link), link
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
    assert outlet.is_article("https://baomau.vn/mot-bai-bao-post123456.html")
    assert not outlet.is_article("https://baomau.vn/su-kien/mot-bai-bao-post123456.html")


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


def test_families_come_behind_an_outlets_own_layouts_and_an_unknown_one_is_named(tmp_path: Path) -> None:
    write_editable(tmp_path)
    outlet = next(outlet for outlet in load_config(tmp_path).outlets if outlet.id == "nhandan")
    assert [layout.id for layout in outlet.layouts] == ["nhandan-2019", "epi-cms"]
    file = tmp_path / "outlets" / "nhandan.yaml"
    file.write_text(file.read_text("utf-8").replace("families: [epi-cms]", "families: [epi]"), "utf-8")
    with pytest.raises(ConfigError, match=r"nhandan\.yaml:1:1: families: no .epi. in layouts\.yaml; it has"):
        load_config(tmp_path)
