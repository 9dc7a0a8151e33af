"""Checks an uploaded file as an archive, before any parser of workbooks sees it.

Every part is unpacked once, in pieces and up to a limit, to count its true size: what the archive
says of itself is not believed. Nothing is written to a disk.
"""

import io
import re
import zlib
from collections.abc import Iterator
from zipfile import BadZipFile, ZipFile, ZipInfo

from services.lists.workbook.file_kinds import ZIP_MAGIC, no_archive, other_archive
from services.lists.workbook.grid import WorkbookNotice
from services.lists.workbook.limits import LIMITS, MEGABYTE, WorkbookLimits
from services.lists.workbook.notices import notices_of
from services.lists.workbook.problems import (
    BOMB,
    DAMAGED,
    PASSWORD,
    STRICT_FORMAT,
    TOO_LARGE,
    TOO_MANY_CELLS,
    TOO_MANY_ENTRIES,
    UNSAFE_PART,
)
from shared.errors import LedgerError, broken

WORKBOOK_PART = "xl/workbook.xml"
_CENTRAL_ENTRY = b"PK\x01\x02"
_FEW_ENTRIES = 10
"""How many times the limit is looked at before `zipfile` makes an object of each entry."""
_ENCRYPTED_FLAG = 0x1
_STORED_OR_DEFLATED = (0, 8)
_PIECE = 1 << 20
_DOCTYPES = tuple("<!DOCTYPE".encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be"))
_OVERLAP = max(map(len, _DOCTYPES))
XML_PART = re.compile(r"\.(?:xml|rels|vml)$", re.IGNORECASE)
"""The parts that are searched for a DOCTYPE; the child opens no other (a picture may have one)."""
_SHEET = re.compile(r"^xl/worksheets/[^/]+\.xml$", re.IGNORECASE)
_CELLS = (b"<c ", b"<c/", b"<c>")
"""Counted roughly here, so that a giant costs no parsing; the child counts exactly."""
_STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
_UNSAFE_NAME = re.compile(r"^[/\\]|^[A-Za-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)|[\x00-\x1f]")


def check_archive(content: bytes, limits: WorkbookLimits = LIMITS) -> tuple[WorkbookNotice, ...]:
    """Return what is to be said about the workbook; raise what refuses it."""
    if not content.startswith(ZIP_MAGIC):
        raise no_archive(content)
    _check_entry_count(content.count(_CENTRAL_ENTRY), limits.entries * _FEW_ENTRIES, limits)
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            _check_entries(archive.infolist(), limits)
            _check_parts(archive, limits)
            return notices_of(archive.namelist())
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise broken(DAMAGED, where=str(error)) from error


def _check_entry_count(found: int, allowed: int, limits: WorkbookLimits) -> None:
    if found > allowed:
        raise broken(TOO_MANY_ENTRIES, found=found, limit=limits.entries)


def _check_entries(entries: list[ZipInfo], limits: WorkbookLimits) -> None:
    """Check what the archive says of itself; all that costs nothing."""
    _check_entry_count(len(entries), limits.entries, limits)
    names = [entry.filename for entry in entries]
    if any(entry.flag_bits & _ENCRYPTED_FLAG for entry in entries):
        raise broken(PASSWORD)
    for entry in entries:
        if _UNSAFE_NAME.search(entry.orig_filename):
            raise _unsafe(entry.filename, "../")
        if entry.compress_type not in _STORED_OR_DEFLATED:
            raise _unsafe(entry.filename, f"ZIP {entry.compress_type}")
    if len({name.lower() for name in names}) < len(names):
        twice = next(name for name in names if names.count(name) > 1 or _other_case(name, names))
        raise _unsafe(twice, "× 2")
    if WORKBOOK_PART not in names:
        raise other_archive(frozenset(names))
    _check_size("*", sum(entry.file_size for entry in entries), limits.unpacked)
    for entry in entries:
        _check_size(entry.filename, entry.file_size, _allowed(entry.filename, limits))
        _check_ratio(entry, entry.file_size, limits)


def _other_case(name: str, names: list[str]) -> bool:
    return any(other != name and other.lower() == name.lower() for other in names)


def _allowed(name: str, limits: WorkbookLimits) -> int:
    return limits.unpacked if _SHEET.match(name) else limits.part


def _check_size(part: str, size: int, limit: int) -> None:
    if size > limit:
        megabytes = -(-size // MEGABYTE)
        raise broken(TOO_LARGE, part=part, megabytes=megabytes, limit=limit // MEGABYTE)


def _check_ratio(entry: ZipInfo, size: int, limits: WorkbookLimits) -> None:
    ratio = size // max(entry.compress_size, 1)
    if size > limits.ratio_from and ratio > limits.ratio:
        raise broken(BOMB, part=entry.filename, ratio=ratio)


def _check_parts(archive: ZipFile, limits: WorkbookLimits) -> None:
    """Unpack every part once; in UTF-16 a DOCTYPE is found as well."""
    total = cells = 0
    for entry in archive.infolist():
        is_xml = bool(XML_PART.search(entry.filename))
        size, tail = 0, b""
        for piece in _pieces(archive, entry):
            size += len(piece)
            _check_size("*", total + size, limits.unpacked)
            if is_xml:
                _check_xml(entry.filename, piece, tail)
            tail = piece[-_OVERLAP:]
            if _SHEET.match(entry.filename):
                cells += sum(map(piece.count, _CELLS))
                if cells > limits.cells:
                    raise broken(TOO_MANY_CELLS, limit=limits.cells, sheet=entry.filename)
        _check_ratio(entry, size, limits)
        total += size


def _pieces(archive: ZipFile, entry: ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as part:
        while piece := part.read(_PIECE):
            yield piece


def _check_xml(name: str, piece: bytes, tail: bytes) -> None:
    searched = tail + piece
    if any(doctype in searched for doctype in _DOCTYPES):
        raise _unsafe(name, "<!DOCTYPE>")
    if name == WORKBOOK_PART and _STRICT in searched:
        raise broken(STRICT_FORMAT)


def _unsafe(part: str, why: str) -> LedgerError:
    return broken(UNSAFE_PART, part=part, why=why)
