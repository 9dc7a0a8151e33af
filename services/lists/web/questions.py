"""Questions of a list as its page asks them: of the file, once for a column, then of cells.

And the notes of reading about the whole file.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.lists.reading.rules import DAY_OF_TWO_DIGITS
from services.lists.remarks import Remark
from services.lists.uploads.checked_rows import RowState
from services.lists.uploads.identified_rows import asked_of_all
from services.lists.uploads.store import DeskStore
from services.lists.uploads.upload import Upload
from services.lists.web.texts import DeskTexts

QUESTIONS_SHOWN = 50
_OF_A_COLUMN = frozenset({DAY_OF_TWO_DIGITS.code})
"""Questions whose answer is the same in every cell of a column."""


def questions_of(upload: Upload, store: DeskStore, w: DeskTexts) -> list[Remark]:
    """Return what is asked and not answered yet, the first of many."""
    of_file: Any = upload.summary.get("questions", ())
    asked = [Remark(**{**each, "suggestions": tuple(each["suggestions"])}) for each in of_file]
    for state in (RowState.QUESTION, RowState.REPEATED):
        rows = store.rows(upload.upload_id, state=state.value)
        of_rows = [each for row in rows for each in row.remarks if each.is_question]
        asked += [*asked_of_all(of_rows), *of_rows]
    once = _once_for_a_column(asked, w)
    return [each for each in once if each.key not in upload.answers][:QUESTIONS_SHOWN]


def _once_for_a_column(asked: Iterable[Remark], w: DeskTexts) -> list[Remark]:
    asked = list(asked)
    cells = Counter(_column(each) for each in asked)
    found: dict[str, Remark] = {}
    for each in asked:
        key = _column(each)
        count = cells[key]
        if key != each.key and key not in found:
            column = each.cell.rstrip("0123456789")
            note = {"count": w.number(count), "column": column}
            vi, en = (
                f"{said} {extra}" if count > 1 else said
                for said, extra in zip((each.vi, each.en), w.both("of_column", **note), strict=True)
            )
            found[key] = replace(each, key=key, suggestions=(), vi=vi, en=en)
        else:
            found.setdefault(key, each)
    return list(found.values())


def _column(remark: Remark) -> str:
    """Return the key under which a question is asked: its own, or that of its column."""
    whole = remark.code in _OF_A_COLUMN
    return f"{remark.code}:{remark.cell.rstrip('0123456789')}" if whole else remark.key


def notes_of(upload: Upload, w: DeskTexts) -> Sequence[str]:
    """Return what reading says of the whole file."""
    summary: Mapping[str, Any] = upload.summary
    notes = [w.pair((vi, en)) for _, vi, en in summary.get("notices", ())]
    unknown = summary.get("unknown_headings", ())
    if unknown:
        named = "; ".join(f"{cell} “{text}”" for cell, text in unknown)
        notes.append(w("unknown_headings", named=named))
    return notes
