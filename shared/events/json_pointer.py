"""JSON pointers (RFC 6901) into what a publisher sent, safe to show whatever the keys were."""

from collections.abc import Iterable

_LONGEST_STEP = 100


def pointer(steps: Iterable[str | int]) -> str:
    """Return the pointer; a key that is no text or endless is shown mended and cut."""
    return "".join(f"/{_step(step)}" for step in steps)


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return str(step)
    return shortened(readable(step)).replace("~", "~0").replace("/", "~1")


def shortened(text: str) -> str:
    """Return a text that a problem repeats, cut where it has no end."""
    return text if len(text) <= _LONGEST_STEP else text[: _LONGEST_STEP - 1] + "…"


def readable(text: str) -> str:
    """Return a text with its lone surrogates replaced, so that it can be written as UTF-8."""
    return text.encode("utf-8", "replace").decode()
