"""The names of entities in explanations, changes and histories, instead of stream names."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.cell_links import Names
from services.reporting.dashboard.page_parameters import (
    AWARD_PAGE,
    MODEL_PAGE,
    ORGANIZATION_PAGE,
)
from services.reporting.queries.explaining.titles import AWARD, MODEL, ORGANIZATION, REGISTRATION
from shared.vocabulary import Dimension

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from services.reporting.dashboard.page_context import PageContext
    from services.reporting.dashboard.texts.formatting import PageTexts
    from services.reporting.queries.explaining.titles import Concerned, Titled

_UNIT = "unit/"


class EntityNames:
    """The names of some entities, looked up together."""

    def __init__(self, subjects: Collection[str], context: PageContext) -> None:
        self._context = context
        self._titles: Mapping[str, Titled] = context.reads.titles(set(subjects), context.as_of)
        self._called = context.called(self._units(subjects))
        self._names = Names.of(context)

    def __call__(self, subject: str, title: str | None = None) -> dict[str, Any]:
        """Return the title of an entity, the persons or bodies concerned, and its model's page.

        `title` is its title in the reads, for an entity without one of its own.
        """
        words = self._context.words
        titled = self._titles.get(subject)
        return {
            "title": self._title(subject, titled) or title or reference(subject, words),
            "concerned": self._concerned(subject, titled) if titled else None,
            "reference": reference(subject, words) if _is_of_a_model(subject) else None,
            "card_address": self._card(subject, titled),
        }

    def _card(self, subject: str, titled: Titled | None) -> str | None:
        """Return the address of the card of an entity: its model's, or its own."""
        address, id_ = self._context.choice.address, subject.partition("/")[2]
        if titled is None:
            return None
        if titled.model_id:
            return address(MODEL_PAGE, model=titled.model_id)
        if subject.startswith(AWARD):
            return address(AWARD_PAGE, award=id_)
        is_organization = subject.startswith(ORGANIZATION)
        return address(ORGANIZATION_PAGE, organization=id_) if is_organization else None

    def _units(self, subjects: Collection[str]) -> Iterable[tuple[str, date]]:
        for titled in self._titles.values():
            if titled.concerned and titled.concerned.unit_id:
                yield _place(titled.concerned)
        for subject in subjects:
            if subject.startswith(_UNIT):
                yield subject.removeprefix(_UNIT), self._context.day

    def _title(self, subject: str, titled: Titled | None) -> str | None:
        if subject.startswith(_UNIT):
            return self._called(subject.removeprefix(_UNIT), self._context.day)
        if titled is None:
            return None
        if titled.title or titled.form is None:
            return titled.title or (
                _kind_of(subject, self._context.words) if titled.concerned else None
            )
        if subject.startswith(AWARD):
            return self._names(Dimension.AWARD_FORM, titled.form)
        return f"{_kind_of(subject, self._context.words)}: {self._context.words.code(titled.form)}"

    def _concerned(self, subject: str, titled: Titled) -> str | None:
        """Return `Tập thể: Hội Nông dân xã, Xã Đại Từ · Quyết định 01-QĐ/TU (01/12/2022)`."""
        concerned, words = titled.concerned, self._context.words
        if concerned is None:
            return None
        who = [self._organization(concerned)]
        if concerned.unit_id:
            who.append(self._called(*_place(concerned)))
        text = ", ".join(each for each in who if each)
        if concerned.kind:
            text = f"{words(concerned.kind)}: {text}"
        if subject.startswith(AWARD):
            text = f"{text} · {_decision(concerned, words)}"
        return text

    def _organization(self, concerned: Concerned) -> str | None:
        if concerned.org_id is None:
            return None
        unknown = self._context.words("organization_unknown").format(org_id=concerned.org_id)
        return concerned.org_name or unknown


def reference(subject: str, words: PageTexts) -> str:
    """Return the kind of a stream's entity with its id: `Đăng ký r-1`."""
    return f"{_kind_of(subject, words)} {subject.partition('/')[2]}"


def _kind_of(subject: str, words: PageTexts) -> str:
    return words(f"subject_{subject.partition('/')[0]}")


def _is_of_a_model(subject: str) -> bool:
    return subject.startswith((REGISTRATION, MODEL))


def _place(concerned: Concerned) -> tuple[str, date]:
    return str(concerned.unit_id), date.fromisoformat(concerned.occurred_on)


def _decision(concerned: Concerned, words: PageTexts) -> str:
    if not concerned.decision_number:
        return words("decision_unnumbered")
    signed = concerned.decision_signed_on
    text = f"{words('decision')} {concerned.decision_number}"
    return f"{text} ({words.day(signed)})" if signed else text
