"""What a tired operator gets: one clear line, the exit code of the design, and all that is good still done."""

from __future__ import annotations

import getpass
import gzip
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from diembao import app as diembao_app
from tests.conftest import ROOT, SAMPLES, WriteWarc, diembao, diembao_json, first_of, html

NIGHT = SAMPLES / "night-1.warc.gz"


def test_every_command_explains_itself() -> None:
    overview = diembao("--help").stdout
    for name, command in typer.main.get_group(diembao_app).commands.items():
        assert name in overview
        inner = getattr(command, "commands", {})
        for words in [[name], *([name, under] for under in inner)]:
            assert len(CliRunner().invoke(diembao_app, [*words, "--help"]).stdout) > 300, words


def test_truncated_archive_is_processed_as_far_as_it_goes_and_listed(tmp_path: Path) -> None:
    cut = tmp_path / "cut.warc.gz"
    cut.write_bytes(NIGHT.read_bytes()[:-3000])
    done = diembao("nightly", "--replay", str(cut), "--data", str(tmp_path / "d"), "--json", code=1)
    night = json.loads(done.stdout)
    assert night["totals"]["articles"] > 50
    assert ["truncated" in problem for problem in night["nights"][0]["problems"]] == [True]


@pytest.mark.drill
@pytest.mark.parametrize("content", [b"", b"<html>no archive</html>"])
def test_file_that_is_no_archive_does_nothing(tmp_path: Path, content: bytes) -> None:
    bad = tmp_path / "bad.warc.gz"
    bad.write_bytes(content)
    for command in (["nightly", "--replay", str(bad)], ["process", str(bad)]):
        done = diembao(*command, "--data", str(tmp_path / "d"), code=2)
        assert "bad.warc.gz" in done.stderr
        assert "Traceback" not in done.stderr


def test_good_night_beside_a_bad_file_is_done_and_the_bad_one_listed(tmp_path: Path) -> None:
    done = diembao(
        "nightly", "--replay", str(tmp_path / "none.warc.gz"), str(NIGHT), "--data", str(tmp_path / "d"), code=1
    )
    assert "none.warc.gz: can't be read: No such file" in done.stderr
    assert "Held now: 64 articles" in done.stdout


@pytest.mark.drill
def test_unreadable_file_is_not_taken_in_and_does_not_stop_later_nights(tmp_path: Path) -> None:
    bad = tmp_path / "bad.warc.gz"
    bad.write_bytes(b"<html>")
    diembao("process", str(bad), "--data", str(tmp_path / "d"), code=2)
    assert not list((tmp_path / "d").rglob("bad.warc.gz"))
    inside = tmp_path / "d" / "archive" / "2021" / "broken.warc.gz"
    inside.parent.mkdir(parents=True)
    inside.touch()
    done = diembao("nightly", "--replay", str(NIGHT), "--data", str(tmp_path / "d"), code=1)
    assert "Held now: 64 articles" in done.stdout
    assert "broken.warc.gz: is empty" in done.stdout


@pytest.mark.drill
def test_uncompressed_archive_is_replayed_and_taken_in_like_any_other(tmp_path: Path) -> None:
    plain = tmp_path / "night-1.warc"
    plain.write_bytes(gzip.decompress(NIGHT.read_bytes()))
    night = diembao_json("nightly", "--replay", str(plain), "--data", str(tmp_path / "replayed"))
    assert night["totals"]["articles"] == 64
    assert diembao_json("process", str(plain), "--data", str(tmp_path / "taken"))["captures"] > 60


@pytest.mark.drill
def test_archive_that_announces_nothing_says_what_to_do(tmp_path: Path, write_warc: WriteWarc) -> None:
    warc = write_warc("pages.warc.gz", [html("https://vnexpress.net/bai-1-4280001.html")])
    done = diembao("nightly", "--replay", str(warc), "--data", str(tmp_path / "d"), code=1)
    assert "takes in archives without them" in done.stdout


def test_unknown_outlet_is_named(tmp_path: Path) -> None:
    done = diembao("nightly", "--outlet", "nosuch", "--data", str(tmp_path / "d"), code=2)
    assert "no outlet 'nosuch'" in done.stderr
    assert not (tmp_path / "d").exists()


def test_sql_prints_what_is_there_and_touches_no_other_file(sample: Path, tmp_path: Path) -> None:
    shown = diembao("sql", "SELECT ':x: [b]' AS s, repeat('dài', 100) AS t", "--data", str(sample)).stdout
    assert ":x: [b]" in shown
    assert shown.count("dài") >= 90
    copy = f"COPY articles TO '{tmp_path / 'x.csv'}'"
    diembao("sql", copy, "--data", str(sample), code=2)
    assert not (tmp_path / "x.csv").exists()


