"""What needs an operator: each kind from a real state of a workspace; one mail a day; the exit codes of status."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import json
import os
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from aiosmtpd.controller import Controller

from archive.manifest import archive_files
from config.clock import VIETNAM
from config.load import PACKAGED, load_config, write_editable
from config.schedule import Schedule
from schedules.alerts import tell
from schedules.due import newest_day
from schedules.health import Trouble, archive_damage, examine
from schedules.ledger import Line, note
from schedules.scheduler import is_running
from tests.conftest import diembao
from tests.mailbox import Mailbox, free_port
from warehouse import journal
from warehouse.database import warehouse_path
from warehouse.publish import publish
from warehouse.published import published_path

HOUR = dt.timedelta(hours=1)
OPERATOR = "truc@coquan.example"


def now() -> dt.datetime:
    return dt.datetime.now(VIETNAM)


def settings(port: int | None = None, disk: float = 0) -> Schedule:
    """Nights are an hour old."""
    packaged = load_config(PACKAGED).schedule
    host = "127.0.0.1" if port else None
    mail = packaged.mail.model_copy(update={"host": host, "port": port or 25, "security": "none"})
    alerts = packaged.alerts.model_copy(update={"operators": [OPERATOR], "disk_free_gb": disk})
    hour_ago = f"{now() - HOUR:%H:%M}"
    return packaged.model_copy(update={"mail": mail, "alerts": alerts, "nightly_at": hour_ago})


def well(workspace: Path, code: int = 0, new: int = 5, ago: dt.timedelta = HOUR / 2) -> dt.date:
    """A ledger whose last night is done."""
    tonight = newest_day(settings().nightly_at, now())
    note(workspace, Line("schedule", "", "begun", now() - dt.timedelta(days=3)))
    nights = tuple(tonight - dt.timedelta(days=number) for number in (3, 2, 1, 0))
    note(workspace, Line("nightly", str(tonight), "done", now() - ago, code, nights, new, "run"))
    return tonight


def kinds(workspace: Path, schedule: Schedule | None = None) -> list[str]:
    return [trouble.kind for trouble in examine(workspace, schedule or settings(), now())]


def test_nothing_is_told_of_a_good_night(sample_copy: Path) -> None:
    well(sample_copy)
    assert kinds(sample_copy) == []


def test_nothing_is_expected_where_no_scheduler_ever_ran(tmp_path: Path) -> None:
    assert kinds(tmp_path) == []


def test_night_that_failed_three_times_is_told_with_its_exit_code(tmp_path: Path) -> None:
    note(tmp_path, Line("schedule", "", "begun", now() - dt.timedelta(hours=20)))
    tonight = newest_day(settings().nightly_at, now())
    for _ in range(3):
        note(tmp_path, Line("nightly", str(tonight), "begun", now()))
        note(tmp_path, Line("nightly", str(tonight), "failed", now(), 2))
    (trouble,) = examine(tmp_path, settings(), now())
    assert trouble.urgent
    assert f"đêm {tonight:%d/%m/%Y} không thành công sau 3 lần chạy (mã kết thúc 2)" in trouble.vietnamese
    assert trouble.command.endswith(f"diembao nightly --data {tmp_path}")


def test_night_that_waits_for_hours_is_told(tmp_path: Path) -> None:
    note(tmp_path, Line("schedule", "", "begun", now() - dt.timedelta(hours=20)))
    six_hours_ago = f"{now() - 6 * HOUR:%H:%M}"
    assert kinds(tmp_path, settings().model_copy(update={"nightly_at": six_hours_ago})) == ["night"]
    assert kinds(tmp_path) == [], "after an hour it may be at work"


def test_no_night_and_no_publication_for_long_is_told(sample_copy: Path) -> None:
    well(sample_copy, ago=dt.timedelta(hours=40))
    old = (now() - dt.timedelta(hours=37)).timestamp()
    os.utime(published_path(sample_copy), (old, old))
    assert kinds(sample_copy) == ["night", "unpublished"]


def test_night_with_failures_or_with_nothing_new_is_told_and_can_wait(sample_copy: Path) -> None:
    well(sample_copy, code=1, new=0)
    troubles = examine(sample_copy, settings(), now())
    assert [(trouble.kind, trouble.urgent) for trouble in troubles] == [
        ("night_failures", False),
        ("nothing_new", False),
    ]


def test_silent_outlet_and_one_whose_layout_no_longer_fits_are_named(sample_copy: Path) -> None:
    well(sample_copy)
    with closing(duckdb.connect(str(warehouse_path(sample_copy)))) as connection:
        connection.execute("UPDATE crawls SET alarms = ['nothing new since 2021-08-01'] WHERE outlet_id = 'cafef'")
        connection.execute(
            "UPDATE captures SET layout = 'fallback' WHERE outlet_id = 'vnexpress' AND layout IS NOT NULL"
        )
    publish(sample_copy)
    silent, drift = examine(sample_copy, settings(), now())
    assert silent.kind == "silent"
    assert "1 cơ quan báo chí không truy cập được hoặc không có tin, bài mới: cafef (" in silent.vietnamese
    assert drift.kind == "drift"
    assert "vnexpress (the layouts fail on" in drift.vietnamese


def test_full_disk_is_told(sample_copy: Path) -> None:
    well(sample_copy)
    (trouble,) = examine(sample_copy, settings(disk=10**9), now())
    assert trouble.kind == "disk"
    assert "dưới mức 1000000000,0 GB" in trouble.vietnamese


def test_changed_byte_and_missing_file_of_the_archive_are_told(sample_copy: Path) -> None:
    well(sample_copy)
    changed, gone = archive_files(sample_copy / "archive")[:2]
    content = bytearray(changed.read_bytes())
    content[len(content) // 2] ^= 1
    changed.write_bytes(content)
    gone.unlink()
    told = examine(sample_copy, settings(), now())
    assert {trouble.kind for trouble in told} == {"archive"}
    assert {changed.name, gone.name} <= {trouble.vietnamese.split("/")[-1].rstrip(".") for trouble in told}


def test_old_archive_files_are_all_read_within_a_month(sample_copy: Path) -> None:
    well(sample_copy)
    damaged = archive_files(sample_copy / "archive")[3]
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    for path in archive_files(sample_copy / "archive"):
        os.utime(path, (0, 0))
    days = (now() - number * dt.timedelta(days=1) for number in range(30))
    assert [bool(list(archive_damage(sample_copy, day))) for day in days].count(True) == 1


@pytest.mark.parametrize("state", ["refused", "unknown"])
def test_mail_that_needs_a_person_is_told(state: str, tmp_path: Path) -> None:
    line = {"report": "monthly", "period": "2021-07", "recipient": "a@b.example", "detail": "550 no"}
    line |= {"message_id": "<x@b.example>", "report_id": "x", "written_at": "2021-08-04T08:00:00+07:00"}
    for each in ("sending", state):
        journal.append(tmp_path, journal.MAIL, line | {"state": each})
    (trouble,) = examine(tmp_path, settings(), now())
    assert (trouble.kind, trouble.urgent) == ("mail", True)
    assert "Báo cáo 07/2021 gửi a@b.example" in trouble.vietnamese
    journal.append(tmp_path, journal.MAIL, line | {"state": "sent"})
    assert kinds(tmp_path) == []


def test_failed_month_is_told_until_it_is_out(sample_copy: Path) -> None:
    well(sample_copy)
    note(sample_copy, Line("monthly", "2026-10", "failed", now(), 1))
    (trouble,) = examine(sample_copy, settings(), now())
    assert trouble.command == f"diembao monthly 2026-10 --send --data {sample_copy}"
    assert "Báo cáo tháng 10/2026 chưa thực hiện được" in trouble.vietnamese
    note(sample_copy, Line("monthly", "2026-10", "done", now(), 0))
    assert kinds(sample_copy) == []


def test_torn_journal_broken_database_and_a_clock_that_was_wrong_are_told_beside_the_rest(sample_copy: Path) -> None:
    well(sample_copy, new=0)
    note(sample_copy, Line("health", "2041-01-01", "done", now() + dt.timedelta(days=5000)))
    with journal.path_of(sample_copy, journal.JOBS).open("a") as file:
        file.write('{"job"')
    path = published_path(sample_copy)
    path.chmod(0o600)
    path.write_bytes(b"no database")
    assert sorted(kinds(sample_copy)) == ["clock", "journal", "nothing_new", "unreadable"]


TROUBLES = [
    Trouble("disk", "1.0 GB are free", "Đĩa chỉ còn trống 1,0 GB, dưới mức 5 GB.", "df -h"),
    Trouble("silent", "silent: a", "1 cơ quan báo chí không có tin, bài mới: a.", "diembao outlets check a"),
]


def parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_operators_get_one_mail_a_day_with_what_to_do(tmp_path: Path, mailbox: Mailbox, server: Controller) -> None:
    schedule = settings(server.port)
    day = dt.datetime(2027, 3, 10, 7, tzinfo=VIETNAM)
    assert [one.state for one in tell(tmp_path, schedule, TROUBLES, day)] == ["sent"]
    for hours in range(1, 17):
        (again,) = tell(tmp_path, schedule, TROUBLES, day + hours * HOUR)
        assert (again.state, again.earlier) == ("sent", True)
    assert len(mailbox.taken) == 1
    tell(tmp_path, schedule, TROUBLES, day + 24 * HOUR)
    assert len(mailbox.taken) == 2
    recipients, content = mailbox.taken[0]
    message = parsed(content)
    assert recipients == [OPERATOR]
    assert message["Subject"] == "[diembao] 1 việc cần xử lý ngay, ngày 10/03/2027"
    body = message.get_content().replace("\r\n", "\n")
    assert "1. [CẦN XỬ LÝ NGAY] Đĩa chỉ còn trống 1,0 GB, dưới mức 5 GB.\n   Thực hiện: df -h\n" in body
    assert "2. 1 cơ quan báo chí không có tin, bài mới: a.\n   Thực hiện: diembao outlets check a\n" in body
    assert message.get_content_type() == "text/plain"


def test_mail_that_was_not_taken_is_tried_again_the_same_day(
    tmp_path: Path, mailbox: Mailbox, server: Controller
) -> None:
    schedule, day = settings(server.port), dt.datetime(2027, 3, 10, 7, tzinfo=VIETNAM)
    mailbox.answer = "451 later"
    assert [one.state for one in tell(tmp_path, schedule, TROUBLES, day)] == ["failed"]
    mailbox.answer = "250 OK"
    assert [one.state for one in tell(tmp_path, schedule, TROUBLES, day + HOUR)] == ["sent"]
    assert len(mailbox.taken) == 1


def test_mail_whose_end_is_not_known_is_not_repeated_that_day(tmp_path: Path) -> None:
    day = dt.datetime(2027, 3, 10, 7, tzinfo=VIETNAM)
    journal.append(tmp_path, journal.ALERTS, {"day": "2027-03-10", "recipient": OPERATOR, "state": "sending"})
    assert [(one.state, one.earlier) for one in tell(tmp_path, settings(), TROUBLES, day)] == [("unknown", True)]


def test_without_a_mail_server_it_is_kept_in_the_outbox(tmp_path: Path) -> None:
    (told,) = tell(tmp_path, settings(), TROUBLES, now())
    assert told.state == "kept"
    assert parsed((tmp_path / told.detail).read_bytes())["To"] == OPERATOR


@pytest.mark.drill
def test_health_and_status_exit_with_what_a_monitor_needs(sample_copy: Path) -> None:
    """0: nobody has to come. 1: somebody has to. 2: it could not be told, or there is no workspace."""
    data = ("--data", str(sample_copy))
    diembao("status", *data)
    diembao("health", *data)
    configure(sample_copy, operators=[OPERATOR], disk_free_gb=10**9)
    assert "NEEDED:" in diembao("status", *data, code=1).stdout
    assert "kept: outbox/alert-" in diembao("health", *data, code=1).stdout
    assert "an earlier run settled it" in diembao("health", *data, code=1).stdout
    assert len(list((sample_copy / "outbox").glob("alert-*.eml"))) == 1
    configure(sample_copy, operators=["khac@coquan.example"], disk_free_gb=10**9, port=free_port())
    diembao("health", *data, code=2)
    found = json.loads(diembao("status", "--json", *data, code=1).stdout)
    assert [need["kind"] for need in found["needs"]] == ["disk"]
    assert {"last_night", "published", "next", "mail", "months_owed", "articles", "outlets", "troubled"} <= found.keys()
    assert found["scheduler"] == "never started"
    assert not is_running(sample_copy)
    diembao("status", "--data", str(sample_copy / "nowhere"), code=2)


def test_status_before_the_first_publication_and_with_a_night_too_old(tmp_path: Path) -> None:
    assert "run `diembao nightly` first" in diembao("status", "--data", str(tmp_path)).stdout
    note(tmp_path, Line("schedule", "", "begun", now() - dt.timedelta(days=3)))
    shown = diembao("status", "--data", str(tmp_path), code=1).stdout
    assert "no night was done since" in shown
    assert "nothing was published since" in shown


def configure(workspace: Path, port: int | None = None, **alerts: Any) -> None:
    write_editable(workspace / "config")
    path = workspace / "config" / "schedule.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["alerts"] |= alerts
    if port:
        content["mail"] |= {"host": "127.0.0.1", "port": port, "security": "none"}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
