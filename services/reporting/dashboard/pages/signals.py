"""The page of signals: what needs to be looked at in a unit and year, or the rows of one signal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.api.signals import signal_rows
from services.reporting.dashboard.api_links import signal_files
from services.reporting.dashboard.page_parameters import MODEL_PAGE, SIGNALS_PAGE, start_of
from services.reporting.feeds.addresses import feed_address
from services.reporting.signals.catalog import SIGNALS
from services.reporting.signals.found import SignalCode, SignalLevel
from services.reporting.signals.reads import SignalQuery
from shared.vocabulary import DEFAULT_PROGRAMME
from shared.web.answers.csv_tables import Style, in_one_text, label_of, said
from shared.web.answers.pagination import Page
from shared.web.answers.problems import parameter_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from services.reporting.dashboard.page_context import PageContext
    from services.reporting.signals.reads import SignalState
    from shared.web.answers.csv_tables import ListTable, Row

SHOWN_ROWS = 100
_SHARES = frozenset({"share", "median", "likeness"})
_DAYS = ("_on", "deadline")
_BEHIND_TITLES = frozenset(
    {"registration_id", "model_id", "other_registration_id", "other_unit_id", "figure_id"}
)
"""Ids that a page leaves to the files: it has titles and names."""


def signal_query(context: PageContext) -> SignalQuery:
    """Return the question of a page to the signals."""
    filters = context.filters()
    assert filters.programme == DEFAULT_PROGRAMME  # noqa: S101  the one that signals judge
    return SignalQuery(filters, context.as_of, context.known_day)


def count_of_signals(context: PageContext) -> int:
    """Return the number of signals that say: to be looked at."""
    states = context.reads.signals.every(signal_query(context))
    return sum(state.found.level is SignalLevel.LOOK for state in states)


def signals_page(context: PageContext, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return all signals of the scope and year, or one with its rows and its past."""
    query = signal_query(context)
    shown = {
        "place": context.place(),
        "today": context.words.day(query.today),
        "signal": None,
        "signals_feed": feed_address(context, "/signals"),
    }
    stated = parameters.get("signal")
    if stated is not None:
        return {**shown, **_one(context, query, _code_of(stated), start_of(parameters))}
    states = context.reads.signals.every(query)
    return {
        **shown,
        "states": [_state(context, each) for each in sorted(states, key=_is_quiet)],
        "by_unit": _by_unit(context, states),
        "files": signal_files(context, "/signals"),
    }


def _is_quiet(state: SignalState) -> bool:
    """Say whether nothing is to be looked at: these come after the others."""
    return state.found.level is not SignalLevel.LOOK


def _code_of(stated: str) -> SignalCode:
    try:
        return SignalCode(stated)
    except ValueError:
        raise parameter_error(
            "signal", vi="không có việc cần làm này", en="is no signal of the ledger"
        ) from None


def _state(context: PageContext, state: SignalState) -> dict[str, Any]:
    words, signal = context.words, SIGNALS[state.code]
    source = signal.source(state.limits)
    return {
        "code": state.code.value,
        "name": said("signal", state.code.value, words.language),
        "level": state.found.level.value,
        "level_words": said("signal_level", state.found.level.value, words.language),
        "number": state.found.number,
        "rule": signal.says(state.limits, words.language),
        "source": None if source is None else words.one_of(source),
        "address": context.choice.address(SIGNALS_PAGE, signal=state.code.value),
        "files": signal_files(context, f"/signals/{state.code.value}"),
    }


def _by_unit(context: PageContext, states: Sequence[SignalState]) -> dict[str, Any] | None:
    """Return the numbers of each unit below the scope, a column for each signal with any."""
    told = [state for state in states if state.found.by_unit]
    scope = context.unit or context.reads.country(context.as_of)
    children = [] if scope is None else context.reads.children(scope, context.as_of, context.day)
    rows = []
    for child in children:
        numbers = [state.found.by_unit.get(child["unit_id"], 0) for state in told]
        if any(numbers):
            address = context.unit_address(child["unit_id"], SIGNALS_PAGE)
            rows.append({"name": child["name"], "address": address, "numbers": numbers})
    if not rows:
        return None
    language = context.words.language
    return {"heads": [said("signal", each.code.value, language) for each in told], "rows": rows}


def _one(context: PageContext, query: SignalQuery, code: SignalCode, start: int) -> dict[str, Any]:
    signals, words = context.reads.signals, context.words
    state = signals.one(code, query)
    listed = signals.rows(code, query, Page(SHOWN_ROWS, {"start": start}))
    style = Style(words.language, worded=True)
    rows = list(signal_rows(context.reads, listed.items, query, style))
    table, count = SIGNALS[code].table, len(state.found.rows.keys)
    columns = [each for each in table.columns if each not in _BEHIND_TITLES]
    columns = [c for c in columns if not (c == "unit_name" and "unit_id" in columns)]
    counts = _by_unit(context, [state])

    def at(offset: int) -> str:
        return context.choice.address(SIGNALS_PAGE, signal=code.value, start=offset or None)

    return {
        "signal": _state(context, state),
        "all_address": context.choice.address(SIGNALS_PAGE),
        "by_unit": counts,
        "heads": [table.heading(each, words.language) for each in columns],
        "rows": [[_cell(context, row, each, table) for each in columns] for row in rows],
        "first": start + 1,
        "last": start + len(rows),
        "count": count,
        "previous": at(max(start - SHOWN_ROWS, 0)) if start else None,
        "next": None if listed.after is None else at(start + SHOWN_ROWS),
        "past": list(_past(context, code, query)),
    }


def _past(context: PageContext, code: SignalCode, query: SignalQuery) -> Iterable[dict[str, Any]]:
    for each in context.reads.signals.past(code, query):
        known_at = each.day.isoformat()
        address = context.choice.address(SIGNALS_PAGE, signal=code.value, known_at=known_at)
        yield {"day": context.words.day(each.day), "number": each.number, "address": address}


def _cell(context: PageContext, row: Row, column: str, table: ListTable) -> dict[str, Any]:
    """Return a cell: its text, whether it is a number, and the page it leads to."""
    value, href = row.get(column), None
    if column == "title" and row.get("model_id"):
        href = context.choice.address(MODEL_PAGE, model=row["model_id"])
    counted = isinstance(value, int | float) and not isinstance(value, bool)
    text = _number(context, column, value) if counted else _text(context, row, column, table)
    return {"text": text, "number": counted, "href": href}


def _number(context: PageContext, column: str, value: Any) -> str:  # noqa: ANN401  int or float
    words = context.words
    return words.share(round(value * 1000), 1000) if column in _SHARES else words.number(value)


def _text(context: PageContext, row: Row, column: str, table: ListTable) -> str:
    words, value = context.words, row.get(column)
    if value is None:
        return "—"
    if column in {"period", "asserted"}:
        return _object_text(context, column, value)
    label = row.get(label_of(column))
    if column in table.labels:
        named = str(label or said(column, value, words.language))
        return words.code(named) if named == value and column != "unit_id" else named
    if isinstance(value, bool) or column == "dimensions":
        return str(label or in_one_text(column, value, Style(words.language, worded=True)))
    return words.day(value) if column.endswith(_DAYS) else str(value)


def _object_text(context: PageContext, column: str, value: Mapping[str, Any]) -> str:
    if column == "period":
        return context.words.period(value["from"], value["to"])
    return context.words(value["qualifier"]) + context.words.number(value["value"])
