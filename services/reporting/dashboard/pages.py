"""The routes of the dashboard: one page for every scope and year, its choices in the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from services.reporting.cross_tables import read_by
from services.reporting.dashboard import view
from services.reporting.dashboard.words import Words
from services.reporting.reads import RECORDED_MAP, Filters, Question, Reads, naming_day
from shared.clock import Clock, day_in_vietnam
from shared.errors import Language, NotFound
from shared.events.payload import ID_PATTERN
from shared.vocabulary import DEFAULT_PROGRAMME, Dimension
from shared.web.lists import Page as Pages

Answer = Mapping[str, Any]
SHOWN_REGISTRATIONS = 25
SHOWN_FIGURES = 1_000
NAMED = (Dimension.FIELD, Dimension.BLOCK, Dimension.TIER, Dimension.AWARD_FORM)


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


def dashboard_router(reads: Reads, clock: Clock) -> APIRouter:
    """Return the routes of the pages; they read what every program reads."""
    router = APIRouter(include_in_schema=False)
    templates = Environment(
        loader=PackageLoader("services.reporting.dashboard"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = files(__package__).joinpath("templates/dashboard.css").read_text(encoding="utf-8")

    @router.get("/")
    def year_page(
        lang: str = "vi",
        year: Annotated[int | None, Query(ge=1900, le=2999)] = None,
        unit: Annotated[str | None, Query(pattern=ID_PATTERN)] = None,
    ) -> Response:
        choice = Choice("en" if lang == "en" else "vi", year, unit)
        try:
            page = Page(reads, choice, clock).view()
        except NotFound as missing:
            problem = missing.problem
            frame = _frame(choice, Words(choice.lang))
            page = {**frame, "detail": problem.rule.words(choice.lang, problem.params)}
            return HTMLResponse(templates.get_template("missing.html").render(page), 404)
        return HTMLResponse(templates.get_template("year.html").render(page))

    @router.get("/dashboard.css")
    def stylesheet() -> Response:
        return Response(style, media_type="text/css", headers={"cache-control": "max-age=3600"})

    return router


class Page:
    """One page in the making: everything on it is as of one position."""

    def __init__(self, reads: Reads, choice: Choice, clock: Clock) -> None:
        self._reads = reads
        self._words = Words(choice.lang)
        self._as_of = reads.as_of()
        self._unit = choice.unit
        recorded = sorted(reads.years(), reverse=True) or [day_in_vietnam(clock()).year]
        self._year = choice.year or recorded[0]
        self._years = sorted({*recorded, self._year}, reverse=True)
        self._choice = Choice(choice.lang, self._year, choice.unit)
        self._day = naming_day(RECORDED_MAP, self._year)
        self._names = view.Names(
            self._words,
            {each: reads.names(each, choice.unit, self._year, self._as_of) for each in NAMED},
        )

    def view(self) -> dict[str, Any]:
        """Return everything that the page shows; raises NotFound for an unknown unit."""
        summary = self._summary(self._unit, [view.BY_UNIT, *view.CROSS_TABLES, view.BY_AWARD])
        scope = summary["scope"] or {"unit_id": None, "name": self._words("nation")}
        listed = self._reads.registrations(
            self._filters(self._unit, self._year), self._as_of, Pages(limit=SHOWN_REGISTRATIONS)
        )
        return {
            **_frame(self._choice, self._words),
            "year": self._year,
            "years": self._years,
            **self._about_units(summary, scope),
            **self._about_figures(),
            "total": summary["measures"],
            "measures": view.IN_TABLES,
            "award_measures": view.AWARD_MEASURES,
            "beside": view.BESIDE,
            "funnel": view.stages(summary["measures"], self._words),
            "flags": summary["quality"]["flags"],
            "tables": view.cross_tables(summary, self._names),
            "awards": view.award_rows(summary, self._names),
            "outcomes": summary["outcomes"],
            "registrations": [registration_row(each, self._names) for each in listed.items],
            "reconstructed": any(each["origin_kind"] == "legacy" for each in listed.items),
            "list_address": _list_address(self._unit, self._year),
            "position": self._as_of.position,
            "recorded": self._words.moment(summary["known_at"]["time"]),
            "digest": summary["digest"],
            "complete": all(m["equal"] for m in self._reads.completeness()["read_models"]),
        }

    def _about_units(self, summary: Answer, scope: Answer) -> dict[str, Any]:
        unit_id = scope["unit_id"]
        rows = view.table_of(summary, view.BY_UNIT)
        path, children = [], []
        if unit_id is not None:
            path = self._reads.unit_path(unit_id, self._as_of, self._day)[:-1]
            children = self._reads.children(unit_id, self._as_of, self._day)
        return {
            "unit_id": unit_id,
            "place": scope["name"],
            "crumbs": path,
            "units": [row for row in rows if any(row[m] for m in view.IN_TABLES)],
            "silent": view.silent_units(rows, children),
        }

    def _about_figures(self) -> dict[str, Any]:
        """Return the asserted figures of the scope, those of the year beside the log's."""
        every = self._reads.figures(
            self._filters(self._unit, None), self._as_of, Pages(limit=SHOWN_FIGURES)
        ).items
        of_year = [each for each in every if view.of_year(each, self._year)]
        others = [each for each in every if not view.of_year(each, self._year)]
        wanted: dict[str, set[str]] = {}
        for each in of_year:
            if view.comparable(each["metric"], each["dimensions"]):
                wanted.setdefault(each["unit_id"], set()).add(",".join(sorted(each["dimensions"])))
        summaries = {unit: self._summary(unit, sorted(by - {""})) for unit, by in wanted.items()}
        return {
            "figures": [_figure_row(each, summaries, self._names) for each in of_year],
            "other_figures": [_figure_row(each, {}, self._names) for each in others],
        }

    def _summary(self, unit_id: str | None, by: Sequence[str]) -> dict[str, Any]:
        question = Question(unit_id, self._year, DEFAULT_PROGRAMME, RECORDED_MAP, read_by(by))
        return self._reads.summary(question, self._as_of)

    @staticmethod
    def _filters(unit_id: str | None, year: int | None) -> Filters:
        return Filters(unit_id, year, None, RECORDED_MAP)


