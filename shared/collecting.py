"""How often Python looks for garbage, in processes that keep hundreds of thousands of objects."""

import gc

YOUNG = 50_000


def collect_seldom() -> None:
    """Leave what stands now alone for good, and look for cycles a fiftieth as often.

    Events and states hold no cycles: reference counts free them, and every search through all of
    them costs more than it finds.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
