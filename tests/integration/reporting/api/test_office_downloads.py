"""Every list of reporting as a workbook and a document: whole, at one position, like its CSV."""

import csv
import io
from random import Random

import docx
import openpyxl
import pytest
from fastapi import FastAPI

from services.reporting.api.routes import reads_router
from shared.clock import system_clock
from shared.vocabulary import Family
from shared.web.answers import list_answers
from shared.web.files import office_answers
from shared.web.server.application import new_app
from shared.web.server.declared_parameters import add_routes
from tests.integration.reporting.api.test_downloads import LISTS, address
from tests.support.office_files import sheet_rows
from tests.support.rebuildable_ledger import Rebuilding, record
from tests.support.streamed_answers import streamed


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a file be read two things at a time, and sent in small pieces."""
    monkeypatch.setattr(list_answers, "LARGEST_LIMIT", 2)
    monkeypatch.setattr(office_answers, "_PIECE", 512)


@pytest.fixture
def app(ledger: Rebuilding) -> FastAPI:
    """Give the reads of a ledger over HTTP."""
    made = new_app(title="Reads", title_vi="Đọc", description="", family=Family.REPORTING)
    add_routes(made, reads_router(ledger.projection.pin, system_clock))
    return made


@pytest.mark.parametrize("path", LISTS)
async def test_a_workbook_holds_the_rows_of_the_csv(
    ledger: Rebuilding, app: FastAPI, path: str
) -> None:
    position = ledger.projection.position
    asked = address(ledger, path, "csv") + "&lang=vi"
    lines = list(csv.reader(io.StringIO((await streamed(app, asked)).decode("utf-8-sig"))))

    def grow() -> None:
        for number in range(12):
            record(ledger, Random(number).randrange(10**6))
        ledger.project()

    made = await streamed(app, asked.replace("=csv", "=xlsx"), meanwhile=grow)
    assert ledger.projection.position > position
    rows = sheet_rows(openpyxl.load_workbook(io.BytesIO(made)).worksheets[0])
    assert rows[0] == lines[0][: len(rows[0])]
    assert len(rows) == len(lines)
    assert [str(row[0] or "") for row in rows] == [line[0].removeprefix("'") for line in lines]
    known = f"&known_at={position}"
    paper = docx.Document(io.BytesIO(await streamed(app, asked.replace("=csv", "=docx") + known)))
    assert {len(table.rows) for table in paper.tables} == {len(lines)}
    assert f"vị trí {position:,}".replace(",", ".") in paper.paragraphs[-1].text
