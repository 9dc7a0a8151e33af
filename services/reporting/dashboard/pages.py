"""The routes of the dashboard: one page for every scope and year, its choices kept in the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Protocol
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from services.reporting.dashboard import view
from services.reporting.dashboard.words import Words
from shared.clock import Clock, day_in_vietnam
from shared.errors import Language, NotFound

Answer = Mapping[str, Any]
SHOWN_REGISTRATIONS = 25


class DashboardReads(Protocol):
    """What the pages ask of the reads; each answer is what the HTTP interface gives."""

    def years(self) -> Sequence[int]:
        """Return the years that hold registrations or awards, newest first."""
        ...

    def summary(
        self, unit_id: str | None, year: int, *, by: Sequence[str], known_at: str | None = None
    ) -> Answer:
        """Return a summary; raises NotFound for an unknown scope."""
        ...

    def figures_of(self, year: int, unit_id: str | None, position: int) -> Sequence[Answer]:
        """Return the asserted figures of a scope and all below it that touch a year."""
        ...

    def registrations_of(self, year: int, unit_id: str | None, position: int) -> Sequence[Answer]:
        """Return the first registrations of a scope and all below it."""
        ...

    def code_names(self, unit_id: str | None, year: int) -> Mapping[str, Mapping[str, str]]:
        """Return the names of codes by dimension, by the taxonomies in force at a scope."""
        ...

    def crumbs(self, unit_id: str | None, year: int) -> Sequence[Answer]:
        """Return the units above a scope, the country first."""
        ...

    def children(self, unit_id: str | None, year: int) -> Sequence[Answer]:
        """Return the units that lie directly in a scope at the end of a year."""
        ...

    def complete(self) -> bool:
        """Say whether every stored event is in every read model."""
        ...


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reader chose, as it stands in the address."""

    lang: Language
    year: int | None
    unit: str | None

    def address(self, **changed: object) -> str:
        """Return the address of the page with some choices changed; None drops one."""
        chosen = {"unit": self.unit, "year": self.year, "lang": self.lang, **changed}
        kept = {name: value for name, value in chosen.items() if value is not None}
        if kept.get("lang") == "vi":
            del kept["lang"]
        return "/?" + urlencode(kept) if kept else "/"


