"""The page of integrity: the last checkpoint, and which witness cosigned when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.clock import MICROSECONDS, rfc3339

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.reporting.dashboard.page_context import PageContext
    from services.reporting.integrity.evidence import LogEvidence


def integrity_page(context: PageContext, _parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the state of the seals now, at every chosen day of knowledge."""
    evidence = context.evidence
    last = evidence.last() if evidence else None
    if evidence is None or last is None:
        return {"sealed": None, "witnesses": [], "quorum": None, "has_policy": False}
    words = context.words
    return {
        "sealed": {
            "size": last.size,
            "waiting": max(0, context.as_of.position - last.size),
            "at": words.moment(rfc3339(last.sealed_us)),
            "origin": last.vkey.partition("+")[0],
            "vkey": last.vkey,
            "root": last.root.hex(),
            "contradicted": evidence.contradicted() is not None,
        },
        "has_policy": evidence.policy is not None,
        "quorum": evidence.witnessed_position(),
        "witnesses": _witnesses(evidence, context),
    }


def _witnesses(evidence: LogEvidence, context: PageContext) -> list[dict[str, Any]]:
    return [
        {
            "name": each.name,
            "size": each.size,
            "at": None
            if each.at is None
            else context.words.moment(rfc3339(each.at * MICROSECONDS)),
        }
        for each in evidence.witnesses()
    ]
