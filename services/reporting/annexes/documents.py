"""An annex or a narrative as a file: the heading of its form, its tables, and its last line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.web.files.office_table import OfficeFile, PageSetup, TextLine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.reporting.annexes.forms import AnnexForm
    from services.reporting.annexes.narrative import Sentence
    from shared.web.files.office_table import OfficeTable, Provenance


def annex_file(
    form: AnnexForm, tables: Sequence[OfficeTable], about: Provenance, scope: str
) -> OfficeFile:
    """Return an annex with the heading of its style; it has no signature."""
    words = {
        "number": form.number,
        "title": form.layout["title"].upper(),
        "scope": scope.upper(),
    }
    lines = [
        TextLine(
            line["text"].format(**words),
            line["points"],
            bold=line.get("bold", False),
            italic=line.get("italic", False),
        )
        for line in form.style["lines"]
    ]
    page = PageSetup(
        landscape=form.layout.get("landscape", False),
        margins=_margins(form.style),
        points=form.layout.get("points", 12),
    )
    return OfficeFile(about, tables, lines, page=page, subject=form.legal_basis)


def narrative_file(
    style: Mapping[str, Any], sentences: Sequence[Sentence], about: Provenance, scope: str
) -> OfficeFile:
    """Return the sentences as a section that can be pasted into a report."""
    title = "Kết quả phong trào thi đua “Dân vận khéo”"
    lines = [TextLine(title.upper(), 14, bold=True), TextLine(scope.upper(), 14, bold=True)]
    return OfficeFile(
        about,
        (),
        lines,
        [sentence.as_line() for sentence in sentences],
        PageSetup(margins=_margins(style), points=14),
        style["legal_basis"],
    )


def _margins(style: Mapping[str, Any]) -> tuple[float, float, float, float]:
    top, bottom, left, right = style["margins"]
    return top, bottom, left, right
