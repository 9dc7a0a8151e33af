"""Reads an uploaded workbook: the archive is checked here, the parser runs in a child process."""

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import orjson

from services.lists.workbook.archive import check_archive
from services.lists.workbook.grid import (
    CellKind,
    CellValue,
    GridCell,
    MergedBlock,
    SheetGrid,
    WorkbookGrid,
    WorkbookNotice,
)
from services.lists.workbook.limits import LIMITS, MEGABYTE, WorkbookLimits
from services.lists.workbook.notices import hidden_rows, hidden_sheets
from services.lists.workbook.problems import NO_SHEET, READER_FAILED, READER_STOPPED
from shared.errors import BrokenContract, LedgerError, Problem, Unavailable, broken, rule_of

_CHILD = (sys.executable, "-I", "-m", "services.lists.workbook.child")
_DAYS = (CellKind.DAY, CellKind.MONTH)
_STAMP = "dvk_template"


def read_workbook(content: bytes, limits: WorkbookLimits = LIMITS) -> WorkbookGrid:
    """Return the cells of an uploaded file; raise what refuses it.

    Nothing is written to a disk. It takes up to `limits.wall_seconds` and blocks: a web service
    calls it from a thread.
    """
    notices = check_archive(content, limits)
    return _grid(_run(content, limits), notices)


def _run(content: bytes, limits: WorkbookLimits) -> Mapping[str, Any]:
    try:
        run = subprocess.run(  # noqa: S603  our own module, no shell, nothing of a user in it
            (*_CHILD, json.dumps(asdict(limits))),
            input=content,
            capture_output=True,
            timeout=limits.wall_seconds,
            check=False,
            env={"LC_ALL": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired as error:
        raise broken(READER_STOPPED, limit=f"{limits.wall_seconds} s") from error
    if run.returncode or not run.stdout:
        raise _ended(run.returncode, run.stderr, limits)
    answer: Mapping[str, Any] = orjson.loads(run.stdout)
    if code := answer.get("problem"):
        raise BrokenContract(Problem(rule_of(code), answer["params"]))
    return answer


def _ended(code: int, said: bytes, limits: WorkbookLimits) -> LedgerError:
    """Return the error for a child that gave no answer: a limit ended it, or it is our fault."""
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return broken(READER_STOPPED, limit=f"{limits.processor_seconds} s (CPU)")
    if b"MemoryError" in said or b"std::bad_alloc" in said:
        return broken(READER_STOPPED, limit=f"{limits.memory // MEGABYTE} MB")
    lines = said.decode("utf-8", "replace").strip().splitlines()
    where = lines[-1][:200] if lines else f"exit {code}"
    return Unavailable(Problem(READER_FAILED, {"where": where}))


def _grid(answer: Mapping[str, Any], notices: tuple[WorkbookNotice, ...]) -> WorkbookGrid:
    fonts = answer["fonts"]
    sheets = tuple(_sheet(sheet, fonts) for sheet in answer["sheets"])
    hidden = [sheet.name for sheet in sheets if sheet.state != "visible"]
    if not any(sheet.rows for sheet in sheets):
        raise broken(NO_SHEET, sheets=", ".join(sheet.name for sheet in sheets) or "0")
    return WorkbookGrid(
        sheets,
        date1904=answer["date1904"],
        stamp=answer["properties"].get(_STAMP, ""),
        notices=(
            *notices,
            *([hidden_sheets(hidden)] if hidden else []),
            *(hidden_rows(each.name, each.hidden_rows) for each in sheets if each.hidden_rows),
        ),
        properties=answer["properties"],
    )


def _sheet(sheet: Mapping[str, Any], fonts: list[str]) -> SheetGrid:
    return SheetGrid(
        sheet["name"],
        {
            row: {cell[0]: _cell(cell, fonts) for cell in cells}
            for row, cells in sheet.get("rows", ())
        },
        state=sheet["state"],
        merges=tuple(MergedBlock(*block) for block in sheet.get("merges", ())),
        hidden_rows=sheet.get("hidden_rows", 0),
    )


def _cell(cell: list[Any], fonts: list[str]) -> GridCell:
    _, kind, value, font, is_formula, *runs = cell
    return GridCell(
        CellKind(kind),
        _day(value) if kind in _DAYS else value,
        fonts[font],
        is_formula,
        tuple((text, own or fonts[font]) for text, own in runs[0]) if runs else (),
    )


def _day(text: str) -> CellValue:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
