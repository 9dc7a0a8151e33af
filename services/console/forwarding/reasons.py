"""The reasons of the other ledger in both languages: it answers in one, with code and values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

# Their rules are declared by the imports; the other ledger refuses by the same ones.
import services.evaluation.decider
import services.registry.decider
import services.reporting.decider  # noqa: F401
from shared.client.forwarding_state import Stop
from shared.errors import rule_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_OF_DOCUMENT = frozenset({"type", "title", "status", "code", "detail", "errors"})


def reason_of(problem: Mapping[str, Any]) -> Stop:
    """Return the code and both sentences of a problem document.

    The sentence of a rule of a later release is the one that was answered.
    """
    code = str(problem.get("code", "?"))
    rule = rule_of(code)
    values = {name: value for name, value in problem.items() if name not in _OF_DOCUMENT}
    is_known = rule.vi != code
    answered = str(problem.get("detail", code))
    sentences = (
        rule.words("vi", values) if is_known else answered,
        rule.words("en", values) if is_known else answered,
    )
    fields = [f"{each.get('pointer')}: {each.get('detail')}" for each in problem.get("errors", ())]
    vi, en = (" ".join((sentence, *fields)) for sentence in sentences)
    return Stop(code, vi, en)
