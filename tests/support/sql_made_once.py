"""Tables of read models described, and statements compiled, once in a process.

Each test begins with read models and an engine of its own, and a third of the time of the tests
that read figures went into this. Tables never change, so those of one prefix can be shared; all
else of a read model is copied. The processes that tests start do everything themselves.
"""

from __future__ import annotations

import copyreg
from copy import deepcopy
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.sql.visitors import Visitable
from sqlalchemy.util import LRUCache

from services.reporting.readmodels import catalog
from services.reporting.readmodels.catalog import Catalog
from shared.readmodel.generations import FIRST

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


def describe_tables_once(patch: pytest.MonkeyPatch) -> None:
    """Let every catalog of this process share the tables of each prefix."""
    patch.setattr(Visitable, "__deepcopy__", lambda each, _: each, raising=False)
    copyreg.pickle(type(Lock()), lambda _: (Lock, ()))  # type: ignore[arg-type, return-value]
    for name, make in catalog._MAKES.items():
        patch.setitem(catalog._MAKES, name, _copying(make))  # type: ignore[arg-type]

    def of_the_first(self: Catalog, **others: Any) -> None:
        for name in Catalog.names():
            made = others[name] if name in others else catalog.made(name, FIRST)
            object.__setattr__(self, name, made)

    patch.setattr(Catalog, "__init__", of_the_first)


def _copying(make: Callable[[str], Any]) -> Callable[[str], Any]:
    untouched = cache(make)
    return lambda prefix: deepcopy(untouched(prefix))


def compile_statements_once(patch: pytest.MonkeyPatch) -> None:
    """Let every engine of this process share what was compiled for the same kind of database."""
    compiled = LRUCache[Any, Any](5_000)
    # The signature of the constructor stays: create_engine looks at it for what it may pass.
    shared = property(lambda _engine: compiled, lambda _engine, _its_own: None)
    patch.setattr(Engine, "_compiled_cache", shared, raising=False)
    patch.setattr(DefaultDialect, "__eq__", lambda one, other: type(one) is type(other))
    patch.setattr(DefaultDialect, "__hash__", lambda each: hash(type(each)))
