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
    (b"%PDF", "tệp PDF", "a PDF"),
    (b"{\\rtf", "văn bản RTF", "an RTF text"),
    (b"\x89PNG", "tệp hình ảnh", "a picture"),
    (b"\xff\xd8\xff", "tệp hình ảnh", "a picture"),
    (b"Rar!", "tệp nén RAR", "a RAR archive"),
    (b"7z\xbc\xaf", "tệp nén 7z", "a 7z archive"),
)
_BY_PART = (
    ("word/document.xml", "văn bản Word (.docx)", "a Word document (.docx)"),
    ("ppt/presentation.xml", "tệp trình chiếu (.pptx)", "a presentation (.pptx)"),
    ("xl/workbook.bin", "bảng tính nhị phân (.xlsb)", "a binary workbook (.xlsb)"),
    ("content.xml", "tệp OpenDocument (.ods hoặc .odt)", "an OpenDocument file (.ods or .odt)"),
)
_ARCHIVE_OF_FILES = ("tệp nén chứa các tệp khác (.zip)", "an archive of other files (.zip)")
_TEXT = ("tệp văn bản, có thể là CSV", "a text file, perhaps CSV")
_WEB = ("trang web (HTML hoặc XML) mang đuôi tệp Excel", "a web page (HTML or XML) named as one")
_UNKNOWN = ("một loại tệp khác", "a file of another kind")


def no_archive(content: bytes) -> LedgerError:
    """Return the error for bytes that do not begin as an archive does."""
    if not content:
        return broken(EMPTY_FILE)
    if content.startswith(_OLE_MAGIC):
        return broken(PASSWORD if _ENCRYPTED in content else OLD_FORMAT)
    if content.startswith(b"PK"):
        return broken(DAMAGED, where="PK")
    found_vi, found_en = _kind(content[:_HEAD])
    return broken(NOT_A_WORKBOOK, found_vi=found_vi, found_en=found_en)


def other_archive(parts: frozenset[str]) -> LedgerError:
    """Return the error for an archive that holds no workbook."""
    for part, found_vi, found_en in _BY_PART:
        if part in parts:
            return broken(NOT_A_WORKBOOK, found_vi=found_vi, found_en=found_en)
    if "[Content_Types].xml" in parts:
        return broken(NOT_A_WORKBOOK, found_vi=_UNKNOWN[0], found_en=_UNKNOWN[1])
    return broken(NOT_A_WORKBOOK, found_vi=_ARCHIVE_OF_FILES[0], found_en=_ARCHIVE_OF_FILES[1])


def _kind(head: bytes) -> tuple[str, str]:
    for magic, found_vi, found_en in _BY_MAGIC:
        if head.startswith(magic):
            return found_vi, found_en
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<?xml", *_WEB_PAGE)) or any(tag in text for tag in _WEB_PAGE[:3]):
        return _WEB
    if b"\x00" not in head or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _TEXT
    return _UNKNOWN
