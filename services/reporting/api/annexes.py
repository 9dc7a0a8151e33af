"""`GET /annexes/…`: annexes A, B and C of a report, and the sentences of its account, as files."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Self

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.reporting.annexes.documents import annex_file, narrative_file
from services.reporting.annexes.figures import AnnexQuery
from services.reporting.annexes.forms import form_in_force, style_in_force
from services.reporting.annexes.narrative import narrative
from services.reporting.annexes.tables import annex_tables
from services.reporting.api.annex_parameters import AnnexParameters, AnnexParams
from services.reporting.api.etag import UNCHANGED, unless_known
from services.reporting.api.file_names import named
from services.reporting.api.provenance import day_of_knowledge, origin, scope_name
from services.reporting.queries.facade import Pin
from shared.clock import Clock, day_in_vietnam
from shared.vocabulary.code_words import Both
from shared.web.answers.as_of_parameters import map_choice
from shared.web.answers.json_response import as_json
from shared.web.answers.list_answers import CSV_TYPE, JSON_TYPE, attachment
from shared.web.answers.representations import Form
from shared.web.files.csv_text import csv_text
from shared.web.files.office_answers import office_response
from shared.web.files.office_table import FormStyle, OfficeFile, Provenance
from shared.web.openapi.responses import (
    COUNT,
    FILES,
    MAYBE_TEXT,
    TEXT,
    array_schema,
    object_schema,
    problem_responses,
    summary,
)
from shared.web.server.head_requests import asks_for_head

TEXT_TYPE = "text/plain; charset=utf-8"


class Annex(StrEnum):
    """The annexes: the main table, the recognised models, the awards."""

    A = "a"
    B = "b"
    C = "c"


class AnnexFileForm(StrEnum):
    """The forms of a file of an annex."""

    DOCX = "docx"
    XLSX = "xlsx"
    CSV = "csv"


class NarrativeForm(StrEnum):
    """The forms of the sentences."""

    DOCX = "docx"
    TXT = "txt"
    JSON = "json"


CALLED: Mapping[Annex, Both] = {
    Annex.A: ("phụ lục A tổng hợp", "annex A summary"),
    Annex.B: ("phụ lục B mô hình được công nhận", "annex B recognised models"),
    Annex.C: ("phụ lục C khen thưởng", "annex C awards"),
}
_NARRATIVE: Both = ("số liệu cho báo cáo", "figures for a report")
_FIGURE = {
    "type": "object",
    "required": ["value"],
    "properties": {
        "measure": TEXT,
        "cell": {"type": "object", "additionalProperties": MAYBE_TEXT},
        "outcome": TEXT,
        "nature": TEXT,
        "value": {"type": "number"},
    },
}
_SENTENCE = object_schema(
    year=COUNT, text=TEXT, heading={"type": "boolean"}, figures=array_schema(_FIGURE)
)
_SENTENCES = object_schema(scope=TEXT, origin=TEXT, sentences=array_schema(_SENTENCE))


@dataclass(frozen=True)
class AnnexRequest:
    """A request for an annex: its resolved query, and the day of knowledge."""

    request: Request
    query: AnnexQuery
    known_at: str | None
    style: FormStyle
    day: date

    @classmethod
    def of(cls, pin: Pin, clock: Clock, request: Request, parameters: AnnexParameters) -> Self:
        """Resolve the parameters; raises the reads' errors about a moment or a map."""
        known_at = parameters.known_at
        reads, as_of = pin(known_at)
        chosen = map_choice(parameters.map, clock)
        query = AnnexQuery(reads, as_of, parameters.unit, parameters.years, chosen)
        day = day_of_knowledge(known_at, as_of) or day_in_vietnam(clock())
        return cls(request, query, known_at, parameters.style, day)

    def scope(self) -> str:
        """Return the unit and the years, for a heading."""
        query = self.query
        years = query.years
        name = scope_name(query.reads, query.as_of, query.unit_id, years[-1], query.map)[0]
        if len(years) == 1:
            return f"{name}, năm {years[0]}"
        return f"{name}, giai đoạn {years[0]}–{years[-1]}"

    def about(self, title: Both) -> Provenance:
        """Return the origin of the figures."""
        query = self.query
        return origin(
            query.reads,
            title,
            query.as_of,
            known_at=self.known_at,
            unit_id=query.unit_id,
            years=query.years,
            map_=query.map,
        )("vi", str(self.request.url))

    def annex(self, annex: Annex) -> OfficeFile:
        """Return the annex in the form that is in force on the day of knowledge."""
        form = form_in_force(annex, self.style, self.day)
        tables = annex_tables(form, self.query, self.day)
        title = f"Phụ lục {form.number}: {form.layout['title']}"
        about = self.about((title, title))
        facts = [*about.facts, ("Mẫu", form.code), ("Căn cứ", form.legal_basis)]
        about = replace(about, facts=facts)
        return annex_file(form, tables, about, self.scope())

    def attachment(self, called: Both, ending: str) -> dict[str, str]:
        """Return the headers of a downloaded file."""
        query, years = self.query, self.query.years
        name = named(
            query.reads,
            called,
            query.as_of,
            known_at=self.known_at,
            unit_id=query.unit_id,
            year=years[-1] if len(years) == 1 else None,
            map_=query.map,
            also=() if len(years) == 1 else [f"{years[0]}-{years[-1]}"],
        )("vi")
        return {"Content-Disposition": attachment(name, ending), "Content-Language": "vi"}


