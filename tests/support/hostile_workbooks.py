"""Files that an upload must survive: each is made here, small on disk, and none is a real list."""

import io
import random
import struct
import zipfile
from collections.abc import Callable, Mapping

import xlsxwriter
from openpyxl import Workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEAD = f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{MAIN}"><sheetData>'.encode()
TAIL = b"</sheetData></worksheet>"
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
QUICKLY = 1
"""How zlib packs hundreds of megabytes in a fifth of the time; a bomb is one still."""


def good_workbook() -> bytes:
    """Make a small workbook with one line."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["STT", "Tên mô hình"])
    sheet.append([1, "Cổng rào xanh"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_parts(parts: Mapping[str, bytes], content: bytes | None = None) -> bytes:
    """Return a good workbook with parts put in or replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content or good_workbook())) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=QUICKLY) as new,
    ):
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, part in parts.items():
            new.writestr(name, part)
    return out.getvalue()


def bomb() -> bytes:
    """300 MB of spaces in one sheet."""
    return with_parts({SHEET: HEAD + b" " * 300_000_000 + TAIL})


def smaller_bomb() -> bytes:
    """90 MB of spaces: under the limit of size, packed a thousand times."""
    return with_parts({SHEET: HEAD + b" " * 90_000_000 + TAIL})


def bomb_that_lies() -> bytes:
    """A bomb of which the archive says that it is small."""
    content = bytearray(smaller_bomb())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = struct.pack("<I", archive.getinfo(SHEET).file_size)
    return bytes(content.replace(size, struct.pack("<I", 1000)))


def sparse() -> bytes:
    """Two cells, one of them the last that a sheet can have."""
    return with_parts(
        {
            SHEET: HEAD
            + b'<row r="1"><c r="A1"><v>1</v></c></row>'
            + b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
            + TAIL
        }
    )


def wide() -> bytes:
    """One row with 16,384 values."""
    cells = b"".join(b'<c t="b"><v>1</v></c>' for _ in range(16384))
    return with_parts({SHEET: HEAD + b'<row r="1">' + cells + b"</row>" + TAIL})


def million_rows(count: int = 1_000_000) -> bytes:
    """Make so many rows with a number in each."""
    rows = b"".join(b'<row r="%d"><c><v>%d</v></c></row>' % (n, n) for n in range(1, count + 1))
    return with_parts({SHEET: HEAD + rows + TAIL})


