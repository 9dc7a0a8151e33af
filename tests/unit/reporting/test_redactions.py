"""A redaction replaces a text in every row, of the past too, and no figure moves."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from services.reporting.readmodels.catalog import Catalog
from shared.events.catalogue import CATALOGUE
from shared.vocabulary import Family
from tests.support.cloudevents import country, received, unit
from tests.support.event_builders import amended, granted, proposed, registered
from tests.support.figures_of_events import Projecting
from tests.support.redactions import NAME, redacts, replace_in_log
from tests.support.scenarios import History

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from shared.events.envelope import ReceivedEvent
    from shared.events.recorded import RecordedEvent

Redactions = list[tuple["ReceivedEvent", Family]]
HIDDEN = "[đã che]"
OLD, NEW = f"Việc tốt của bà {NAME}", f"Việc tốt của bà {HIDDEN}"
BY = ("unit", "field", "owner_kind")


def named() -> list[tuple[ReceivedEvent, dict[str, str]]]:
    """Return events of all kinds that name a person, and the texts that replace the name."""
    document = {"kind": "văn bản", "number": "01", "signed_on": "2022-01-10", "title": OLD}
    person = {"kind": "individual", "unit_id": "a"}
    dated = {"unit_id": "a", "plan_year": 2022}
    figure = {"figure_id": "f-1", "metric": "registered", "unit_id": "a", "value": 3}
    figure |= {"qualifier": "exact", "source": {"kind": "báo", "title": OLD}, "note": OLD}
    return [
        (
            registered("1", unit_id="a", title=OLD, situation=[OLD]),
            {"/title": NEW, "/situation/0": NEW},
        ),
        (amended("1", title=f"{OLD} 2"), {"/changes/title": f"{NEW} 2"}),
        (granted("1", unit_id="a", award_name=OLD), {"/award_name": NEW}),
        (
            received(
                "AwardAmended", {"award_id": "a-1", "reason": OLD, "changes": {"money_vnd": 5}}
            ),
            {"/reason": NEW},
        ),
        (proposed("2", unit_id="a"), {}),
        (received("AwardDeclined", {"award_id": "a-2", "reason": OLD}), {"/reason": NEW}),
        (
            received(
                "InspectionConducted",
                {"inspection_id": "i-1", "scopes": ["DVK"], "note": OLD, **dated},
            ),
            {"/note": NEW},
        ),
        (
            received(
                "ExemplarCommended",
                {"commendation_id": "c-1", "occasion": OLD, "recipient": person, **dated},
            ),
            {"/occasion": NEW},
        ),
        (
            received("PlanIssued", {"org_id": "o", "document": document, **dated}),
            {"/document/title": NEW},
        ),
        (
            received(
                "ReviewSessionHeld",
                {
                    "session_id": "s-1",
                    "org_id": "o",
                    "minutes": document,
                    "attendance": {"chair": OLD},
                    **dated,
                },
            ),
            {"/minutes/title": NEW, "/attendance/chair": NEW},
        ),
        (
            received("FigureAsserted", {**figure, "period": {"kind": "year"}}),
            {"/source/title": NEW, "/note": NEW},
        ),
        (unit("b1", "a", "commune", note=OLD), {"/note": NEW}),
    ]


def contents(live: Projecting) -> str:
    """Return all rows of all tables as text, the records among them."""
    with live.store.reading() as connection:
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
        found = [
            (
                name,
                [
                    tuple(_shown(v) for v in row)
                    for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"')  # noqa: S608
                ],
            )
            for (name,) in names
            if name.startswith("rm_") and "_fts" not in name
        ]
    return "\n".join(
        f"{name} {row}" for name, rows in sorted(found) for row in sorted(rows, key=str)
    )


def _shown(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def recorded(history: History, *events: ReceivedEvent) -> list[RecordedEvent]:
    for event in events:
        history.given(event)
    reader = history.log.as_family(Family.REGISTRY)
    return list(reader.read(reader.head().position - len(events), len(events)))


def replaced(history: History) -> History:
    """Return a log with the records that the owner's tool puts in place of redacted ones."""
    copy = history.copied()
    replace_in_log(copy)
    return copy


