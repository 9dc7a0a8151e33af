"""Tells by its bytes what a file is that is no workbook; its name may say anything."""

from services.lists.workbook.problems import (
    DAMAGED,
    EMPTY_FILE,
    NOT_A_WORKBOOK,
    OLD_FORMAT,
    PASSWORD,
)
from shared.errors import LedgerError, broken

ZIP_MAGIC = b"PK\x03\x04"
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""The stream in which Office keeps a workbook with a password (MS-OFFCRYPTO, 2.3)."""
_HEAD = 4096
_WEB_PAGE = (b"<html", b"<!doctype html", b"<table", b"<head", b"<body", b"<meta")
_BY_MAGIC = (
    (b"%PDF", "PDF"),
    (b"{\\rtf", "RTF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
)
_BY_PART = (
    ("word/document.xml", "Word (.docx)"),
    ("ppt/presentation.xml", "PowerPoint (.pptx)"),
    ("xl/workbook.bin", "Excel Binary Workbook (.xlsb)"),
    ("content.xml", "OpenDocument (.ods, .odt)"),
)
_ARCHIVE_OF_FILES, _TEXT, _WEB, _UNKNOWN = "ZIP", "TXT/CSV", "HTML/XML", "?"


def no_archive(content: bytes) -> LedgerError:
    """Return the error for bytes that do not begin as an archive does."""
    if not content:
        return broken(EMPTY_FILE)
    if content.startswith(_OLE_MAGIC):
        return broken(PASSWORD if _ENCRYPTED in content else OLD_FORMAT)
    if content.startswith(b"PK"):
        return broken(DAMAGED, where="PK")
    return broken(NOT_A_WORKBOOK, found=_kind(content[:_HEAD]))


def other_archive(parts: frozenset[str]) -> LedgerError:
    """Return the error for an archive that holds no workbook."""
    for part, kind in _BY_PART:
        if part in parts:
            return broken(NOT_A_WORKBOOK, found=kind)
    is_office = "[Content_Types].xml" in parts
    return broken(NOT_A_WORKBOOK, found=_UNKNOWN if is_office else _ARCHIVE_OF_FILES)


def _kind(head: bytes) -> str:
    for magic, kind in _BY_MAGIC:
        if head.startswith(magic):
            return kind
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<?xml", *_WEB_PAGE)) or any(tag in text for tag in _WEB_PAGE[:3]):
        return _WEB
    if b"\x00" not in head or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _TEXT
    return _UNKNOWN
