"""What needs an operator: looked at every morning and by `diembao status`, told in Vietnamese by mail, in English here.

Whatever can't be looked at is itself a finding: a broken journal or database must not keep the others from being told.
"""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from archive.checkup import check_index
from archive.manifest import archive_files
from archive.verify import verify
from config.clock import VIETNAM
from config.errors import Problem
from config.schedule import Schedule
from reports import ledger
from schedules.due import NIGHT_ATTEMPTS, at, attempts, beginning, believed, newest_day, open_nights
from schedules.ledger import Line, read_ledger
from warehouse.checkup import check_journal
from warehouse.journal import JournalError
from warehouse.published import NotPublished, open_published, published_path

Kind = Literal[
    "night",
    "night_failures",
    "nothing_new",
    "silent",
    "drift",
    "disk",
    "archive",
    "unpublished",
    "mail",
    "job",
    "journal",
    "clock",
    "unreadable",
    "by_hand",
]
#: They are told, and `status` shows them, but nobody has to come: with seventy outlets there is always one.
_CAN_WAIT = ("night_failures", "nothing_new", "silent", "drift", "by_hand")

_GIGABYTE = 1_000_000_000
#: A night that is not done by then is late, whatever keeps it.
_LATE = dt.timedelta(hours=5)
_RECENT = dt.timedelta(days=2)
#: Besides the newest files, each morning reads a part of the archive, so that all of it is read in a month.
_PARTS = 30
_MOST_NAMED = 10
_SILENT = "not reached|nothing new|source silent|old news|ngoài khả năng theo dõi"


@dataclass(frozen=True, slots=True)
class Trouble:
    """`command`: what to do, to be typed as it is, or a file to look at."""

    kind: Kind
    english: str
    vietnamese: str
    command: str

    @property
    def urgent(self) -> bool:
        return self.kind not in _CAN_WAIT


def examine(
    workspace: Path,
    schedule: Schedule,
    now: dt.datetime,
    *,
    archive: bool = True,
    left_out: Sequence[Problem] = (),
) -> list[Trouble]:
    """All that needs an operator, the urgent first. `archive`: reads archive files too, which takes its time;
    `left_out`: what of the tables kept by hand can't be read."""
    lines = read_ledger(workspace)
    looks: list[Callable[[], Iterator[Trouble]]] = [
        lambda: _nights(workspace, believed(lines, now), schedule, now),
        lambda: _publication(workspace, believed(lines, now), schedule, now),
        lambda: _jobs(workspace, believed(lines, now)),
        lambda: _mail(workspace),
        lambda: _disk(workspace, schedule),
        lambda: _journal(workspace),
        lambda: _clock(lines, now),
        lambda: _outlets(workspace),
        lambda: _by_hand(left_out),
    ]
    if archive:
        looks.append(lambda: archive_damage(workspace, now))
    found: list[Trouble] = []
    for look in looks:
        try:
            found += look()
        except (OSError, duckdb.Error, sqlite3.Error, NotPublished, JournalError) as error:
            what = str(error).splitlines()[0]
            found.append(Trouble("unreadable", what, f"Không đọc được: {what}.", _command(workspace, "doctor")))
    return sorted(found, key=lambda trouble: not trouble.urgent)


def _by_hand(left_out: Sequence[Problem]) -> Iterator[Trouble]:
    for problem in left_out:
        where = f"{problem.path}:{problem.line}"
        yield Trouble(
            "by_hand",
            f"{problem}; the tables kept by hand stay as they were",
            f"Tệp {problem.path}, dòng {problem.line}: không đọc được; các bảng nhập tay giữ nguyên số liệu cũ.",
            f"{where}; diembao process",
        )


def last_night(lines: Sequence[Line]) -> Line | None:
    """The last night that ran to its end."""
    return next((line for line in reversed(lines) if line.job == "nightly" and line.state == "done"), None)


