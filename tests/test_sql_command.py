"""Analysts' SQL: an answer on the screen, as a file that no spreadsheet runs, or one after another at a prompt."""

from __future__ import annotations

import csv
import datetime as dt
import os
import pty
import re
import select
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest
from lxml import etree

from tests.conftest import ROOT, diembao, diembao_json

#: Rows of (name, SQL, the cell of a CSV file, the cell of a workbook). Numbers of a workbook are floats.
CELLS: list[tuple[str, str, str, Any]] = [
    ("formula", """'=HYPERLINK("http://x")'""", """'=HYPERLINK("http://x")""", """'=HYPERLINK("http://x")"""),
    ("plus", "'+1'", "'+1", "'+1"),
    ("minus", "'-2'", "'-2", "'-2"),
    ("at", "'@x'", "'@x", "'@x"),
    ("tab", "chr(9) || '=1'", "'\t=1", "'\t=1"),
    ("return", "chr(13) || '=1'", "'\r=1", "'_x000D_=1"),
    ("list_of_formulas", "['=1', '-']", "'=1; -", "'=1; -"),
    ("number_below_zero", "-2", "-2", -2.0),
    ("decimal_below_zero", "-2.50::DECIMAL(9, 2)", "-2.50", -2.5),
    ("float", "-0.125::DOUBLE", "-0.125", -0.125),
    ("sum", "sum(3)", "3", 3.0),
    ("sixteen_digits", "9007199254740993", "9007199254740993", "9007199254740993"),
    ("no_number", "'nan'::DOUBLE", "nan", "nan"),
    ("yes", "true", "True", True),
    ("digits_as_text", "'007'", "007", "007"),
    ("address", "'http://x'", "http://x", "http://x"),
    ("braces", "'{=1}'", "{=1}", "{=1}"),
    ("markup", "'<r><t>&</t></r>'", "<r><t>&</t></r>", "'<r><t>&</t></r>"),
    ("lines", "'một' || chr(10) || 'hai'", "một\nhai", "một\nhai"),
    (
        "vietnamese",
        "'Cổng Dịch vụ công quốc gia 🇻🇳😀'",
        "Cổng Dịch vụ công quốc gia 🇻🇳😀",
        "Cổng Dịch vụ công quốc gia 🇻🇳😀",
    ),
    ("control", "'a' || chr(1) || '_x0041_'", "a\x01_x0041_", "a_x0001__x005F_x0041_"),
    ("nothing", "NULL", "", None),
    ("empty", "''", "", ""),
    ("list", "['Lê Mẫu', NULL, 'B']", "Lê Mẫu; ; B", "Lê Mẫu; ; B"),
    ("empty_list", "[]", "", ""),
    ("struct", "{'tên': 'Lê', 'n': 1}", '{"tên": "Lê", "n": 1}', '{"tên": "Lê", "n": 1}'),
    (
        "moment",
        "TIMESTAMPTZ '2021-07-31 18:30:00+00'",
        "2021-08-01 01:30:00+07:00",
        dt.datetime(2021, 8, 1, 1, 30),
    ),
    ("moment_without_zone", "TIMESTAMP '2021-07-31 18:30:00'", "2021-07-31 18:30:00", dt.datetime(2021, 7, 31, 18, 30)),
    ("day", "DATE '2021-07-05'", "2021-07-05", dt.datetime(2021, 7, 5)),
    ("day_before_excel", "DATE '1890-05-19'", "1890-05-19", "1890-05-19"),
    ("span", "INTERVAL (-1) DAY", "'-1 day, 0:00:00", "'-1 day, 0:00:00"),
]
QUERY = "SELECT " + ", ".join(f'{sql} AS "{name}"' for name, sql, _, _ in CELLS)
_SHEET = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
_FORMATS = {"dd/mm/yyyy hh:mm", "dd/mm/yyyy"}


def read_xlsx(file: Path) -> list[list[Any]]:
    """The one sheet as a spreadsheet holds it: texts as stored, dates by their number format."""
    with zipfile.ZipFile(file) as archive:
        styles = etree.fromstring(archive.read("xl/styles.xml"))
        sheet = etree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    assert not sheet.findall(".//s:f", _SHEET), "a formula"
    assert not sheet.findall(".//s:hyperlink", _SHEET)
    codes = {one.get("numFmtId"): one.get("formatCode") for one in styles.iterfind(".//s:numFmt", _SHEET)}
    looks = [codes.get(one.get("numFmtId")) for one in styles.iterfind(".//s:cellXfs/s:xf", _SHEET)]
    rows = []
    for row in sheet.iterfind(".//s:row", _SHEET):
        cells: dict[int, Any] = {}
        for cell in row.iterfind("s:c", _SHEET):
            letters = "".join(letter for letter in cell.get("r") if letter.isalpha())
            place = 0
            for letter in letters:
                place = place * 26 + ord(letter) - ord("A") + 1
            cells[place - 1] = _cell(cell, looks[int(cell.get("s", "0"))])
        rows.append([cells.get(place) for place in range(max(cells, default=-1) + 1)])
    return rows


