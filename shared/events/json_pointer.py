"""JSON pointers (RFC 6901) into requests, safe to display for any keys."""

from collections.abc import Iterable

_LONGEST_STEP = 100


def pointer(steps: Iterable[str | int]) -> str:
    """Return the pointer; invalid Unicode in keys is replaced, and long keys are cut."""
    return "".join(f"/{_step(step)}" for step in steps)


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return str(step)
    return shortened(readable(step)).replace("~", "~0").replace("/", "~1")


def shortened(text: str) -> str:
    """Return a text for a problem, cut if it is long."""
    return text if len(text) <= _LONGEST_STEP else text[: _LONGEST_STEP - 1] + "…"


def readable(text: str) -> str:
    """Return a text with its lone surrogates replaced, so that it can be written as UTF-8."""
    return text.encode("utf-8", "replace").decode()