def archive_damage(workspace: Path, now: dt.datetime) -> Iterator[Trouble]:
    """Reads the files of the last two days and a thirtieth of the others; that none is missing, of all."""
    part = now.toordinal() % _PARTS
    recent = (now - _RECENT).timestamp()
    chosen = [
        path
        for path in archive_files(workspace / "archive")
        if path.stat().st_mtime > recent or zlib.crc32(path.name.encode()) % _PARTS == part
    ]
    errors = [(error.file, error.what) for error in verify(workspace, chosen).errors] if chosen else []
    if (workspace / "archive").exists():
        errors += [(finding.path, finding.what) for finding in check_index(workspace) if finding.level == "error"]
    for file, what in errors[:_MOST_NAMED]:
        yield Trouble(
            "archive",
            f"{file}: {what}",
            f"Kho lưu trữ có tệp hỏng hoặc thiếu: {file}.",
            _command(workspace, "archive verify"),
        )
    if len(errors) > _MOST_NAMED:
        more = len(errors) - _MOST_NAMED
        command = _command(workspace, "archive verify")
        yield Trouble("archive", f"and {more} more files of the archive", f"Và {more} tệp lưu trữ khác.", command)


def _command(workspace: Path, words: str) -> str:
    return f"diembao {words} --data {workspace}"


def _nights(workspace: Path, lines: Sequence[Line], schedule: Schedule, now: dt.datetime) -> Iterator[Trouble]:
    begin = beginning(lines)
    if begin is None:
        return
    newest = newest_day(schedule.nightly_at, now)
    again = _command(workspace, "nightly")
    last = last_night(lines)
    if newest in open_nights(lines, schedule, now):
        tried = attempts(lines, newest)
        if tried >= NIGHT_ATTEMPTS:
            codes = [line.code for line in lines if line.target == newest.isoformat() and line.state == "failed"]
            yield Trouble(
                "night",
                f"the night of {newest} failed {tried} times (last exit code {codes[-1] if codes else 'unknown'})",
                f"Lượt thu thập đêm {newest:%d/%m/%Y} không thành công sau {tried} lần chạy"
                f" (mã kết thúc {codes[-1] if codes else 'không rõ'}).",
                f"journalctl -u diembao --since yesterday; {again}",
            )
        elif now > at(newest, schedule.nightly_at) + _LATE:
            yield Trouble(
                "night",
                f"the night of {newest} is not done yet",
                f"Lượt thu thập đêm {newest:%d/%m/%Y} chưa hoàn thành.",
                "systemctl status diembao",
            )
    elif last and last.code:
        yield Trouble(
            "night_failures",
            f"the night of {last.target} ended with failures",
            f"Lượt thu thập đêm {_day(last.target)} hoàn thành nhưng có lỗi (mã kết thúc {last.code}).",
            f"journalctl -u diembao --since {last.target}; " + _command(workspace, "status"),
        )
    if last and last.new == 0:
        yield Trouble(
            "nothing_new",
            f"the night of {last.target} brought no new article",
            f"Lượt thu thập đêm {_day(last.target)} không có tin, bài mới.",
            _command(workspace, "outlets check"),
        )
    since = last.at if last else begin
    if now - since > _limit(schedule):
        yield Trouble(
            "night",
            f"no night was done since {since:%Y-%m-%d %H:%M}",
            f"Không có lượt thu thập nào hoàn thành từ {since.astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}.",
            f"systemctl status diembao; {again}",
        )


def _publication(workspace: Path, lines: Sequence[Line], schedule: Schedule, now: dt.datetime) -> Iterator[Trouble]:
    begin = beginning(lines)
    if begin is None:
        return
    path = published_path(workspace)
    since = dt.datetime.fromtimestamp(path.stat().st_mtime, VIETNAM) if path.exists() else begin
    if now - max(since, begin) > _limit(schedule):
        yield Trouble(
            "unpublished",
            f"nothing was published since {since:%Y-%m-%d %H:%M}",
            f"Số liệu chưa được công bố lại từ {since.astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}.",
            f"{_command(workspace, 'doctor')}; {_command(workspace, 'publish')}",
        )


def _jobs(workspace: Path, lines: Sequence[Line]) -> Iterator[Trouble]:
    """Each job's last failures, as long as nothing has come of it since."""
    last = {(line.job, line.target): line for line in lines if line.ends and line.job != "nightly"}
    newest = {line.job: line.target for line in last.values()}
    names = {"monthly": "Báo cáo tháng", "daily": "Điểm báo ngày", "health": "Kiểm tra hằng ngày, ngày"}
    for (job, target), line in last.items():
        # A day's review that failed is past when the next day's was made; a month stays owed.
        if line.state != "failed" or (job != "monthly" and newest[job] != target):
            continue
        words = f"{job} {target} --send" if job != "health" else "health"
        yield Trouble(
            "job",
            f"{job} {target} failed (exit code {line.code}); it is tried every hour",
            f"{names[job]} {_day(target)} chưa thực hiện được (mã kết thúc {line.code}); hệ thống thử lại mỗi giờ.",
            _command(workspace, words),
        )


