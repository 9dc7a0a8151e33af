"""`/catalog.jsonld`: the members that DCAT 3 asks for, and addresses that answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx  # noqa: TC002  pytest reads the annotation
import pytest
import pytest_asyncio

from services.console.datasets.sample import sample_events
from services.reporting.app import compose
from shared.readmodel.store import Store
from shared.settings import Settings
from shared.vocabulary import Family
from tests.support.http_clients import speaking_to
from tests.support.sample_ledger import received
from tests.support.scenarios import History

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
PUBLISHER = "Ban Tuyên giáo và Dân vận Trung ương"
# https://www.w3.org/TR/vocab-dcat-3/: the namespaces, and IANA's media types of the three forms.
DCAT, DCT = "http://www.w3.org/ns/dcat#", "http://purl.org/dc/terms/"
MEDIA_TYPES = {
    "https://www.iana.org/assignments/media-types/text/csv": "text/csv",
    "https://www.iana.org/assignments/media-types/application/json": "application/json",
    "https://www.iana.org/assignments/media-types/"
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    ),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    home = tmp_path_factory.mktemp("catalogue")
    stated = {"DVK_HOME": str(home), "DVK_LICENCE": LICENCE, "DVK_PUBLISHER": PUBLISHER}
    settings = Settings.from_environment(stated)
    log = History().given(*map(received, sample_events())).log.as_family(Family.REPORTING)
    store = Store(settings.reporting_url)
    app = compose(settings, log, store, closing=(store.close,))
    async with app.router.lifespan_context(app), speaking_to(app) as asking:
        head = log.head().position
        await asking.get(f"/summaries/national?year=2022&known_at={head}")  # until it is taken in
        yield asking


def _name(text: list[dict[str, str]]) -> dict[str, str]:
    return {each["@language"]: each["@value"] for each in text}


@pytest.mark.asyncio(loop_scope="module")
async def test_the_catalogue_has_the_members_of_dcat(client: httpx.AsyncClient) -> None:
    answer = await client.get("/catalog.jsonld")
    assert answer.headers["content-type"].startswith("application/ld+json")
    catalogue = answer.json()
    assert catalogue["@context"]["dcat"] == DCAT
    assert catalogue["@context"]["dct"] == DCT
    assert catalogue["@type"] == "dcat:Catalog"
    assert set(_name(catalogue["dct:title"])) == {"vi", "en"}
    assert catalogue["dct:publisher"] == {"@type": "foaf:Agent", "foaf:name": PUBLISHER}
    assert catalogue["dct:license"] == {"@id": LICENCE}
    assert catalogue["dct:spatial"]["dct:title"] == "Việt Nam"
    datasets = catalogue["dcat:dataset"]
    identifiers = [dataset["dct:identifier"] for dataset in datasets]
    assert len(set(identifiers)) == len(identifiers)
    assert {"registrations", "awards", "organizations", "figures", "summary-2022"} <= {*identifiers}
    for dataset in datasets:
        assert dataset["@type"] == "dcat:Dataset"
        assert {"dct:title", "dct:description", "dcat:keyword", "dct:publisher"} <= {*dataset}
        begins, ends = (dataset["dct:temporal"][f"dcat:{day}Date"] for day in ("start", "end"))
        assert (begins["@value"], ends["@value"]) == ("2022-01-01", "2022-12-31")
        assert begins["@type"] == "xsd:date"
        assert len(dataset["dcat:distribution"]) == len(MEDIA_TYPES)
    service = catalogue["dcat:service"]
    assert service["@type"] == "dcat:DataService"
    assert (await client.get(service["dcat:endpointDescription"]["@id"])).status_code == 200
    # Every name with a prefix is of a namespace that the context declares.
    prefixes = {name.partition(":")[0] for name in _names(catalogue) if ":" in name}
    assert prefixes <= {*catalogue["@context"]}


@pytest.mark.asyncio(loop_scope="module")
async def test_every_distribution_answers_in_its_form(client: httpx.AsyncClient) -> None:
    catalogue = (await client.get("/catalog.jsonld")).json()
    for dataset in catalogue["dcat:dataset"]:
        for each in dataset["dcat:distribution"]:
            assert each["dct:license"] == {"@id": LICENCE}
            address = urlsplit(each["dcat:downloadURL"]["@id"])
            answer = await client.get(f"{address.path}?{address.query}")
            assert answer.status_code == 200, answer.text
            media_type = MEDIA_TYPES[each["dcat:mediaType"]["@id"]]
            assert answer.headers["content-type"].startswith(media_type)


@pytest.mark.asyncio(loop_scope="module")
async def test_the_pages_lead_to_the_catalogue(client: httpx.AsyncClient) -> None:
    assert 'href="/catalog.jsonld"' in (await client.get("/?lang=vi")).text


def _names(value: Any) -> set[str]:
    """Return all names of members and types in the document."""
    if isinstance(value, list):
        return set().union(*map(_names, value))
    if not isinstance(value, dict):
        return set()
    stated = {name for name in value if not name.startswith("@")}
    types = {value["@type"]} if "@type" in value else set()
    return stated | types | _names([v for name, v in value.items() if name != "@context"])
