"""`GET /catalog.jsonld`: the lists and summaries as a catalogue of data (DCAT 3, as JSON-LD).

Each list is a dataset, and each year's national summary; a distribution is an address that always
gives the present state in one form, so that a portal of open data can harvest them.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotation
from starlette.responses import Response

from services.reporting.api.lists import ABOUT
from shared.web.answers.json_response import as_json
from shared.web.openapi.responses import object_schema, problem_responses, summary
from shared.web.server.declared_parameters import strict_router

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fastapi import APIRouter

    from services.reporting.queries.as_of import AsOf
    from services.reporting.queries.facade import Pin, Queries
    from shared.vocabulary.code_words import Both

JSON_LD = "application/ld+json"
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_FORMS = {
    "csv": "text/csv",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_LANGUAGES = "http://publications.europa.eu/resource/authority/language/"
_DAILY = "http://purl.org/cld/freq/daily"
_TITLE = (
    "Dữ liệu phong trào thi đua “Dân vận khéo”",
    "Data of the emulation movement “Dân vận khéo”",
)
_ABOUT = (
    "Danh sách và tổng hợp của sổ cái, theo số liệu hiện nay; thêm known_at= để đọc theo một ngày.",
    "Lists and summaries of the ledger, as known now; known_at= reads them as of any day.",
)
_SUMMARY = ("Tổng hợp năm {} của cả nước, theo đơn vị", "National summary of {}, by unit")
_KEYWORDS = ("dân vận khéo", "thi đua khen thưởng")


def catalogue_router(pin: Pin, *, publisher: str | None, licence: str | None) -> APIRouter:
    """Return a router with the catalogue."""
    router = strict_router(tags=["reads"])
    shape = object_schema({"@context": {"type": "object"}, "@type": {"const": "dcat:Catalog"}})
    content = {JSON_LD: {"schema": {**shape, "additionalProperties": True}}}

    @router.get(
        "/catalog.jsonld",
        **summary(
            en="The catalogue of the data (DCAT 3, JSON-LD)",
            vi="Danh mục dữ liệu (DCAT 3, JSON-LD)",
        ),
        response_class=Response,
        responses={
            200: {"description": "The catalogue", "content": content},
            **problem_responses(503),
        },
    )
    def catalogue(request: Request) -> Response:
        reads, as_of = pin(None)
        made = Catalogue(str(request.base_url), reads, as_of, publisher=publisher, licence=licence)
        return Response(as_json(made.as_json()), media_type=JSON_LD)

    return router


class Catalogue:
    """The catalogue as known at a position, with addresses below a base that ends with a slash."""

    def __init__(
        self, base: str, reads: Queries, as_of: AsOf, *, publisher: str | None, licence: str | None
    ) -> None:
        self._base = base
        self._as_of = as_of
        self._years: Sequence[int] = sorted(reads.years())
        country = reads.country(as_of)
        day = date.max
        self._country = country and reads.called([(country, day)], as_of)[country, day]
        self._publisher = publisher
        self._licence = licence

    def as_json(self) -> dict[str, Any]:
        """Return the catalogue."""
        datasets = [*self._lists(), *self._summaries()]
        return {
            "@context": CONTEXT,
            "@id": f"{self._base}catalog.jsonld",
            "@type": "dcat:Catalog",
            "dct:title": _both(_TITLE),
            "dct:description": _both(_ABOUT),
            **self._common(),
            "foaf:homepage": _at(self._base),
            "dct:language": [_at(f"{_LANGUAGES}{each}") for each in ("VIE", "ENG")],
            "dcat:dataset": datasets,
            "dcat:service": {
                "@type": "dcat:DataService",
                "dct:title": _both(("Giao diện lập trình", "Programming interface")),
                "dcat:endpointURL": _at(self._base),
                "dcat:endpointDescription": _at(f"{self._base}openapi.json"),
                "dcat:servesDataset": [_at(each["@id"]) for each in datasets],
            },
        }

    def _lists(self) -> Iterator[dict[str, Any]]:
        for name, about in ABOUT.items():
            forms = {form: f"{name}?format={form}" for form in _FORMS}
            yield self._dataset(name, about, name, forms, self._years)

    def _summaries(self) -> Iterator[dict[str, Any]]:
        for year in self._years:
            path = f"summaries/national?year={year}"
            forms = {form: f"{path}&by=unit&format={form}" for form in _FORMS}
            title = (_SUMMARY[0].format(year), _SUMMARY[1].format(year))
            yield self._dataset(f"summary-{year}", title, path, forms, [year])

    def _dataset(
        self, name: str, title: Both, path: str, forms: Mapping[str, str], years: Sequence[int]
    ) -> dict[str, Any]:
        period = (
            {
                "@type": "dct:PeriodOfTime",
                "dcat:startDate": _typed(f"{min(years)}-01-01", "date"),
                "dcat:endDate": _typed(f"{max(years)}-12-31", "date"),
            }
            if years
            else None
        )
        return {
            "@id": f"{self._base}{path}",
            "@type": "dcat:Dataset",
            "dct:identifier": name,
            "dct:title": _both(title),
            "dct:description": _both(title),
            "dcat:keyword": [{"@value": each, "@language": "vi"} for each in _KEYWORDS],
            **self._common(),
            **({"dct:temporal": period} if period else {}),
            "dct:accrualPeriodicity": _at(_DAILY),
            "dcat:distribution": [
                {
                    "@id": f"{self._base}{address}",
                    "@type": "dcat:Distribution",
                    "dct:title": f"{name}.{form}",
                    "dcat:accessURL": _at(f"{self._base}{address}"),
                    "dcat:downloadURL": _at(f"{self._base}{address}"),
                    "dcat:mediaType": _at(f"{_MEDIA_TYPES}{_FORMS[form]}"),
                    **self._rights(),
                }
                for form, address in forms.items()
            ],
        }

    def _common(self) -> dict[str, Any]:
        moment = self._as_of.as_json()["time"]
        named = f"Sổ cái Dân vận khéo · {self._country or ''}".strip(" ·")
        return {
            "dct:publisher": {"@type": "foaf:Agent", "foaf:name": self._publisher or named},
            **({"dct:modified": _typed(moment, "dateTime")} if moment else {}),
            **self._rights(),
            **(
                {"dct:spatial": {"@type": "dct:Location", "dct:title": self._country}}
                if self._country
                else {}
            ),
        }

    def _rights(self) -> dict[str, Any]:
        return {"dct:license": _at(self._licence)} if self._licence else {}


def _at(address: str) -> dict[str, str]:
    return {"@id": address}


def _both(words: Both) -> list[dict[str, str]]:
    vi, en = words
    return [{"@value": vi, "@language": "vi"}, {"@value": en, "@language": "en"}]


def _typed(value: object, kind: str) -> dict[str, str]:
    return {"@value": str(value), "@type": f"xsd:{kind}"}