def _mail(workspace: Path) -> Iterator[Trouble]:
    for mail in ledger.open_questions(workspace):
        refused = mail.state == "refused"
        english = "was refused" if refused else "may have been sent or not"
        vietnamese = "bị máy chủ thư từ chối" if refused else "chưa rõ đã gửi được hay chưa"
        yield Trouble(
            "mail",
            f"{mail.report} {mail.period} to {mail.recipient} {english}: {mail.detail}",
            f"Báo cáo {_day(mail.period)} gửi {mail.recipient} {vietnamese}: {mail.detail}.",
            _command(workspace, f"{mail.report} {mail.period} --resolve sent|resend --to {mail.recipient}"),
        )


def _disk(workspace: Path, schedule: Schedule) -> Iterator[Trouble]:
    free = shutil.disk_usage(workspace).free / _GIGABYTE
    least = schedule.alerts.disk_free_gb
    if free < least:
        yield Trouble(
            "disk",
            f"{free:.1f} GB are free, and {least:g} GB should be",
            f"Đĩa chỉ còn trống {_decimal(free)} GB, dưới mức {_decimal(least)} GB.",
            f"df -h {workspace}; {_command(workspace, 'doctor')}",
        )


def _journal(workspace: Path) -> Iterator[Trouble]:
    for finding in check_journal(workspace):
        yield Trouble(
            "journal",
            f"{finding.path}: {finding.what}",
            f"Nhật ký {finding.path} có dòng không đọc được.",
            _command(workspace, "doctor"),
        )


def _clock(lines: Sequence[Line], now: dt.datetime) -> Iterator[Trouble]:
    if wrong := [line for line in lines if not believed([line], now)]:
        day = wrong[-1].at
        yield Trouble(
            "clock",
            f"journal/jobs.jsonl has {len(wrong)} lines of {day:%Y-%m-%d}: the clock was wrong then, or is now",
            f"Nhật ký công việc có {len(wrong)} dòng ghi ngày {day:%d/%m/%Y}: đồng hồ máy đã hoặc đang sai.",
            "timedatectl",
        )


def _outlets(workspace: Path) -> Iterator[Trouble]:
    if not published_path(workspace).exists():
        return
    with closing(open_published(workspace)) as connection:
        silent = connection.execute(
            "SELECT outlet_id, alarm FROM (SELECT outlet_id, unnest(alarms) AS alarm FROM outlet_health"
            " WHERE state IN ('alarms', 'not reached')) WHERE regexp_matches(alarm, ?)"
            " QUALIFY row_number() OVER (PARTITION BY outlet_id ORDER BY alarm) = 1 ORDER BY outlet_id",
            [f"^({_SILENT})"],
        ).fetchall()
        drift = connection.execute(
            "SELECT outlet_id, drift FROM outlet_health WHERE drift IS NOT NULL AND state <> 'beyond reach'"
            " ORDER BY outlet_id"
        ).fetchall()
    if silent:
        names = _named(silent)
        yield Trouble(
            "silent",
            f"outlets that are silent: {names}",
            f"{len(silent)} cơ quan báo chí không truy cập được hoặc không có tin, bài mới: {names}.",
            _command(workspace, f"outlets check {silent[0][0]}"),
        )
    if drift:
        names = _named(drift)
        yield Trouble(
            "drift",
            f"outlets whose layouts no longer fit: {names}",
            f"{len(drift)} cơ quan báo chí đã thay đổi giao diện trang, nội dung được đọc bằng cách dự phòng: {names}.",
            "docs/outlet.md",
        )


def _named(rows: Sequence[tuple[str, str]]) -> str:
    """What the press's servers answered is one line each."""
    told = [f"{outlet} ({' '.join(str(what).split())[:120]})" for outlet, what in rows[:_MOST_NAMED]]
    more = f"; … +{len(rows) - _MOST_NAMED}" if len(rows) > _MOST_NAMED else ""
    return "; ".join(told) + more


def _limit(schedule: Schedule) -> dt.timedelta:
    return dt.timedelta(hours=schedule.alerts.unpublished_hours)


def _day(target: str) -> str:
    """2021-07-05 as 05/07/2021, 2021-07 as 07/2021."""
    return "/".join(reversed(target.split("-")))


def _decimal(number: float) -> str:
    return f"{number:.1f}".replace(".", ",")