@pytest.mark.drill
def test_a_correction_is_sent_where_something_has_changed_and_everybody_had_the_first(sample_copy: Path) -> None:
    data = ("--data", str(sample_copy))
    never = diembao("monthly", "2021-07", "--correct", *data, code=2).stderr
    assert "monthly 2021-07 was never sent" in never
    diembao("monthly", "2021-07", *data)
    assert "nothing has changed" in diembao("monthly", "2021-07", "--correct", *data, code=2).stderr
    assert "nothing to settle" in diembao("monthly", "2021-07", "--resolve", "resend", *data, code=2).stderr
    item = diembao_json("review", "list", *data)[0]["item"]
    diembao("review", "decide", item, "none", "--by", "Lê Mẫu", *data)
    diembao("publish", *data)
    diembao("monthly", "2021-07", "--correct", "--preview", *data)
    (sent,) = diembao_json("monthly", "2021-07", "--correct", *data)
    assert (sent["state"], sent["revision"]) == ("kept", 1)
    assert "nothing done now" in diembao("monthly", "2021-07", *data).stdout
    assert len(list((sample_copy / "outbox").iterdir())) == 2


@pytest.mark.parametrize(
    "options", [["--send", "--correct"], ["--resolve", "sent", "--preview"], ["--to", "a@b.vn"], ["--resolve", "maybe"]]
)
def test_options_of_monthly_that_exclude_each_other_are_refused(options: list[str], tmp_path: Path) -> None:
    diembao("monthly", "2021-07", *options, "--data", str(tmp_path), code=2)


@pytest.mark.drill
def test_ledger_is_published_with_the_next_publication(sample_copy: Path) -> None:
    diembao("monthly", "2021-07", "--send", "--data", str(sample_copy))
    again = diembao("monthly", "2021-07", "--send", "--data", str(sample_copy)).stdout
    assert "nothing done now" in again
    diembao("publish", "--data", str(sample_copy))
    rows = diembao_json("sql", "SELECT state FROM reports_sent ORDER BY written_at", "--data", str(sample_copy))
    assert {row["state"] for row in rows} == {"sending", "kept"}


def test_archive_of_foreign_hosts_says_so(tmp_path: Path, write_warc: WriteWarc) -> None:
    foreign = write_warc("foreign.warc.gz", [html("https://khong-dang-ky.vn/a.html")])
    done = diembao("nightly", "--replay", str(foreign), "--data", str(tmp_path / "d"), code=2)
    assert "no outlet of the registry has a host of this file (khong-dang-ky.vn)" in done.stderr


@pytest.mark.drill
def test_wrong_charset_and_empty_body_do_not_stop_the_others(tmp_path: Path, write_warc: WriteWarc) -> None:
    text = "Người dân nộp hồ sơ trên Cổng Dịch vụ công quốc gia từ sáng nay, theo cơ quan chức năng địa phương. " * 5
    page = f"<html><head><title>Tin</title></head><body><article><h1>Tin</h1><p>{text}</p></article></body></html>"
    pages = {
        f"https://vnexpress.net/bai-{n}-428000{n}.html": body
        for n, body in enumerate([page.encode("utf-8"), page.encode("utf-8"), b"", b"\0\xff\xfe" * 40])
    }
    urls = "".join(f"<url><loc>{url}</loc></url>" for url in pages)
    answers = [html(url, body) for url, body in pages.items()]
    answers[1] = (*answers[1][:2], {"Content-Type": "text/html; charset=iso-8859-1"}, answers[1][3])
    robots = ("https://vnexpress.net/robots.txt", 200, {}, b"Sitemap: https://vnexpress.net/sitemap.xml\n")
    sitemap = ("https://vnexpress.net/sitemap.xml", 200, {}, f"<urlset>{urls}</urlset>".encode())
    warc = write_warc("n.warc.gz", [robots, sitemap, *answers])
    night = diembao_json("nightly", "--replay", str(warc), "--data", str(tmp_path / "d"))["nights"][0]
    outlet = night["outlets"]["vnexpress"]
    assert (outlet["announced"], outlet["new"], outlet["failed"]) == (4, 2, 2)
    assert outlet["failed_because"]["empty_body"] == 1
    assert night["totals"]["mentions_by_sense"]["portal"]["national"] >= 2


def test_typo_in_the_configuration_names_file_line_and_remedy(tmp_path: Path) -> None:
    diembao("init", str(tmp_path / "d"))
    crawl = tmp_path / "d" / "config" / "crawl.yaml"
    crawl.write_text(crawl.read_text(encoding="utf-8").replace("delay_seconds:", "delay_secnods:"), encoding="utf-8")
    done = diembao("nightly", "--replay", str(NIGHT), "--data", str(tmp_path / "d"), code=2)
    line = next(n for n, text in enumerate(crawl.read_text(encoding="utf-8").splitlines(), 1) if "secnods" in text)
    assert f"crawl.yaml:{line}:" in done.stderr
    assert "unknown key 'delay_secnods'; correct its spelling or remove it" in done.stderr
    assert not (tmp_path / "d" / "published").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes anywhere")
def test_folder_without_permission_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    done = diembao("nightly", "--replay", str(NIGHT), "--data", str(tmp_path / "d"), code=2)
    assert "can't be written" in done.stderr


