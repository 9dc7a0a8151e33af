"""The lines for an event's changes, its reason and its documents, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.texts.reasons import WORDS_OF_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from services.reporting.dashboard.texts.formatting import PageTexts

    Named = Callable[[str, str], str | None]
    """Returns the name of a field's value: a unit, an organisation, a code; None: unnamed."""

_DAYS = frozenset({"occurred_on", "starts_on", "evaluates_on"})
_YEARS = frozenset({"plan_year"})
_DOCUMENTS = frozenset({"decision", "legal_basis"})


def nameless(_field: str, _value: str) -> None:
    """Return no name: values are shown as they were recorded."""


def why(
    item: Mapping[str, Any], words: PageTexts, named: Named = nameless
) -> list[tuple[str, str]]:
    """Return (label, text) pairs for an item of a history or of a change, complete.

    They show the fields of a correction, the retracted event, the reason, each document.
    """
    return list(_lines(item, words, named))


def _lines(item: Mapping[str, Any], words: PageTexts, named: Named) -> Iterator[tuple[str, str]]:
    for change in item.get("changes", ()):
        field = change["field"]
        before, after = (value(field, change[each], words, named) for each in ("before", "after"))
        yield field_words(field, words), f"{before} → {after}"
    if retracted := item.get("retracts"):
        yield words("retracts"), _retracted(retracted, words)
    if reason := item.get("reason"):
        yield words("reason"), reason
    for document in item.get("documents", ()):
        yield words("by_document"), document_words(document, words)


def field_words(field: str, words: PageTexts) -> str:
    """Return the name of a field that may be corrected."""
    label = WORDS_OF_FIELDS.get(field)
    return field if label is None else label[0 if words.language == "vi" else 1]


def document_words(document: Mapping[str, Any], words: PageTexts) -> str:
    """Return kind, number, day and issuer of a document, and its title where it has one."""
    kind = words(document["kind"])
    issuer = document.get("issuer_name") or document.get("issuer_org_id")
    parts = [kind[:1].upper() + kind[1:]]
    if number := document.get("number"):
        parts.append(words("number_of").format(number=number))
    if signed := document.get("signed_on"):
        parts.append(words("signed").format(day=words.day(signed)))
    if issuer:
        parts.append(words("issued_by").format(issuer=issuer))
    if title := document.get("title"):
        parts.append(f"“{title}”")
    return " ".join(parts)


def value(field: str, content: Any, words: PageTexts, named: Named = nameless) -> str:  # noqa: ANN401  JSON
    """Return the value of a field in words."""
    if isinstance(content, list):
        return "; ".join(value(field, each, words, named) for each in content)
    if isinstance(content, dict):
        if field in _DOCUMENTS:
            return document_words(content, words)
        return ", ".join(value(each, content[each], words, named) for each in content)
    if isinstance(content, str):
        return words.day(content) if field in _DAYS else named(field, content) or words(content)
    if content is None:
        return words("not_stated")
    return str(content) if field in _YEARS else words.number(content)


def _retracted(retracted: Mapping[str, Any], words: PageTexts) -> str:
    if retracted["type"] is None:
        return str(retracted["id"])
    at = words.number(retracted["position"])
    return f"{words.event(retracted['type'])} ({words('position').lower()} {at})"
