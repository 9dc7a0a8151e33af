"""Remarks on the cells of a list: faults to mend and questions to answer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remark:
    """A fault or a question; `cell` is as in D7, empty where it is said of the whole row.

    `read` is what was read there, `suggestions` are what it may have meant.
    """

    code: str
    vi: str
    en: str
    column: str = ""
    cell: str = ""
    read: str = ""
    suggestions: tuple[str, ...] = ()
    is_question: bool = False
    key: str = ""
    """The name under which a question is answered."""
