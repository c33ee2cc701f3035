"""Tables kept by hand are read as spreadsheets write them, and what is wrong is told with its line and a remedy."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from config.by_hand import ACTIVITIES as FILE
from config.by_hand import DIFFICULTIES, OUTCOMES, ByHand, Difficulty, Outcome, PlanEntry, read_by_hand
from config.errors import ConfigError
from config.load import PACKAGED, load_config, write_editable
from pipeline.fingerprint import rules_fingerprint
from pipeline.run import reference_rows

HEADER = "activity_id,month,result,unit,document,dated"
ROW = "I.3,2021-07,Họp với 5 báo,Cục KSTT,Báo cáo 12/BC-KSTT,2021-07-05"
ENTRY = PlanEntry("I.3", "2021-07", "Họp với 5 báo", "Cục KSTT", "Báo cáo 12/BC-KSTT", dt.date(2021, 7, 5))


def _file(tmp_path: Path, *lines: str, encoding: str = "utf-8", end: str = "\n") -> Path:
    path = tmp_path / FILE
    path.write_bytes(end.join([*lines, ""]).encode(encoding))
    for other in (OUTCOMES, DIFFICULTIES):
        shutil.copyfile(PACKAGED / other, tmp_path / other)
    return path


def read_entries(path: Path) -> tuple[PlanEntry, ...]:
    return read_by_hand(path.parent).activities


def _problems(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        read_entries(path)
    return [str(problem).removeprefix(f"{path}:") for problem in raised.value.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_entries_are_read_whatever_spreadsheet_wrote_them(
    tmp_path: Path, encoding: str, end: str, separator: str
) -> None:
    lines = (line.replace(",", separator) for line in (HEADER, ROW))
    assert read_entries(_file(tmp_path, *lines, encoding=encoding, end=end)) == (ENTRY,)


def test_dates_may_be_written_as_in_vietnam_and_columns_stand_in_any_order(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        "dated,document,unit,result,month,activity_id,,",
        "05/07/2021,Báo cáo 12/BC-KSTT,Cục KSTT,Họp với 5 báo,7/2021,I.3,,",
        ",,,,,,,",
    )
    assert read_entries(path) == (ENTRY,)


def test_letters_have_one_form_and_a_cell_may_hold_separators_quotes_and_lines(tmp_path: Path) -> None:
    decomposed = "Ho\u0323p với 5 báo"
    path = _file(
        tmp_path, HEADER, ROW.replace("Họp với 5 báo", decomposed), ROW.replace("Cục KSTT", '"Cục, ""KS""\nTT"')
    )
    first, second = read_entries(path)
    assert first == ENTRY
    assert second.unit == 'Cục, "KS"\nTT'


def test_each_wrong_cell_is_told_with_the_line_its_row_begins_in(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        HEADER,
        ROW.replace("Cục KSTT", '"Cục\nKSTT"'),
        ROW.replace("I.3", "IV.1"),
        "",
        ROW.replace("2021-07,", "2021-13,").replace("2021-07-05", "31/06/2021"),
        ROW.replace("Báo cáo 12/BC-KSTT", " "),
        ROW.replace("2021-07,", "Jul-21,"),
        "I.3,2021-07",
        f"{ROW},thừa",
    )
    assert _problems(path) == [
        "4:1: activity_id: the plan has no activity 'IV.1'; write one of I.1, I.2, I.3, I.4, II.1, II.2, II.3, III.1,"
        " III.2, III.3, III.4",
        "6:1: month: '2021-13' is no month; write it as 2021-07 or 07/2021",
        "6:1: dated: '31/06/2021' is no day of the calendar; write it as 2021-07-05 or 05/07/2021",
        "7:1: document: is empty; fill it in",
        "8:1: month: 'Jul-21' is no month; write it as 2021-07 or 07/2021",
        "9:1: result: is empty; fill it in",
        "9:1: unit: is empty; fill it in",
        "9:1: document: is empty; fill it in",
        "9:1: dated: is empty; fill it in",
        "10:1: has more cells than there are columns; quote a cell in which the separator stands",
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "1:1: the first line must name the columns activity_id, month"),
        (b"activity_id,month,result,unit,document\n", "1:1: the first line must name the columns"),
        (HEADER.replace("unit", "don_vi").encode(), "1:1: the first line must name the columns"),
        (f"{HEADER}\n{ROW}".encode("utf-16"), "1:1: is not UTF-8; save it as CSV UTF-8"),
        (f"{HEADER}\nI.3,2021-07,H\xf3p".encode("cp1258"), "2:1: is not UTF-8; save it as CSV UTF-8"),
        (f'{HEADER}\n{ROW}\nI.3,2021-07,"không đóng'.encode(), "3:1: not valid CSV: unexpected end of data; check"),
    ],
    ids=["empty", "column missing", "column unknown", "utf-16", "windows", "open quote"],
)
def test_a_file_that_is_no_such_table_is_told_once(tmp_path: Path, content: bytes, told: str) -> None:
    path = _file(tmp_path)
    path.write_bytes(content)
    (problem,) = _problems(path)
    assert problem.startswith(told)


def test_a_missing_file_says_what_writes_it(tmp_path: Path) -> None:
    _file(tmp_path).unlink()
    assert _problems(tmp_path / FILE) == ["1:1: file is missing; `diembao init DIR` writes a complete set"]


def test_it_is_shipped_with_its_header_alone_and_written_with_the_rest(tmp_path: Path) -> None:
    assert {tmp_path / name for name in (FILE, OUTCOMES, DIFFICULTIES)} <= set(write_editable(tmp_path))
    assert load_config(tmp_path).by_hand == ByHand()


def test_a_slip_in_it_is_told_and_stops_nothing_else(tmp_path: Path) -> None:
    write_editable(tmp_path)
    _file(tmp_path, HEADER, ROW.replace("I.3", "I.9"))
    settings = load_config(tmp_path)
    assert settings.by_hand is None
    assert [(problem.path.name, problem.line) for problem in settings.left_out] == [(FILE, 2)]
    assert not {"plan_entries", "outcomes", "difficulties"} & reference_rows(settings).keys()


def test_entering_results_has_no_archive_read_again(tmp_path: Path) -> None:
    write_editable(tmp_path)
    before = rules_fingerprint(load_config(tmp_path))
    _file(tmp_path, HEADER, ROW)
    edited = load_config(tmp_path)
    assert edited.by_hand is not None
    assert edited.by_hand.activities == (ENTRY,)
    assert rules_fingerprint(edited) == before


def test_outcomes_and_difficulties_are_read_alike(tmp_path: Path) -> None:
    write_editable(tmp_path)
    (tmp_path / OUTCOMES).write_text(
        "indicator,month,value,unit,document,dated\nTài khoản,12/2021,1.234.567,Cục KSTT,Báo cáo 1/BC-KSTT,05/01/2022\n"
    )
    (tmp_path / DIFFICULTIES).write_text(
        "article,difficulty,agency,reply\nhttps://bao.vn/a,Không đăng nhập được,Bộ Công an,\n"
    )
    found = load_config(tmp_path).by_hand
    assert found is not None
    assert found.outcomes == (
        Outcome("Tài khoản", "2021-12", "1.234.567", "Cục KSTT", "Báo cáo 1/BC-KSTT", dt.date(2022, 1, 5)),
    )
    assert found.difficulties == (Difficulty("https://bao.vn/a", "Không đăng nhập được", "Bộ Công an", ""),)
