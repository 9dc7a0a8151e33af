"""The rebuild of reporting's read models: all in one pass, in two processes, or single ones."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from services.reporting.reading.schema import write_views
from services.reporting.readmodels.catalog import Catalog, made
from shared.clock import Clock, system_clock
from shared.readmodel.rebuild.rebuild import Rebuild

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shared.eventlog.protocol import Reader
    from shared.readmodel.rebuild.rebuild import FillAhead
    from shared.readmodel.rebuild.stages import Stage
    from shared.readmodel.store import Store

# Registrations take about as long as all others together.
_SHARES = (frozenset({"registrations"}),)


def rebuilding(
    log: Reader,
    store: Store,
    names: Sequence[str] = (),
    *,
    clock: Clock = system_clock,
    accept: Sequence[str] = (),
    on_progress: Callable[[Stage, int, int], None] | None = None,
    fill_ahead: FillAhead | None = None,
) -> Rebuild:
    """Return the rebuild of some read models, of all when none is named."""
    makes = [partial(made, name) for name in Catalog.names() if name in (names or Catalog.names())]
    return Rebuild(
        log,
        store,
        makes,
        clock=clock,
        accept=accept,
        on_progress=on_progress,
        shares=_SHARES,
        around_swap=write_views,
        fill_ahead=fill_ahead,
    )
