"""The database says of everything in it what it is, in English and in Vietnamese, and of nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
import yaml

from config.yaml_file import read_model
from warehouse import comments
from warehouse.comments import COMMENTS, Comments, NotDescribed, describe, languages, read_comments
from warehouse.database import WarehouseError, new_warehouse, open_warehouse, warehouse_path
from warehouse.published import open_published

EVERYTHING = """
    SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal
    UNION ALL SELECT table_name, NULL, comment FROM duckdb_tables() WHERE NOT internal
    UNION ALL SELECT view_name, NULL, comment FROM duckdb_views() WHERE NOT internal
"""
VIETNAMESE = re.compile(r"[ăâđêôơưáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ]", re.IGNORECASE)

Described = dict[tuple[str, str | None], str | None]


@pytest.fixture(scope="module")
def published(sample: Path) -> Described:
    with closing(open_published(sample)) as connection:
        return {(table, column): said for table, column, said in connection.execute(EVERYTHING).fetchall()}


@pytest.fixture(scope="module")
def written() -> Described:
    """The writer's database."""
    with new_warehouse() as connection:
        return {(table, column): said for table, column, said in connection.execute(EVERYTHING).fetchall()}


@pytest.fixture
def texts_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A comments.yaml to write, read in place of ours."""
    file = tmp_path / "comments.yaml"
    monkeypatch.setattr(comments, "COMMENTS", file)
    read_comments.cache_clear()
    yield file
    read_comments.cache_clear()


def _write(file: Path, columns: dict[str, dict[str, str]], tables: dict[str, object]) -> None:
    file.write_text(yaml.safe_dump({"columns": columns, "tables": tables}, allow_unicode=True), encoding="utf-8")


def test_everything_is_described_in_both_languages(published: Described, written: Described) -> None:
    assert len(published) > 300
    for what, said in (*published.items(), *written.items()):
        assert said, what
        english, vietnamese = languages(said)
        assert english, what
        assert VIETNAMESE.search(vietnamese), what


def test_no_text_is_of_something_that_is_gone(published: Described, written: Described) -> None:
    present = published | written
    texts = read_comments()
    named = {(table, None) for table in texts.tables}
    named |= {(table, column) for table, own in texts.tables.items() for column in own.columns}
    assert named - present.keys() == set()
    without_own = {column for table, column in present if column and column not in texts.tables[table].columns}
    assert texts.columns.keys() - without_own == set()


def test_no_column_repeats_the_common_text() -> None:
    texts = read_comments()
    for table, own in texts.tables.items():
        assert [column for column, text in own.columns.items() if text == texts.columns.get(column)] == [], table


def test_no_key_is_given_twice() -> None:
    assert read_model(COMMENTS, Comments) == read_comments()


def test_texts_are_one_line_and_end_without_a_full_stop() -> None:
    texts = read_comments()
    for text in [
        *texts.columns.values(),
        *texts.tables.values(),
        *(t for o in texts.tables.values() for t in o.columns.values()),
    ]:
        for words in (text.en, text.vi):
            assert "\n" not in words
            assert not words.endswith("."), words


def test_what_has_no_text_is_named(tmp_path: Path) -> None:
    with open_warehouse(tmp_path) as connection:
        connection.execute("CREATE TABLE scratch (article_id VARCHAR)")
        connection.execute("ALTER TABLE captures ADD COLUMN mood VARCHAR")
        with pytest.raises(NotDescribed, match=r"for captures\.mood, scratch, scratch\.article_id$"):
            describe(connection)


def test_a_warehouse_with_something_undescribed_does_not_open(tmp_path: Path) -> None:
    with open_warehouse(tmp_path):
        pass
    with closing(duckdb.connect(str(warehouse_path(tmp_path)))) as connection:
        connection.execute("CREATE VIEW mine AS SELECT 1 AS one")
    with pytest.raises(WarehouseError, match=r"mine, mine\.one; write it there, or drop"), open_warehouse(tmp_path):
        pass


def test_a_column_has_its_table_s_text_before_the_common_one_and_any_text_is_quoted(texts_of: Path) -> None:
    common = {"id": {"en": "The id", "vi": "Mã"}, "it's": {"en": "It's; DROP TABLE a", "vi": "'Đó'"}}
    tables = {
        "a": {"en": "A", "vi": "Bảng a", "columns": {"id": {"en": "Its own", "vi": "Riêng"}}},
        'b "c"': {"en": "B", "vi": "Bảng b"},
    }
    _write(texts_of, common, tables)
    with closing(duckdb.connect()) as connection:
        connection.execute('CREATE TABLE a (id INTEGER); CREATE VIEW "b ""c""" AS SELECT id, 1 AS "it\'s" FROM a')
        connection.execute("CREATE SCHEMA other; CREATE TABLE other.not_ours (x INTEGER)")
        connection.execute("ATTACH ':memory:' AS elsewhere; CREATE TABLE elsewhere.neither (x INTEGER)")
        describe(connection)
        describe(connection)
        said = {(table, column): text for table, column, text in connection.execute(EVERYTHING).fetchall()}
    assert said == {
        ("a", None): "A — Bảng a",
        ("a", "id"): "Its own — Riêng",
        ('b "c"', None): "B — Bảng b",
        ('b "c"', "id"): "The id — Mã",
        ('b "c"', "it's"): "It's; DROP TABLE a — 'Đó'",
        ("not_ours", None): None,
        ("not_ours", "x"): None,
        ("neither", None): None,
        ("neither", "x"): None,
    }


def test_a_text_that_changed_is_said_anew(texts_of: Path) -> None:
    with closing(duckdb.connect()) as connection:
        connection.execute("CREATE TABLE a (id INTEGER); COMMENT ON TABLE a IS 'as a migration said'")
        for english in ("First", "Second"):
            _write(texts_of, {"id": {"en": "The id", "vi": "Mã"}}, {"a": {"en": english, "vi": "Bảng"}})
            read_comments.cache_clear()
            describe(connection)
            assert connection.execute("SELECT comment FROM duckdb_tables()").fetchall() == [(f"{english} — Bảng",)]


@pytest.mark.parametrize("vi", [None, "", " ", "Hai — ba"])
def test_a_text_that_lacks_a_language_or_holds_what_parts_them_is_an_error(texts_of: Path, vi: str | None) -> None:
    _write(texts_of, {}, {"a": {"en": "One"} | ({"vi": vi} if vi is not None else {})})
    with pytest.raises(ValueError, match=r"tables\.a\.vi"):
        read_comments()
