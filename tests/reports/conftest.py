from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from reports import charts, pdf, word, workbook
from reports.document import Summary
from reports.monthly import build_monthly
from reports.period import Month
from tests.reports.forms import pdf_text, with_everything
from tests.reports.press import NOW, PLAN, REPORT, Press, fill
from warehouse.publish import make_published
from warehouse.settings import SESSION


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The invented press, opened read-only as the published database is."""
    path = tmp_path_factory.mktemp("published") / "coverage.duckdb"
    press = Press(path)
    fill(press)
    make_published(press.con)
    press.con.close()
    connection = duckdb.connect(str(path), read_only=True)
    connection.execute(SESSION)
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def july(published: duckdb.DuckDBPyConnection) -> Summary:
    return build_monthly(published, Month(2021, 7), REPORT, PLAN, NOW, relook_days=7)


@pytest.fixture(scope="session")
def everything(july: Summary) -> Summary:
    """July with all that a summary can hold, hostile text among it."""
    return with_everything(july)


@pytest.fixture(scope="session")
def pictures(everything: Summary) -> dict[str, bytes]:
    return charts.pictures(everything)


@pytest.fixture(scope="session")
def as_pdf(everything: Summary) -> pdf.Pdf:
    return pdf.pdf(everything)


@pytest.fixture(scope="session")
def pdf_words(as_pdf: pdf.Pdf) -> str:
    return pdf_text(as_pdf.content)


@pytest.fixture(scope="session")
def as_docx(everything: Summary, pictures: dict[str, bytes]) -> bytes:
    return word.docx(everything, pictures)


@pytest.fixture(scope="session")
def as_xlsx(everything: Summary) -> bytes:
    return workbook.xlsx(everything)