@pytest.fixture(scope="module")
def ledger() -> tuple[History, Redactions, int]:
    """Return a log that names a person everywhere, the redactions, and its head before them."""
    history = History().given(country(), unit("a"))
    pairs = named()
    events = recorded(history, *(event for event, _ in pairs))
    redactions = [
        (redacts(event, texts), next(f for f in Family if f in CATALOGUE[event.type].families))
        for event, (_, texts) in zip(events, pairs, strict=True)
        if texts
    ]
    return history, redactions, events[-1].position


def test_every_row_of_a_name_is_replaced_whenever_the_record_was(
    ledger: tuple[History, Redactions, int], tmp_path: Path
) -> None:
    history, redactions, head = ledger
    live = Projecting(f"sqlite:///{tmp_path}/live.db", history=history.copied()).project()
    before = [live.summary(of, by=BY) for of in (None, "a")]
    assert contents(live).count(NAME) >= 12
    for redaction, family in redactions:
        live.given(redaction, service=family)
    assert NAME not in contents(live)
    assert [live.summary(of, by=BY, known_at=head) for of in (None, "a")] == before
    assert [live.summary(of, by=BY)["measures"] for of in (None, "a")] == [
        each["measures"] for each in before
    ]

    again = Projecting(f"sqlite:///{tmp_path}/again.db", history=live.history, run=1_000).project()
    assert contents(again) == contents(live), "a replay before the records were replaced"
    after = Projecting(f"sqlite:///{tmp_path}/after.db", history=replaced(live.history)).project()
    assert contents(after) == contents(live), "and one after it"
    for each in (live, again, after):
        each.store.close()


def test_no_search_finds_the_old_words_and_one_finds_the_new(
    ledger: tuple[History, Redactions, int], tmp_path: Path
) -> None:
    history, redactions, _ = ledger
    live = Projecting(f"sqlite:///{tmp_path}/live.db", history=history.copied()).project()

    with live.store.reading() as connection:
        matched = text(
            "SELECT count(*) FROM rm_search_models_fts WHERE rm_search_models_fts MATCH :w"
        )
        assert connection.execute(matched, {"w": '"hoa"'}).scalar() == 2
    for redaction, family in redactions:
        live.given(redaction, service=family)
    with live.store.reading() as connection:
        assert connection.execute(matched, {"w": '"hoa"'}).scalar() == 0
        assert connection.execute(matched, {"w": '"che"'}).scalar() == 2
    live.store.close()


@pytest.mark.postgres
def test_postgresql_replaces_titles_names_and_words_too(
    ledger: tuple[History, Redactions, int], make_database: Callable[[], str]
) -> None:
    history, redactions, head = ledger
    live = Projecting(make_database(), history=history.copied()).project()
    for redaction, family in redactions:
        live.given(redaction, service=family)
    for known_at in (head, None):
        rows = [
            *live.list("registrations", known_at=known_at),
            *live.list("awards", known_at=known_at),
        ]
        texts = [row.get("title") or row.get("award_name") for row in rows]
        assert texts == [f"{NEW} 2", NEW]
    words = text("SELECT count(*) FROM rm_search_models WHERE words @@ CAST(:w AS tsquery)")
    with live.store.reading() as connection:
        found = [connection.execute(words, {"w": each}).scalar() for each in ("'hoa'", "'che'")]
    assert found == [0, 2]
    live.store.close()


def test_every_read_model_with_a_free_text_takes_redactions_in() -> None:
    taking = {model.name for model in Catalog().all() if "EventRedacted" in model.events}
    assert {"registrations", "awards", "search", "figures", "plans", "units"} <= taking
    assert not taking & {"closings", "authority", "outcomes", "demonstration_data"}
    assert sha256(OLD.encode()) != sha256(NEW.encode())
