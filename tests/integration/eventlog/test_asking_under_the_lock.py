"""What a group wants to know is asked under the append lock, and of what was committed by then."""

import threading
from collections.abc import Iterator

import pytest

from shared.errors import Unavailable
from shared.eventlog import dialects
from shared.eventlog.protocol import AppendSession, LookupRequest
from shared.eventlog.sql import SqlEventLog, open_log
from shared.events.envelope import ReceivedEvent, link
from shared.events.recorded import RecordedEvent
from shared.vocabulary import Family
from tests.support.cloudevents import country, unit


@pytest.fixture
def logs(url: str) -> Iterator[tuple[SqlEventLog, SqlEventLog]]:
    """Give one log as two processes see it."""
    both = open_log(url, family=Family.REGISTRY), open_log(url, family=Family.REGISTRY)
    yield both
    for log in both:
        log.close()


def _insert(session: AppendSession, event: ReceivedEvent) -> None:
    head = session.head()
    position, chain = head.position + 1, link(head.chain, head.position + 1, 7, event.digest)
    recorded = RecordedEvent(
        position, event.key, event.type, event.subject, 7, event.digest, chain, event.body
    )
    session.insert([(recorded, 1)])


def test_the_answer_holds_what_was_committed_while_the_lock_was_waited_for(
    logs: tuple[SqlEventLog, SqlEventLog],
) -> None:
    first, second = logs
    event = country()
    wanted = LookupRequest(after=0, most=10, keys=[event.key], subjects={event.subject}, streams=[])
    seen = []

    def look() -> None:
        with second.append_session() as session:
            found = session.look(wanted)
            seen.append(([each.key for each in found.after], dict(found.versions), *found.known))

    waiting = threading.Thread(target=look)
    with first.append_session() as session:
        waiting.start()
        waiting.join(0.3)  # it waits for the lock: nothing to be seen yet
        assert seen == []
        _insert(session, event)
    waiting.join()
    assert seen == [([event.key], {event.subject: 1}, event.key)]


def test_a_lock_that_does_not_come_in_time_is_busy_and_comes_the_next_time(
    logs: tuple[SqlEventLog, SqlEventLog], monkeypatch: pytest.MonkeyPatch
) -> None:
    holder, _ = logs
    monkeypatch.setattr(dialects, "LOCK_PATIENCE_SECONDS", 0.2)
    impatient = open_log(holder.url.render_as_string(hide_password=False), family=Family.REGISTRY)
    wanted = LookupRequest(after=0, most=10, keys=[], subjects={unit("a").subject}, streams=[])
    with holder.append_session(), pytest.raises(Unavailable, match="log_busy"):  # noqa: SIM117
        with impatient.append_session():
            pass
    with impatient.append_session() as session:
        assert session.look(wanted).after == []
        _insert(session, country())
    assert impatient.head().position == 1
    impatient.close()