def test_data_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "d").write_text("a file")
    done = diembao("nightly", "--replay", str(NIGHT), "--data", str(tmp_path / "d"), code=2)
    assert "can't be written" in done.stderr
    assert "choose another folder with --data" in done.stderr


@pytest.mark.parametrize("month", first_of(1, ["2021-13", "7/2021", "2021.07", "thang7", "2021-07-01"]))
def test_month_that_is_no_month_is_named(sample: Path, month: str) -> None:
    done = diembao("monthly", month, "--preview", "--data", str(sample), code=2)
    assert month in done.stderr
    assert "Traceback" not in done.stderr


def test_sql_and_monthly_before_the_first_publication_say_what_to_run(tmp_path: Path) -> None:
    for command in (["sql", "SELECT 1"], ["monthly", "2021-07", "--preview"]):
        assert "run `diembao nightly` first" in diembao(*command, "--data", str(tmp_path), code=2).stderr


def test_wrong_sql_and_writing_sql_are_refused(sample: Path) -> None:
    assert "nowhere" in diembao("sql", "SELECT * FROM nowhere", "--data", str(sample), code=2).stderr
    assert "read-only" in diembao("sql", "DROP VIEW articles", "--data", str(sample), code=2).stderr


def test_second_run_is_told_who_holds_the_workspace_and_since_when(tmp_path: Path) -> None:
    holder = "import sys, time; from pathlib import Path; from archive.workspace import hold\n"
    holder += "with hold(Path(sys.argv[1]), 'diembao nightly'): print('held', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", holder, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE) as first:
        assert first.stdout
        first.stdout.readline()
        done = diembao("nightly", "--replay", str(NIGHT), "--data", str(tmp_path), code=2)
        assert f"held by `diembao nightly` of {getpass.getuser()} (process {first.pid}) since 20" in done.stderr
        first.kill()
    diembao("process", "--data", str(tmp_path))  # a killed run holds nothing


def test_live_night_without_a_network_fails_aloud_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    diembao("init", str(tmp_path))
    outlets = tmp_path / "config" / "outlets"
    for file in outlets.glob("*.yaml"):
        file.unlink()
    for name in ("mot", "hai"):
        (outlets / f"{name}.yaml").write_text(
            f"id: {name}\nname: Báo {name}\ngoverning_body: Không\nkind: press\ntier: central\n"
            f"domains: [{{host: {name}.invalid}}]\narticle_urls: [html]\n"
            f"feeds: [{{url: 'https://{name}.invalid/a.rss', verified: test}}]\n",
            encoding="utf-8",
        )
    done = diembao("nightly", "--data", str(tmp_path), code=1)
    for name in ("mot", "hai"):
        lines = [line for line in done.stdout.splitlines() if line.startswith(f"PROBLEM: {name}: not reached")]
        assert len(lines) == 1
    assert not list(tmp_path.rglob("*.part"))
    assert not (tmp_path / "published" / "coverage.duckdb").exists()
    # Nobody answered: the night is not done, and the schedule tries it again.
    assert not (tmp_path / "journal" / "jobs.jsonl").exists()
    diembao("publish", "--data", str(tmp_path))
    assert diembao_json("sql", "SELECT state, outlets FROM runs", "--data", str(tmp_path)) == [
        {"state": "failed", "outlets": 2}
    ]


@pytest.mark.drill
def test_night_that_is_told_to_stop_ends_and_the_next_one_goes_on(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "diembao", "nightly", "--replay", str(NIGHT), "--data", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as night:
        while not list(tmp_path.rglob("*.warc.gz.part")):
            assert night.poll() is None
            time.sleep(0.05)
        night.terminate()
        night.communicate(timeout=60)
    assert night.returncode == 1
    again = diembao_json("nightly", "--replay", str(NIGHT), "--data", str(tmp_path))
    assert again["totals"]["articles"] == 64
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("report", [("monthly", "2099-01"), ("daily", "2099-01-01")])
def test_a_report_whose_days_are_not_over_is_not_sent_for_its_one_time(report: tuple[str, str], sample: Path) -> None:
    refused = diembao(*report, "--data", str(sample), code=2)
    assert "01/2099" in refused.stderr
    assert "--preview" in refused.stderr
    assert not (sample / "journal" / "mail.jsonl").exists()


def test_init_writes_the_whole_configuration_and_keeps_what_was_edited(tmp_path: Path) -> None:
    diembao("init", str(tmp_path))
    edited = tmp_path / "config" / "schedule.yaml"
    edited.write_text(edited.read_text(encoding="utf-8") + "\n# ours\n", encoding="utf-8")
    done = diembao("init", str(tmp_path))
    assert "0 configuration files written" in done.stdout
    assert "# ours" in edited.read_text(encoding="utf-8")
    packaged = {
        file.relative_to(ROOT / "config") for kind in ("yaml", "csv") for file in (ROOT / "config").rglob(f"*.{kind}")
    }
    written = {file.relative_to(tmp_path / "config") for file in (tmp_path / "config").rglob("*") if file.is_file()}
    assert written == packaged
