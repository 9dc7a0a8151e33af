"""The look that all pages share."""

from functools import cache
from importlib.resources import files


@cache
def stylesheet() -> str:
    """Return the one stylesheet of all pages."""
    return files(__package__).joinpath("site.css").read_text(encoding="utf-8")
