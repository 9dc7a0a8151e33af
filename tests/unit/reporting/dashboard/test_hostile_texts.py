"""Texts that publishers write are shown as texts: no element, no script, no other order of letters."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.dashboard_pages import Paging
from tests.support.event_builders import recognized, registered

HOSTILE = {
    "a script": "<script>alert(1)</script>",
    "an image": "\"'><img src=x onerror=alert(1)>",
    "a drawing": "<svg/onload=alert(1)><foreignObject>",
    "an entity": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "an address": "javascript:alert(1)",
    "a template": "{{7*7}} {% raw %} ${7*7} %s {0.__class__}",
    "the end of a page": "</title></textarea></style></td></table><h1>x",
    "a comment": "<!-- --><![CDATA[",
}
PAGES = ("/", "/pages/list", "/pages/signals", "/pages/changes", "/pages/find?q=alert&unit=vn", "/pages/model?model=m-9")  # fmt: skip
SCRIPTED = {"script", "iframe", "object", "embed", "base", "foreignobject", "img", "style"}
DIRECTIONS = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200e\u200f\u061c"


def given_text(paging: Paging, text: str) -> None:
    stated = {"title": text, "situation": text, "linked_tasks": [text]}
    paging.projecting.given(registered("9", unit_id="bk-1", **stated), recognized("9"))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_is_shown_as_it_is_written(paging: Paging, text: str) -> None:
    given_text(paging, text)
    shown = {address: paging.get(address) for address in PAGES}
    for address in ("/pages/model?model=m-9", "/pages/list"):
        assert " ".join(text.split()) in shown[address].text
    for address, page in shown.items():
        for element in page.elements:
            assert element.tag not in SCRIPTED, address
            assert not [name for name in element.attributes if name.startswith("on")], address
            scheme = urlsplit(element.attributes.get("href", "")).scheme
            assert scheme in {"", "http", "https", "data"}, (address, element)


def test_a_text_cannot_turn_what_follows_it(paging: Paging) -> None:
    given_text(paging, f"Đường hoa {DIRECTIONS}gnas")
    for address in PAGES:
        assert not set(DIRECTIONS) & set(paging.get(address).html), address
    assert "Đường hoa gnas" in paging.get("/pages/model?model=m-9").text


def test_every_page_is_made_by_the_one_environment() -> None:
    root = Path(__file__).parents[4]
    files = [f for name in ("services", "shared") for f in (root / name).rglob("*.py")]
    making = [f.name for f in files if " Environment(" in f.read_text("utf-8")]
    assert making == ["page_templates.py"]