def add_annexes(router: APIRouter, pin: Pin, clock: Clock) -> None:
    """Add the addresses to a router."""
    _add_narrative(router, pin, clock)

    @router.get(
        "/annexes/{annex}.{form}",
        **summary(
            en="Annex A (main table), B (recognised models) or C (awards) of a report, as a file",
            vi="Phụ lục A (tổng hợp), B (mô hình được công nhận) hoặc C (khen thưởng) của báo cáo",
        ),
        responses={
            200: {
                "description": "the annex",
                "x-description-vi": "tệp phụ lục",
                "content": dict(FILES),
            },
            304: UNCHANGED,
            **problem_responses(404, 422, 503),
        },
        response_class=Response,
    )
    def annexes(
        request: Request,
        *,
        annex: Annex,
        form: AnnexFileForm,
        parameters: AnnexParams,
    ) -> Response:
        annex_request = AnnexRequest.of(pin, clock, request, parameters)

        def made(headers: Mapping[str, str]) -> Response:
            office = annex_request.annex(annex)
            all_headers = {**headers, **annex_request.attachment(CALLED[annex], form)}
            if form is AnnexFileForm.CSV:
                return Response(csv_text(office), media_type=CSV_TYPE, headers=all_headers)
            head = asks_for_head(request)
            return office_response(office, Form(form), all_headers, head_only=head)

        return unless_known(request, annex_request.query.as_of, annex_request.query.map, made)


def _add_narrative(router: APIRouter, pin: Pin, clock: Clock) -> None:
    @router.get(
        "/annexes/narrative.{form}",
        **summary(
            en="The sentences of an account of the year, each figure from the ledger",
            vi="Các câu số liệu của báo cáo năm, mỗi con số lấy từ sổ cái",
        ),
        responses={
            200: {
                "description": "the sentences",
                "x-description-vi": "các câu số liệu",
                "content": {
                    **{kind: each for kind, each in FILES.items() if kind.endswith("document")},
                    "text/plain": {"schema": TEXT},
                    "application/json": {"schema": _SENTENCES},
                },
            },
            304: UNCHANGED,
            **problem_responses(404, 422, 503),
        },
        response_class=Response,
    )
    def sentences(
        request: Request,
        *,
        form: NarrativeForm,
        parameters: AnnexParams,
    ) -> Response:
        annex_request = AnnexRequest.of(pin, clock, request, parameters)
        return unless_known(
            request,
            annex_request.query.as_of,
            annex_request.query.map,
            lambda headers: _narrative_response(annex_request, form, headers),
        )


def _narrative_response(
    annex_request: AnnexRequest, form: NarrativeForm, headers: Mapping[str, str]
) -> Response:
    style = style_in_force(annex_request.style, annex_request.day)
    sentences = narrative(annex_request.query, annex_request.day)
    title = "Kết quả phong trào thi đua “Dân vận khéo”"
    about = annex_request.about((title, title))
    stated = {**headers, **annex_request.attachment(_NARRATIVE, form)}
    if form is NarrativeForm.JSON:
        del stated["Content-Disposition"]
        body = {"scope": annex_request.scope(), "origin": about.last_line}
        content = as_json({**body, "sentences": [each.as_json() for each in sentences]})
        return Response(content, media_type=JSON_TYPE, headers=stated)
    if form is NarrativeForm.TXT:
        lines = [
            annex_request.scope(),
            "",
            *(each.text for each in sentences),
            "",
            about.last_line,
            "",
        ]
        return Response("\n".join(lines), media_type=TEXT_TYPE, headers=stated)
    office = narrative_file(style, sentences, about, annex_request.scope())
    return office_response(
        office, Form.DOCX, stated, head_only=asks_for_head(annex_request.request)
    )