def _figure_row(
    figure: Answer, summaries: Mapping[str, Answer], names: view.Names
) -> dict[str, Any]:
    words = names.words
    dimensions = figure["dimensions"]
    in_log = None
    if figure["unit_id"] in summaries and view.comparable(figure["metric"], dimensions):
        in_log = view.measured_in_log(summaries[figure["unit_id"]], figure["metric"], dimensions)
    period = figure["period"]
    stated = ", ".join(f"{words(key)}: {names(key, code)}" for key, code in dimensions.items())
    return {
        "unit_name": figure["unit_name"],
        "metric": words(figure["metric"]),
        "breakdown": stated,
        "period": words.period(period["from"], period["to"]),
        "published": words(figure["qualifier"]) + words.number(figure["value"]),
        "in_log": in_log,
        "source": figure["source"]["title"],
    }


def registration_row(row: Answer, names: view.Names) -> dict[str, Any]:
    """Return a registration as a line of the list: what it is, and how far it came."""
    if row["withdrawn"]:
        status = names.words("withdrawn")
    elif row["tier"]:
        status = names("tier", row["tier"])
    else:
        status = names.words("eligible" if row["eligible"] else "registered")
    return {
        **row,
        "field": names("field", row["field_code"]),
        "status": status,
        "history": f"/models/{row['model_id']}/history",
    }


def _frame(choice: Choice, words: Words) -> dict[str, Any]:
    other = "en" if choice.lang == "vi" else "vi"
    return {"w": words, "other": other, "address": choice.address}


def _list_address(unit_id: str | None, year: int) -> str:
    return "/registrations?" + urlencode(
        {"year": year, **({"unit_id": unit_id} if unit_id else {})}
    )
