"""How often Python looks for garbage, in processes that keep hundreds of thousands of objects."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 50_000


def tune_gc() -> None:
    """Leave what stands now alone for good, and look for cycles a fiftieth as often.

    Events and states hold no cycles: reference counts free them, and every search through all of
    them costs more than it finds.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)


@contextmanager
def gc_paused() -> Iterator[None]:
    """Let nobody walk over thousands of decoded events again and again while they are folded.

    What is made is freed all the same, when the last reference to it goes.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
