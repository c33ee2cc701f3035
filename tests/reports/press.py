"""A press invented for these tests: a published database of 11/2020, 06/2021 and 07/2021, and nothing between."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb

from config.plan import Plan
from config.report import Report
from config.yaml_file import read_model

ROOT = Path(__file__).parents[2]
WAREHOUSE = ROOT / "warehouse"
REPORT = read_model(ROOT / "config" / "report.yaml", Report)
PLAN = read_model(ROOT / "config" / "plan.yaml", Plan)
VIETNAM = dt.timezone(dt.timedelta(hours=7))
NOW = dt.datetime(2021, 8, 4, 8, 0, tzinfo=VIETNAM)

HOSTILE_TITLE = "<script>alert('x')</script> Cổng\r\nBcc: kẻ lạ <x@y.vn>\n\nVII. KIẾN NGHỊ \u202egiả"

#: outlet: name, kind, tier
OUTLETS = {
    "alpha": ("Báo An Bình", "press", "central"),
    "beta": ("Báo Đất Mới", "press", "central"),
    "gamma": ("Tạp chí Ngành Gỗ", "press", "ministry"),
    "delta": ("Báo Đồng Xanh", "press", "local"),
    "quiet": ("Báo Yên Lặng", "press", "local"),
    "off": ("Báo Chưa Mở", "press", "local"),
    "gov": ("Báo Điện tử Chính phủ", "own", "central"),
    "mix": ("Trang Góp Tin", "aggregator", "central"),
}
TOPICS = [
    ("portal", "national", True, False, "Cổng Dịch vụ công quốc gia", "Cổng Dịch vụ công quốc gia"),
    ("portal", "ministry", False, False, "Cổng Dịch vụ công quốc gia", "Cổng dịch vụ công của bộ, ngành"),
    ("portal", "unspecified", False, True, "Cổng Dịch vụ công quốc gia", "Chưa xác định"),
    ("nq68", "nq68-2020", True, False, "Nghị quyết số 68/NQ-CP", "Nghị quyết số 68/NQ-CP ngày 12/5/2020"),
    ("nq68", "nq68-covid-2021", False, False, "Nghị quyết số 68/NQ-CP", "Nghị quyết số 68/NQ-CP ngày 01/7/2021"),
    ("nq68", "unresolved", False, True, "Nghị quyết số 68/NQ-CP", "Chưa xác định"),
]


class Press:
    """Inserts what the pipeline would load."""

    def __init__(self, path: Path) -> None:
        self.con = duckdb.connect(str(path))
        self.con.execute("SET TimeZone = 'Asia/Ho_Chi_Minh'")
        for folder in ("migrations", "views"):
            for file in sorted((WAREHOUSE / folder).glob("*.sql")):
                self.con.execute(file.read_text(encoding="utf-8"))
        self.con.executemany("INSERT INTO topics VALUES (?, ?, ?, ?, ?, ?)", TOPICS)
        for key, (name, kind, tier) in OUTLETS.items():
            owner = f"Chủ quản của {name}"
            self.con.execute(
                "INSERT INTO outlets (outlet_id, name, governing_body, kind, tier, language, layouts)"
                " VALUES (?, ?, ?, ?, ?, 'vi', 0)",
                [key, name, owner, kind, tier],
            )
            verified = None if key == "off" else "seen"
            self.con.execute("INSERT INTO feeds VALUES (?, ?, 'feed', NULL, ?)", [key, feed_url(key), verified])
        for position, activity in enumerate(PLAN.activities, 1):
            self.con.execute(
                "INSERT INTO plan_activities VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    activity.id,
                    position,
                    PLAN.groups[activity.group],
                    activity.activity,
                    activity.start,
                    activity.end,
                    activity.lead,
                    activity.partners,
                    activity.results,
                    activity.observable,
                    activity.topics,
                    activity.target,
                ],
            )

    def article(
        self,
        key: str,
        outlet: str,
        when: str,
        *,
        title: str = "Một ngày bình thường",
        story: str | None = None,
        mentions: tuple[tuple[str, str, str, str, str], ...] = (),
        activities: tuple[str, ...] = (),
        url: str | None = None,
        dated: bool = True,
        withdrawn: bool = False,
    ) -> None:
        """`mentions`: (topic, sense, form, field, sentence)."""
        at = dt.datetime.fromisoformat(when).replace(tzinfo=VIETNAM)
        seen = at + dt.timedelta(hours=10)
        version = f"{key}-v1"
        self.con.execute(
            "INSERT INTO article_versions (version_id, article_id, captured_at, archive_file, archive_offset,"
            " payload_digest, title, sapo, body, captions, authors, section, published_at, modified_at, canonical_url,"
            " layout, word_count, body_hash)"
            " VALUES (?, ?, ?, ?, 100, 'sha1:X', ?, NULL, 'Nội dung.', NULL, [], NULL, ?, NULL, NULL, 'layout', 300,"
            " ?)",
            [version, key, seen, f"archive/{key}.warc.gz", title, at if dated else None, story or key],
        )
        address, gone = url or f"https://{outlet}.example/{key}", seen if withdrawn else None
        self.con.execute(
            "INSERT INTO article_heads (article_id, outlet_id, url, version_id, first_seen_at, last_seen_at,"
            " withdrawn_at, published_at, collection) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'live')",
            [key, outlet, address, version, seen if dated else at, seen, gone, at if dated else None],
        )
        self.con.execute("INSERT INTO story_members (article_id, story_id) VALUES (?, ?)", [key, story or key])
        for number, (topic, sense, form, field, sentence) in enumerate(mentions):
            self.con.execute(
                "INSERT INTO version_mentions VALUES (?, ?, ?, ?, ?, 'x', ?, ?, ?, 0.9, 'test', ?, 0)",
                [f"{version}-{number}", version, field, number, number + 1, topic, sense, form, sentence],
            )
        for activity in activities:
            self.con.execute(
                "INSERT INTO version_facets VALUES (?, 'activity', ?, 'body', 0, 1, 'x')", [version, activity]
            )

    def night(self, outlet: str, day: dt.date, pages: dict[str, str], feed: str = "ok", mode: str = "live") -> None:
        """A crawl at 01:30 on the day after `day`; `pages`: article or address, with its outcome."""
        at = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(1, 30), VIETNAM)
        run, file = f"run-{day}", f"archive/{day}-{outlet}.warc.gz"
        self.con.execute(
            "INSERT INTO crawls VALUES (?, ?, ?, ?, ?, ?, ?, 'finished', ?, [])",
            [file, run, outlet, mode, at, at, at, feed == "ok"],
        )
        self.con.execute(
            "INSERT INTO fetches (archive_file, run_id, outlet_id, url, kind, announced, relook, listed, items,"
            " crawled, outcome, reason, status) VALUES (?, ?, ?, ?, 'feed', false, false, true, 1, ?, ?, ?, 200)",
            [file, run, outlet, feed_url(outlet), feed, feed, None if feed == "ok" else "timeout"],
        )
        noon = dt.datetime.combine(day, dt.time(12), VIETNAM)
        for key, outcome in pages.items():
            self.con.execute(
                "INSERT INTO fetches (archive_file, run_id, outlet_id, url, kind, article_id, announced, relook,"
                " announced_at, listed, crawled, outcome, status)"
                " VALUES (?, ?, ?, ?, 'page', ?, true, false, ?, false, 'fetched', ?, 200)",
                [file, run, outlet, f"https://{outlet}.example/{key}", key, noon, outcome],
            )


def feed_url(outlet: str) -> str:
    return f"https://{outlet}.example/rss"


PORTAL_TITLE = ("portal", "national", "name", "title", "Cổng Dịch vụ công quốc gia có thêm dịch vụ.")
PORTAL_BODY = ("portal", "national", "name", "body", "Người dân nộp hồ sơ trên Cổng Dịch vụ công quốc gia.")
NQ68_NUMBER = ("nq68", "nq68-2020", "number", "title", "Nghị quyết số 68/NQ-CP ngày 12/5/2020 được triển khai.")
NQ68_PHRASE = ("nq68", "nq68-2020", "phrase", "body", "Chương trình cắt giảm, đơn giản hóa quy định kinh doanh.")
NQ68_COVID = ("nq68", "nq68-covid-2021", "number", "body", "Nghị quyết 68 hỗ trợ người lao động khó khăn.")
NQ68_UNCLEAR = ("nq68", "unresolved", "number", "body", "Theo Nghị quyết 68, các đơn vị phải báo cáo.")


def fill(press: Press) -> None:
    """July 2021, press: a1, a2, a3, b1, b2, g1 name a target; own: v1; aggregator: m1. June: j1, j2. November: n1."""
    press.article("n1", "alpha", "2020-11-20 09:00", mentions=(PORTAL_TITLE,), activities=("II.1",))
    press.article("j1", "alpha", "2021-06-10 09:00", mentions=(PORTAL_TITLE,), story="s-june")
    press.article("j2", "beta", "2021-06-30 23:59", mentions=(NQ68_NUMBER,))

    press.article(
        "a1",
        "alpha",
        "2021-07-01 00:00",
        title="Dịch vụ mới",
        mentions=(PORTAL_TITLE, PORTAL_BODY),
        story="s1",
        activities=("II.1", "II.2"),
    )
    press.article("a2", "alpha", "2021-07-05 08:30", title=HOSTILE_TITLE, mentions=(PORTAL_TITLE, NQ68_PHRASE))
    press.article("a3", "alpha", "2021-07-31 23:59", mentions=(NQ68_NUMBER,), activities=("III.1", "I.3"))
    press.article("b1", "beta", "2021-07-01 07:00", title="Dịch vụ mới", mentions=(PORTAL_BODY,), story="s1")
    # A reprint of June's text: an article of July, a story of June.
    press.article("b2", "beta", "2021-07-02 07:00", mentions=(PORTAL_TITLE,), story="s-june")
    press.article("g1", "gamma", "2021-07-09 10:00", mentions=(PORTAL_BODY,), url="javascript:alert(1)", withdrawn=True)
    press.article("c1", "gamma", "2021-07-10 10:00", mentions=(NQ68_COVID,))
    press.article("u1", "gamma", "2021-07-11 10:00", mentions=(NQ68_UNCLEAR,), dated=False)
    press.article("v1", "gov", "2021-07-01 06:00", title="Dịch vụ mới", mentions=(PORTAL_TITLE,), story="s1")
    press.article("m1", "mix", "2021-07-01 12:00", title="Dịch vụ mới", mentions=(PORTAL_TITLE,), story="s1")
    # August begins where July ends, by the clock of Viet Nam.
    press.article("z1", "alpha", "2021-08-01 00:00", mentions=(PORTAL_TITLE,))
    for number in range(3):
        press.article(f"q{number}", "quiet", f"2021-07-0{number + 1} 09:00")
    for number in range(6):
        press.article(f"x{number}", "alpha", f"2021-07-1{number} 09:00")

    press.con.execute(
        "INSERT INTO plan_entries (activity_id, position, month, result, unit, document, dated) VALUES"
        " ('II.1', 1, '2021-07', 'In 5.000 tờ rơi', 'Sở Thử', 'Báo cáo 1/BC-ST', '2021-07-30'),"
        " ('II.1', 2, '2021-08', 'In thêm', 'Sở Thử', 'Báo cáo 2/BC-ST', '2021-08-30')"
    )
    press.con.execute(
        "INSERT INTO outcomes (position, indicator, month, value, unit, document, dated) VALUES"
        " (1, 'Tài khoản', '2021-06', '900.000', 'Cục Thử', 'Báo cáo 3/BC-CT', '2021-07-01'),"
        " (2, 'Tài khoản', '2021-07', '1.000.000', 'Cục Thử', 'Báo cáo 4/BC-CT', '2021-08-01'),"
        " (3, 'Tài khoản', '2021-08', '1.100.000', 'Cục Thử', 'Báo cáo 5/BC-CT', '2021-09-01')"
    )
    press.con.execute(
        "INSERT INTO difficulties (position, article, difficulty, agency, reply) VALUES"
        " (1, 'a1', 'Không đăng nhập được', 'Bộ Thử', ''),"
        " (2, 'https://beta.example/b1', 'Hồ sơ trả chậm', 'Sở Thử', 'Đã trả lời ngày 20/7/2021'),"
        " (3, 'j1', 'Của tháng trước', 'Sở Thử', ''),"
        " (4, 'https://la.example/x', 'Bài chưa có', 'Sở Thử', '')"
    )

    by_outlet_and_day: dict[tuple[str, dt.date], dict[str, str]] = {}
    dated = press.con.execute(
        "SELECT outlet_id, CAST(counted_at AS DATE), article_id FROM articles WHERE outlet_id IN ('alpha', 'quiet')"
    ).fetchall()
    for outlet, day, key in dated:
        by_outlet_and_day.setdefault((outlet, day), {})[key] = "new"
    for month, days in ((6, 30), (7, 31)):
        for number in range(1, days + 1):
            day = dt.date(2021, month, number)
            for outlet in ("alpha", "quiet"):
                press.night(outlet, day, by_outlet_and_day.get((outlet, day), {}))
            # beta's feed is dead; gamma loses half of its pages.
            press.night("beta", day, {}, feed="failed")
    press.night("gamma", dt.date(2021, 7, 9), {"g1": "new", "lost": "failed"})