def blank_giant() -> bytes:
    """Three million and more formatted cells with nothing in them."""
    letters = [chr(65 + n // 26) + chr(65 + n % 26) for n in range(100)]
    rows = b"".join(
        "".join(f'<c r="{each}{n}"/>' for each in letters).encode().join([b"<row>", b"</row>"])
        for n in range(1, 30_101)
    )
    return with_parts({SHEET: HEAD + rows + TAIL})


def laughs() -> bytes:
    """Ten levels of entities, each ten times the one below."""
    entities = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    doctype = b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY l0 "ha">' + entities + b"]>"
    body = f'<worksheet xmlns="{MAIN}"><sheetData><row r="1">'.encode()
    cell = b'<c r="A1" t="inlineStr"><is><t>&l9;</t></is></c></row>'
    return with_parts({SHEET: doctype + body + cell + TAIL})


def laughs_in_utf16() -> bytes:
    """The same, in an encoding in which a search for ASCII finds nothing."""
    doctype = (
        f'<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE s [<!ENTITY a "b">]><s xmlns="{MAIN}"/>'
    )
    return with_parts({SHEET: doctype.encode("utf-16")})


def entity_by_another_name() -> bytes:
    """A sheet with an entity, small enough for any parser, in a part that is not called XML."""
    sheet = (
        f'<!DOCTYPE s [<!ENTITY a "b">]><worksheet xmlns="{MAIN}"><sheetData><row r="1">'
        '<c r="A1" t="inlineStr"><is><t>&a;</t></is></c></row></sheetData></worksheet>'
    ).encode()
    with zipfile.ZipFile(io.BytesIO(good_workbook())) as archive:
        relations = archive.read("xl/_rels/workbook.xml.rels").replace(b"sheet1.xml", b"sheet1.png")
        types = archive.read("[Content_Types].xml").replace(b"sheet1.xml", b"sheet1.png")
    names = {"xl/_rels/workbook.xml.rels": relations, "[Content_Types].xml": types}
    return with_parts({SHEET: HEAD + TAIL, SHEET.replace(".xml", ".png"): sheet, **names})


def repeated_text() -> bytes:
    """One text of 32,000 letters that 40,000 cells name."""
    texts = f'<sst xmlns="{MAIN}"><si><t>{"Dân vận " * 4000}</t></si></sst>'.encode()
    rows = b"".join(
        b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(1, 40_001)
    )
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)  # openpyxl writes every text into its cell
    book.add_worksheet().write("A1", "x")
    book.close()
    return with_parts({STRINGS: texts, SHEET: HEAD + rows + TAIL}, out.getvalue())


def password() -> bytes:
    """The container that Office makes around a workbook with a password."""
    return ole() + "EncryptedPackage".encode("utf-16-le") + bytes(512)


def ole() -> bytes:
    """The head of a workbook of Excel 97."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512) + "Workbook".encode("utf-16-le")


def password_of_zip() -> bytes:
    """A workbook in an archive whose parts are encrypted."""
    content = bytearray(good_workbook())
    at = 0
    while (at := content.find(b"PK\x01\x02", at)) >= 0:
        content[at + 8] |= 1
        at += 4
    return bytes(content)


def truncated() -> bytes:
    """Two thirds of a workbook."""
    content = good_workbook()
    return content[: len(content) * 2 // 3]


def flipped() -> bytes:
    """A workbook of which one bit arrived wrong."""
    content = bytearray(good_workbook())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entry = archive.getinfo(SHEET)
    content[entry.header_offset + 30 + len(SHEET) + entry.compress_size // 2] ^= 0x10
    return bytes(content)


def many_entries() -> bytes:
    """A workbook with a thousand parts."""
    return with_parts({f"xl/media/{n}.png": b"" for n in range(1000)})


def very_many_entries() -> bytes:
    """A workbook with sixty thousand parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        for n in range(60_000):
            new.writestr(f"{n}", b"")
    return out.getvalue()


def html() -> bytes:
    """A web page that a portal offers as an .xls file."""
    return "<html><body><table><tr><td>Tên mô hình</td></tr></table></body></html>".encode()


def slip() -> bytes:
    """A part whose name leads out of the folder into which it would be unpacked."""
    return with_parts({"../../../etc/cron.d/list": b"x"})


def twice() -> bytes:
    """Two parts of one name: which of them a program reads is its choice."""
    return with_parts({SHEET: HEAD + TAIL, SHEET.upper(): HEAD + TAIL})


def nested() -> bytes:
    """An archive in which a workbook is."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        new.writestr("danh-sach.xlsx", good_workbook())
    return out.getvalue()


def docx() -> bytes:
    """A text of Word named as a workbook."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        new.writestr("[Content_Types].xml", b"<Types/>")
        new.writestr("word/document.xml", b"<document/>")
    return out.getvalue()


def invalid_xml() -> bytes:
    """A sheet whose tags do not close."""
    return with_parts({SHEET: HEAD + b'<row r="1"><c r="A1"><v>1</row>' + TAIL})


def huge_texts() -> bytes:
    """60 MB of shared texts, of which none is like another."""
    chance = random.Random(7)
    texts = b"".join(b"<si><t>%d</t></si>" % chance.getrandbits(160) for _ in range(900_000))
    return with_parts({STRINGS: f'<sst xmlns="{MAIN}">'.encode() + texts + b"</sst>"})


def strict() -> bytes:
    """A workbook in the other dialect of Office Open XML."""
    part = b'<workbook xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"/>'
    return with_parts({"xl/workbook.xml": part})


HOSTILE: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "workbook_empty_file"),
    "bomb": (bomb, "workbook_too_large"),
    "smaller bomb": (smaller_bomb, "workbook_packed_too_far"),
    "bomb that lies": (bomb_that_lies, "workbook_damaged"),
    "sparse": (sparse, "workbook_too_many_rows"),
    "wide": (wide, "workbook_too_many_columns"),
    "million rows": (million_rows, "workbook_too_many_rows"),
    "blank giant": (blank_giant, "workbook_too_many_cells"),
    "laughs": (laughs, "workbook_unsafe_part"),
    "laughs in UTF-16": (laughs_in_utf16, "workbook_unsafe_part"),
    "entity by another name": (entity_by_another_name, "workbook_unreadable"),
    "repeated text": (repeated_text, "workbook_too_large"),
    "password": (password, "workbook_password"),
    "encrypted parts": (password_of_zip, "workbook_password"),
    "old .xls": (ole, "workbook_old_format"),
    "truncated": (truncated, "workbook_damaged"),
    "one bit wrong": (flipped, "workbook_damaged"),
    "thousand parts": (many_entries, "workbook_too_many_parts"),
    "sixty thousand parts": (very_many_entries, "workbook_too_many_parts"),
    "web page": (html, "workbook_other_kind"),
    "CSV": ("STT;Tên mô hình\r\n1;Cổng rào".encode, "workbook_other_kind"),
    "PDF": (lambda: b"%PDF-1.7\n", "workbook_other_kind"),
    "Word": (docx, "workbook_other_kind"),
    "nested": (nested, "workbook_other_kind"),
    "slip": (slip, "workbook_unsafe_part"),
    "twice": (twice, "workbook_unsafe_part"),
    "invalid XML": (invalid_xml, "workbook_unreadable"),
    "huge shared texts": (huge_texts, "workbook_too_large"),
    "strict": (strict, "workbook_strict_format"),
}
"""Name -> how the file is made, and the code with which it is refused."""