def _cell(cell: Any, look: str | None) -> Any:
    if cell.get("t") == "inlineStr":
        return "".join(cell.itertext())
    value = cell.findtext("s:v", namespaces=_SHEET)
    if value is None or cell.get("t") == "b":
        return value and value == "1"
    number = float(value)
    if look in _FORMATS:
        return dt.datetime(1899, 12, 30) + dt.timedelta(seconds=round(number * 86400))
    return number


def read_csv(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


@pytest.fixture(scope="module")
def written(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The hostile cells in each format."""
    folder = tmp_path_factory.mktemp("export")
    files = {ending: folder / f"câu trả lời.{ending}" for ending in ("csv", "xlsx")}
    for file in files.values():
        done = diembao("sql", QUERY, "--export", str(file), "--data", str(sample))
        assert done.stdout == f"{file}: 1 rows\n"
    return files


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell[0])
def test_a_cell_is_what_it_is_in_csv_and_in_a_workbook(
    written: dict[str, Path], cell: tuple[str, str, str, Any]
) -> None:
    name, _, in_csv, in_xlsx = cell
    header, row = read_csv(written["csv"])
    assert row[header.index(name)] == in_csv
    header, row = read_xlsx(written["xlsx"])
    found = (row + [None] * len(CELLS))[header.index(name)]
    assert (found, type(found)) == (in_xlsx, type(in_xlsx))


def test_csv_begins_with_the_mark_by_which_excel_knows_vietnamese(written: dict[str, Path]) -> None:
    assert written["csv"].read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_header_can_begin_like_a_formula_too(sample: Path, tmp_path: Path) -> None:
    for ending, read in (("csv", read_csv), ("xlsx", read_xlsx)):
        file = tmp_path / f"h.{ending}"
        diembao("sql", """SELECT 1 AS "=1+1", 2 AS a, 3 AS a""", "--export", str(file), "--data", str(sample))
        assert read(file)[0] == ["'=1+1", "a", "a_1"]


def test_parquet_holds_all_as_it_is(sample: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.PARQUET"
    query = (
        "SELECT '=1' AS \"=x\", -2 AS n, ['a', NULL] AS l, counted_at AS t FROM articles ORDER BY counted_at LIMIT 1"
    )
    diembao("sql", query, "--export", str(file), "--data", str(sample))
    (row,) = pq.read_table(file).to_pylist()
    assert list(row.values())[:3] == ["=1", -2, ["a", None]]
    assert next(iter(row)) == "=x"
    assert row["t"].tzinfo == ZoneInfo("Asia/Ho_Chi_Minh")


def test_every_article_is_exported_in_every_format(sample: Path, tmp_path: Path) -> None:
    query = ("FROM articles ORDER BY article_id", "--data", str(sample))
    ids = [row["article_id"] for row in diembao_json("sql", *query)]
    for ending in ("csv", "xlsx", "parquet"):
        diembao("sql", *query, "--export", str(tmp_path / f"a.{ending}"))
    tables = (read_csv(tmp_path / "a.csv"), read_xlsx(tmp_path / "a.xlsx"))
    for table in tables:
        assert [row[table[0].index("article_id")] for row in table[1:]] == ids
    assert pq.read_table(tmp_path / "a.parquet")["article_id"].to_pylist() == ids


@pytest.mark.drill
@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_the_same_answer_is_the_same_file(sample: Path, tmp_path: Path, ending: str) -> None:
    files = [tmp_path / f"{name}.{ending}" for name in ("one", "two")]
    for file in files:
        diembao("sql", "FROM mentions ORDER BY mention_id", "--export", str(file), "--data", str(sample))
        time.sleep(1.1)  # the clock of a file's date
    assert files[0].read_bytes() == files[1].read_bytes()


def test_text_longer_than_a_cell_is_cut_and_told(sample: Path, tmp_path: Path) -> None:
    query = "SELECT repeat('ữ', 32767) AS fits, repeat('ữ', 32768) AS cut, repeat('😀', 16384) AS pairs"
    file = tmp_path / "long.xlsx"
    done = diembao("sql", query, "--export", str(file), "--data", str(sample), code=1)
    assert done.stderr == (
        f"{file}: texts cut to 32,767 characters, the most a cell takes: 2; .csv and .parquet hold all of them\n"
    )
    assert [len(text) for text in read_xlsx(file)[1]] == [32767, 32767, 16383]
    diembao("sql", query, "--export", str(tmp_path / "long.csv"), "--data", str(sample))
    assert [len(text) for text in read_csv(tmp_path / "long.csv")[1]] == [32767, 32768, 16384]


def test_more_rows_than_a_sheet_takes_are_refused(sample: Path, tmp_path: Path) -> None:
    done = diembao(*("sql", "FROM range(1048576)", "--export", str(tmp_path / "r.xlsx"), "--data", str(sample)), code=2)
    assert "r.xlsx: a sheet takes 1,048,575 rows beside its header" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.drill
@pytest.mark.parametrize(
    ("query", "name", "says"),
    [
        ("SELECT 1", "x.ods", "the ending tells the format, and may be .csv, .parquet, .xlsx"),
        ("SELECT 1", "x", "the ending tells the format"),
        ("SELECT 1", "no/such/x.csv", "can't be written: No such file"),
        ("SELECT 1", "folder.csv", "can't be written: Is a directory"),
        ("FROM nowhere", "x.csv", "sql: Catalog Error"),
        ("SELECT (CASE WHEN i = 150000 THEN 'x' ELSE '1' END)::INT FROM range(200000) t(i)", "x.csv", "Could not conv"),
        ("/* nothing */", "x.xlsx", "the statement has no answer to write"),
        ("SELECT INTERVAL 1 DAY", "x.parquet", "CAST the column to VARCHAR"),
    ],
)
def test_what_can_not_be_written_is_one_line_and_leaves_the_folder_as_it_was(
    sample: Path, tmp_path: Path, query: str, name: str, says: str
) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "x.csv").write_text("before", encoding="utf-8")
    done = diembao("sql", query, "--export", str(tmp_path / name), "--data", str(sample), code=2)
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert sorted(file.name for file in tmp_path.iterdir()) == ["folder.csv", "x.csv"]
    assert (tmp_path / "x.csv").read_text(encoding="utf-8") == "before"


def test_export_before_the_first_publication_and_beside_json_is_refused(sample: Path, tmp_path: Path) -> None:
    to_file = ("--export", str(tmp_path / "x.csv"))
    assert "nothing is published yet" in diembao("sql", "SELECT 1", *to_file, "--data", str(tmp_path), code=2).stderr
    assert "exclude" in diembao("sql", "SELECT 1", *to_file, "--json", "--data", str(sample), code=2).stderr
    assert list(tmp_path.iterdir()) == []


def test_statement_comes_from_standard_input_where_it_is_no_terminal(sample: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "diembao", "sql", "--data", str(sample), "--json"]
    done = subprocess.run(command, cwd=ROOT, input="SELECT 'đọc' AS a", text=True, capture_output=True, check=True)
    assert done.stdout == '[{"a": "đọc"}]\n'
    command[-1:] = ["--export", str(tmp_path / "x.csv")]
    subprocess.run(command, cwd=ROOT, input="SELECT 'đọc' AS a", text=True, capture_output=True, check=True)
    assert read_csv(tmp_path / "x.csv") == [["a"], ["đọc"]]


def test_an_answer_without_rows_has_its_columns_and_columns_of_one_name_are_both_there(sample: Path) -> None:
    assert "cột" in diembao("sql", "SELECT 1 AS cột WHERE false", "--data", str(sample)).stdout
    assert diembao_json("sql", "SELECT 1 AS a, 2 AS a", "--data", str(sample)) == [{"a": 1, "a_1": 2}]


@pytest.mark.parametrize("number", range(3))
def test_the_sql_of_the_analysts_guide_is_answered(sample: Path, number: int) -> None:
    guide = (ROOT / "docs" / "analysts.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```sql\n(.*?)^```", guide, re.DOTALL | re.MULTILINE)
    assert len(shown) == 3
    assert diembao_json("sql", shown[number], "--data", str(sample))


class Terminal:
    """`diembao sql` at a terminal of its own."""

    def __init__(self, workspace: Path, state: Path) -> None:
        self.process, self._terminal = pty.fork()
        if self.process == 0:
            os.chdir(ROOT)
            os.environ.update(TERM="dumb", XDG_STATE_HOME=str(state))
            os.execv(sys.executable, [sys.executable, "-m", "diembao", "sql", "--data", str(workspace)])

    def until(self, text: str) -> str:
        """What it says, up to this text."""
        said = b""
        while not said.decode(errors="replace").endswith(text):
            assert select.select([self._terminal], [], [], 60)[0], said.decode(errors="replace")
            said += os.read(self._terminal, 1)
        return said.decode().replace("\r\n", "\n")

    def type(self, keys: str, until: str = "\ndiembao> ") -> str:
        """Types, and says what is answered before it asks again."""
        os.write(self._terminal, keys.encode())
        return self.until(until)

    def leave(self) -> int:
        """Ctrl-D; the exit code."""
        os.write(self._terminal, b"\x04")
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])


@pytest.fixture
def terminal(sample_copy: Path, tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(sample_copy, tmp_path / "state")
    terminal.until("diembao> ")
    yield terminal
    try:
        os.kill(terminal.process, 9)
    except ProcessLookupError:
        return
    os.waitpid(terminal.process, 0)


def test_prompt_answers_statements_goes_on_after_an_error_and_leaves(terminal: Terminal) -> None:
    assert "│ 67 │" in terminal.type("SELECT count(*) AS n FROM articles;\n")
    terminal.type("SELECT 'không ;\n", until="    ...> ")
    assert "│ xong" in terminal.type("hết;' AS a, 'xong' AS b; -- hết\n")
    failed = terminal.type("FROM nowhere;\n")
    assert failed.count("sql: Catalog Error: Table with name nowhere does not exist!\n") == 1
    assert "Traceback" not in failed
    assert "sql: Parser Error" in terminal.type("selec;\n")
    assert "read-only" in terminal.type("DROP VIEW articles;\n")
    both = terminal.type("SELECT 1 AS một; SELECT 2 AS hai;\n")
    assert "một" in both.split("\n", 1)[1]
    assert "hai" in both.split("\n", 1)[1]
    assert terminal.type("\n") == "\ndiembao> "
    assert terminal.leave() == 0


@pytest.mark.drill
def test_prompt_sees_what_is_published_in_between(terminal: Terminal, sample_copy: Path) -> None:
    count = "SELECT count(*) AS n FROM reports_sent;\n"
    assert "│ 0 │" in terminal.type(count)
    terminal.type("SELECT nothing FROM reports_sent;\n")
    diembao("monthly", "2021-07", "--send", "--data", str(sample_copy))
    diembao("publish", "--data", str(sample_copy))
    assert "│ 0 │" not in terminal.type(count)
    (sample_copy / "published" / "coverage.duckdb").unlink()
    assert "nothing is published yet" in terminal.type(count)
    assert terminal.leave() == 0


def test_prompt_gives_up_a_statement_at_ctrl_c(terminal: Terminal) -> None:
    terminal.type("SELECT typed", until="typed")
    time.sleep(1)  # as people do: Python misses a signal that comes while readline is still echoing
    assert "typed" not in terminal.type("\x03")
    endless = "SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(10000000) b(i) WHERE a.i < b.i;\n"
    terminal.type(endless, until="b.i;\r\n")
    time.sleep(1)
    terminal.type("\x03")
    assert "│ 7 │" in terminal.type("SELECT 3 + 4 AS n;\n")
    assert terminal.leave() == 0


def test_history_is_kept_for_its_owner_alone_and_found_again(
    terminal: Terminal, sample_copy: Path, tmp_path: Path
) -> None:
    terminal.type("SELECT 'lần đầu' AS a;\n")
    assert terminal.leave() == 0
    history = tmp_path / "state" / "diembao" / "sql_history"
    assert history.read_text(encoding="utf-8").splitlines() == ["SELECT 'lần đầu' AS a;"]
    assert history.stat().st_mode & 0o777 == 0o600
    again = Terminal(sample_copy, tmp_path / "state")
    again.until("diembao> ")
    assert "│ lần đầu │" in again.type("\x1b[A\n")  # the arrow upwards
    again.type("SELECT 2;\n")
    assert again.leave() == 0
    assert history.read_text(encoding="utf-8").splitlines() == ["SELECT 'lần đầu' AS a;", "SELECT 2;"]


def test_prompt_without_a_publication_and_export_without_a_query_are_refused(sample: Path, tmp_path: Path) -> None:
    nothing = Terminal(tmp_path, tmp_path / "state")
    nothing.until("run `diembao nightly` first")
    assert os.waitstatus_to_exitcode(os.waitpid(nothing.process, 0)[1]) == 2
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "diembao", "sql", "--data", str(sample), "--export", str(tmp_path / "x.csv")]
    done = subprocess.run(command, cwd=ROOT, stdin=theirs, text=True, capture_output=True, check=False)
    os.close(ours)
    os.close(theirs)
    assert (done.returncode, done.stderr) == (2, "--export writes one answer; give it a QUERY\n")
