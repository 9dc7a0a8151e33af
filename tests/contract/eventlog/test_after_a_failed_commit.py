"""After a commit that failed or had no answer, the state is folded again, and before the lock."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from shared.database.postgres.commit import COMMIT_UNCONFIRMED
from shared.errors import Problem, Unavailable
from shared.eventlog.protocol import AppendSession, Reader
from shared.vocabulary import Family
from tests.contract.eventlog.test_appending import appender, codes, send, subjects
from tests.support.cloudevents import country, unit
from tests.support.memory_log import MemoryEventLog

Opened = Callable[[], AbstractContextManager[AppendSession]]


def _without_an_answer(opened: Opened) -> Opened:
    """Return append sessions that are rolled back."""

    @contextmanager
    def broken() -> Iterator[AppendSession]:
        with opened() as session:
            yield session
            raise Unavailable(Problem(COMMIT_UNCONFIRMED))

    return broken


def test_the_state_is_folded_before_the_log_is_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the lock a slow machine would hold up all, until its session ends and it begins again."""
    log = MemoryEventLog()
    registry, other = (appender(log.as_family(Family.REGISTRY)) for _ in range(2))
    send(registry, country())
    opened, start = registry.log.append_session, registry.decider.start
    with monkeypatch.context() as patched:
        patched.setattr(registry.log, "append_session", _without_an_answer(opened))
        registry.submit([unit("a")])
        with pytest.raises(Unavailable, match="commit_unconfirmed"):
            registry.step()
    send(other, *(unit(f"b{number}") for number in range(9)))
    locked: list[bool] = []
    started: list[bool] = []

    @contextmanager
    def watched() -> Iterator[AppendSession]:
        with opened() as session:
            locked.append(True)
            yield session
        locked.clear()

    def noted(of: Reader) -> None:
        started.append(bool(locked))
        start(of)

    monkeypatch.setattr(registry.log, "append_session", watched)
    monkeypatch.setattr(registry.decider, "start", noted)
    assert codes(send(registry, unit("c"))) == ["Accepted"]
    assert started == [False], "it began again once, while others could append"
    assert len(subjects(registry.log)) == 11


def test_a_log_set_back_meanwhile_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """So a standby is promoted that had not got everything, in the middle of a commit."""
    log = MemoryEventLog()
    registry = appender(log.as_family(Family.REGISTRY))
    send(registry, country())
    older = log.store.trial()
    send(registry, unit("a"))
    opened = registry.log.append_session
    with monkeypatch.context() as patched:
        patched.setattr(registry.log, "append_session", _without_an_answer(opened))
        registry.submit([unit("b")])
        with pytest.raises(Unavailable, match="commit_unconfirmed"):
            registry.step()
    log.store.__dict__.update(older.__dict__)
    registry.submit([unit("b")])
    with pytest.raises(Unavailable, match="log_restored"):
        registry.step()
    assert subjects(log.as_family(Family.REGISTRY)) == ["unit/vn"]