def dashboard_router(reads: DashboardReads, clock: Clock) -> APIRouter:
    """Return the routes of the pages; they read what every program reads."""
    router = APIRouter(include_in_schema=False)
    templates = Environment(
        loader=PackageLoader("services.reporting.dashboard"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = files("services.reporting.dashboard").joinpath("templates/dashboard.css").read_text()

    @router.get("/")
    async def year_page(
        request: Request, lang: str = "vi", year: int | None = None, unit: str | None = None
    ) -> Response:
        choice = Choice("en" if lang == "en" else "vi", year, unit or None)
        accept: Language = choice.lang
        del request
        try:
            page = await run_in_threadpool(year_view, reads, choice, clock)
        except NotFound as missing:
            words = Words(accept)
            page = {
                **_frame(choice, words),
                "detail": missing.problem.rule.words(accept, missing.problem.params),
            }
            return HTMLResponse(templates.get_template("missing.html").render(page), 404)
        return HTMLResponse(templates.get_template("year.html").render(page))

    @router.get("/dashboard.css")
    async def stylesheet() -> Response:
        return Response(style, media_type="text/css", headers={"cache-control": "max-age=3600"})

    return router


def year_view(reads: DashboardReads, choice: Choice, clock: Clock) -> dict[str, Any]:
    """Return everything that the page of a scope and a year shows."""
    words = Words(choice.lang)
    years = list(reads.years()) or [day_in_vietnam(clock()).year]
    year = choice.year or years[0]
    if year not in years:
        years = sorted({*years, year}, reverse=True)
    summary = reads.summary(
        choice.unit, year, by=[view.BY_UNIT, *view.CROSS_TABLES, view.BY_AWARD]
    )
    position = summary["known_at"]["position"]
    scope = summary["scope"] or {"unit_id": None, "name": words("nation")}
    names = view.Names(words, reads.code_names(choice.unit, year))
    units = view.table_of(summary, view.BY_UNIT)
    registrations = reads.registrations_of(year, choice.unit, position)
    return {
        **_frame(Choice(choice.lang, year, choice.unit), words),
        "year": year,
        "years": years,
        "unit_id": scope["unit_id"],
        "place": scope["name"],
        "crumbs": reads.crumbs(choice.unit, year),
        "total": summary["measures"],
        "measures": view.IN_TABLES,
        "award_measures": view.AWARD_MEASURES,
        "beside": view.BESIDE,
        "funnel": view.stages(summary["measures"], words),
        "flags": summary["quality"]["flags"],
        "units": [row for row in units if any(row[m] for m in view.IN_TABLES)],
        "silent": view.silent_units(units, reads.children(choice.unit, year)),
        "tables": view.cross_tables(summary, names),
        "awards": [r for r in view.table_of(summary, view.BY_AWARD) if any(
            r[m] for m in view.AWARD_MEASURES)],
        "outcomes": summary["outcomes"],
        "figures": figure_rows(reads, choice.unit, year, position, words),
        "registrations": [registration_row(each, names) for each in registrations],
        "reconstructed": any(each.get("origin_kind") == "legacy" for each in registrations),
        "list_address": _list_address(choice.unit, year),
        "position": position,
        "recorded": words.moment(summary["known_at"]["time"]),
        "digest": summary["digest"],
        "complete": reads.complete(),
    }


def figure_rows(
    reads: DashboardReads, unit_id: str | None, year: int, position: int, words: Words
) -> list[dict[str, Any]]:
    """Return the asserted figures of a scope, each beside what the log says of the same cell."""
    figures = reads.figures_of(year, unit_id, position)
    wanted: dict[str, set[str]] = {}
    for each in figures:
        if _compared(each, year):
            wanted.setdefault(each["unit_id"], set()).add(",".join(sorted(each["dimensions"])))
    summaries = {
        unit: reads.summary(unit, year, by=sorted(by - {""}), known_at=str(position))
        for unit, by in wanted.items()
    }
    return [_figure_row(each, summaries, year, words) for each in figures]


def _compared(figure: Answer, year: int) -> bool:
    period = figure["period"]
    same_year = period["kind"] == "year" and str(period["from"]).startswith(str(year))
    return same_year and view.comparable(figure["metric"], figure["dimensions"])


def _figure_row(
    figure: Answer, summaries: Mapping[str, Answer], year: int, words: Words
) -> dict[str, Any]:
    dimensions = figure["dimensions"]
    in_log = None
    if _compared(figure, year):
        in_log = view.measured_in_log(summaries[figure["unit_id"]], figure["metric"], dimensions)
    period = figure["period"]
    ends = [words.day(period[end]) for end in ("from", "to") if period[end]]
    return {
        "unit_name": figure["unit_name"],
        "metric": words(figure["metric"]),
        "breakdown": ", ".join(f"{words(key)}: {words(v)}" for key, v in dimensions.items()),
        "period": " – ".join(ends) or words("unstated_time"),
        "published": words(figure["qualifier"]) + words.number(figure["value"]),
        "in_log": in_log,
        "source": figure["source"]["title"],
    }


def registration_row(row: Answer, names: view.Names) -> dict[str, Any]:
    """Return a registration as a line of the list."""
    words = names.words
    reached = next(
        (m for m in ("withdrawn", "exemplary", "recognized", "eligible") if row.get(m)), "registered"
    )
    return {
        **row,
        "field": names("field", row["field"]),
        "status": words(reached),
        "history": f"/models/{row['model_id']}/history",
    }


def _frame(choice: Choice, words: Words) -> dict[str, Any]:
    other = "en" if choice.lang == "vi" else "vi"
    return {"w": words, "other": other, "address": choice.address}


def _list_address(unit_id: str | None, year: int) -> str:
    return "/registrations?" + urlencode({"year": year, **({"unit_id": unit_id} if unit_id else {})})
