"""Statements of single documents: plans, review sessions, successions of organisations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import orjson

from services.reporting.readmodels.parts.latest_statement import LatestStatements
from shared.database.columns import BYTEWISE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.readmodel.decoded_events import DecodedEvent


class Plans(LatestStatements):
    """The read model `plans`: one for each organisation and year, the latest issued.

    Ids of the organisations in its scope are one text, separated by spaces; targets are JSON.
    """

    name = "plans"
    version = 2
    statement_events = frozenset({"PlanIssued"})
    kept = (
        "org_id",
        "plan_year",
        "programme",
        "unit_id",
        "occurred_on",
        "document.number",
        "document.signed_on",
        "document.title",
        "scope_org_ids",
        "targets",
    )
    optional = frozenset({"document_number", "document_signed_on", "document_title", "targets"})

    def computed(self, fact: DecodedEvent) -> Mapping[str, Any]:
        """Return the derived columns, which differ from the event's fields."""
        targets = fact.data.get("targets")
        return {
            **super().computed(fact),
            "scope_org_ids": " ".join(fact.data.get("scope_org_ids") or ()),
            "targets": None if targets is None else orjson.dumps(targets).decode(),
        }


class Reviews(LatestStatements):
    """The read model `reviews`: evaluation sessions of committees, each as last stated."""

    name = "reviews"
    statement_events = frozenset({"ReviewSessionHeld"})
    kept = (
        "session_id",
        "org_id",
        "plan_year",
        "programme",
        "unit_id",
        "occurred_on",
        "minutes.number",
        "minutes.signed_on",
        "minutes.title",
    )
    optional = frozenset({"minutes_number", "minutes_signed_on", "minutes_title"})


class Successions(LatestStatements):
    """The read model `successions`; ids of predecessors are one text, separated by spaces."""

    name = "successions"
    statement_events = frozenset({"OrganizationSucceeded"})
    kept = ("successor", "predecessors", "occurred_on")
    types: ClassVar = {"successor": BYTEWISE}
    each_alone = True

    def computed(self, fact: DecodedEvent) -> Mapping[str, Any]:
        """Return the predecessors as one text."""
        return {"predecessors": " ".join(fact.data["predecessors"])}
