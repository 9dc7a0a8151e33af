"""A document (docx) of tables and text, as Vietnamese offices set it: A4, Times New Roman."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import TYPE_CHECKING

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt

from shared.errors import declare
from shared.web.files.office_table import (
    OfficeTable,
    TableRow,
    TextLine,
    without_control_characters,
)
from shared.web.files.word_table import LONG_SIDE, SHORT_SIDE, WordTable
from shared.web.files.workbook import too_many

if TYPE_CHECKING:
    from typing import BinaryIO

    from docx.document import Document as WordDocument

    from shared.web.files.office_table import OfficeFile, PageSetup

MOST_ROWS = 5_000
FONT = "Times New Roman"
ROWS_BEYOND_DOCUMENT = declare(
    "too_many_rows_for_docx",
    422,
    vi="Một văn bản docx chứa tối đa {most} dòng; hãy thu hẹp phạm vi, hoặc lấy xlsx hay CSV.",
    en="A docx holds at most {most} rows; narrow the question, or take xlsx or CSV.",
)
_MADE = datetime(2000, 1, 1)  # noqa: DTZ001  so that equal answers are equal files


def write_document(file: BinaryIO, office: OfficeFile) -> None:
    """Write a document into a file; more rows than `MOST_ROWS` are 422."""
    document = Document()
    _set_page(document, office.page)
    _set_fonts(document, office)
    _number_pages(document)
    for line in office.heading:
        _paragraph(document, line)
    for line in office.paragraphs:
        _paragraph(document, line)
    left = MOST_ROWS
    for table in office.tables:
        left -= _add_table(document, table, office, left)
    if office.provenance.last_line:
        last = TextLine(office.provenance.last_line, points=10, italic=True, centred=False)
        _paragraph(document, last, before=8)
    _set_properties(document, office)
    _save(document, file)


def _set_page(document: WordDocument, page: PageSetup) -> None:
    section = document.sections[0]
    width, height = (LONG_SIDE, SHORT_SIDE) if page.landscape else (SHORT_SIDE, LONG_SIDE)
    section.orientation = WD_ORIENT.LANDSCAPE if page.landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(width), Mm(height)
    top, bottom, left, right = page.margins
    section.top_margin, section.bottom_margin = Mm(top), Mm(bottom)
    section.left_margin, section.right_margin = Mm(left), Mm(right)
    section.header_distance = section.footer_distance = Mm(10)


def _set_fonts(document: WordDocument, office: OfficeFile) -> None:
    """Set one font and the language for all text, in every script."""
    language = "vi-VN" if office.provenance.language == "vi" else "en-GB"
    fonts = (
        f'<w:rPr {nsdecls("w")}><w:rFonts w:ascii="{FONT}" w:hAnsi="{FONT}" w:eastAsia="{FONT}" '
        f'w:cs="{FONT}"/><w:sz w:val="{int(office.page.points * 2)}"/>'
        f'<w:lang w:val="{language}" w:eastAsia="{language}" w:bidi="ar-SA"/></w:rPr>'
    )
    defaults = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault"))
    for properties in defaults.findall(qn("w:rPr")):
        defaults.remove(properties)
    defaults.append(parse_xml(fonts))
    normal = document.styles["Normal"]
    normal.font.name = FONT
    normal.font.size = Pt(office.page.points)
    normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.space_before = Pt(0)


def _number_pages(document: WordDocument) -> None:
    """Centre the page number in the top margin, on every page but the first."""
    section = document.sections[0]
    section.different_first_page_header_footer = True
    header = section.header
    header.is_linked_to_previous = False
    paragraph = header.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    field = (
        f'<w:fldSimple {nsdecls("w")} w:instr="PAGE"><w:r><w:rPr><w:sz w:val="26"/></w:rPr>'
        "<w:t>2</w:t></w:r></w:fldSimple>"
    )
    paragraph._p.append(parse_xml(field))  # noqa: SLF001  python-docx has no fields


def _paragraph(document: WordDocument, line: TextLine, *, before: float = 0) -> None:
    paragraph = document.add_paragraph()
    run = paragraph.add_run(without_control_characters(line.text))
    run.font.size, run.font.bold, run.font.italic = Pt(line.points), line.bold, line.italic
    form = paragraph.paragraph_format
    form.space_before = Pt(before)
    if line.centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        form.keep_with_next = True
        form.space_after = Pt(2)
    elif not line.italic and not line.bold:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        form.first_line_indent = Mm(10)
        form.space_after = Pt(6)
        form.widow_control = True
    else:
        form.space_after = Pt(3)
        form.keep_with_next = line.bold


def _set_properties(document: WordDocument, office: OfficeFile) -> None:
    core = document.core_properties
    core.title = without_control_characters(office.provenance.question)[:255]
    core.subject = without_control_characters(office.subject)[:255]
    core.author = core.last_modified_by = core.comments = core.keywords = ""
    core.language = "vi-VN" if office.provenance.language == "vi" else "en-GB"
    core.created = core.modified = _MADE
    core.revision = 1


def _save(document: WordDocument, file: BinaryIO) -> None:
    """Save with the same time in every entry, so that the same answer is the same file."""
    made = io.BytesIO()
    document.save(made)
    with (
        zipfile.ZipFile(made) as read,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for name in read.namelist():
            entry = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(entry, read.read(name))


def _add_table(document: WordDocument, table: OfficeTable, office: OfficeFile, most: int) -> int:
    """Add a table, in parts if it is wider than the page; return the number of its rows."""
    rows: list[TableRow] = []
    for row in table.rows:
        if len(rows) >= most:
            raise too_many(ROWS_BEYOND_DOCUMENT, MOST_ROWS)
        rows.append(row)
    layout = WordTable(table, rows, office)
    if table.title:
        title = TextLine(table.title, points=office.page.points + 1, bold=True, centred=False)
        _paragraph(document, title, before=10)
    body = document.element.body
    for number, columns in enumerate(layout.parts):
        if number:
            _paragraph(document, TextLine("", points=6, centred=False, italic=True))
        body.insert(len(body) - 1, parse_xml(layout.xml(columns)))
    for note in [*table.notes, *layout.notes]:
        _paragraph(document, TextLine(note, points=office.page.points, italic=True, centred=False))
    return len(rows)
