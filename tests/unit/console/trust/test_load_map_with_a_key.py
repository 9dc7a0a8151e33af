"""docs/operations.md, Trust: a log that began trust before it had a map gets it from a root."""

from io import StringIO
from typing import Any

import httpx
import orjson
import pytest

from services.console.commands import load_map as module
from services.console.datasets.nation import nation_events
from services.console.output.texts import Terminal
from shared.trust.signing import Signer
from tests.support.scenarios import given
from tests.support.trusted import REALM, ROOTS, began, code_at_the_door, key_of, taken


def test_the_map_is_sent_in_the_name_of_the_key_and_signed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":  # is there a proxy?
            return httpx.Response(404)
        events = orjson.loads(request.content)
        sent.extend(events)
        items = [{"id": each["id"], "status": "accepted", "problem": None} for each in events]
        return httpx.Response(200, json={"items": items})

    some = list(nation_events())[:2]
    monkeypatch.setattr(module, "nation_events", lambda: some)
    client = httpx.Client(transport=httpx.MockTransport(answer))
    monkeypatch.setattr(module, "client_for", lambda _to, _seconds: client)
    root = ROOTS[0]
    console = Terminal(file=StringIO())
    signer = Signer(key_of(root), REALM)
    assert module.load_map("http://127.0.0.1:8080", console, signer, root) == 0
    assert [each["id"] for each in sent] == [each["id"] for each in some]
    authority = next(iter(given(began()).deciders.values())).authority
    assert [code_at_the_door(taken(each), authority) for each in sent] == [None, None]
