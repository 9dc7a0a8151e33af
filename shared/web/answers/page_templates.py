"""The templates of pages: every value is escaped, and none turns the letters that follow it."""

from typing import Final

from jinja2 import BaseLoader, Environment, StrictUndefined

_MARKS: Final = dict.fromkeys(map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e"))
_MARKS.update(dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069")))


def page_environment(loader: BaseLoader, *, lstrip_blocks: bool = False) -> Environment:
    """Return an environment for templates of a loader; a missing value is an error."""
    return Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_without_direction_marks,
        trim_blocks=True,
        lstrip_blocks=lstrip_blocks,
    )


def _without_direction_marks(value: object) -> object:
    """Return a value for a page, without the marks that change the order of letters."""
    if not isinstance(value, str) or value.isascii() or value.isprintable():
        return value
    return value.translate(_MARKS)
