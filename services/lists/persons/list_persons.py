"""The individuals of one list: each gets its reference, or it is asked which person is meant."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from services.lists.kinds.kind import MatchedRow
from services.lists.matching.organizations import OTHER_KIND, OrganizationNames, kind_of
from services.lists.persons.vault import (
    PERSON_ERASED,
    REFERENCE,
    PersonVault,
    UnitPersons,
    new_reference,
)
from services.lists.reading.findings import NO, YES, Answers
from services.lists.remarks import Remark
from shared.errors import Rule, declare
from shared.vocabulary import OwnerKind
from shared.vocabulary.vietnamese import plain, sort_key

ANOTHER = "mới"
"""The word of the column *Mã cá nhân* for a person whom no list has named before."""
SAME_NAME = declare(
    "list_person_same_name",
    422,
    vi="Dòng {number} của danh sách cũng ghi họ tên này, cùng tập thể. Có phải là cùng một người "
    "không? Cũng có thể trả lời ở cột “Mã cá nhân”: ghi mã của người đó, hoặc “mới” nếu là người "
    "khác.",
    en="Row {number} of the list has the same name in the same organisation. Is it the same "
    "person? The column “Mã cá nhân” can answer too: the reference of the person, or “mới” for "
    "another person.",
)
SEVERAL_PERSONS = declare(
    "list_person_several",
    422,
    vi="Các danh sách trước có {count} người cùng họ tên này trong tập thể. Là người nào? Xem mã "
    "cá nhân ở tệp kèm kết quả lần trước; chọn “mới” nếu là người khác nữa.",
    en="Earlier lists have {count} persons of this name in the organisation. Which one is it? "
    "Their references are in the annotated copies of those lists; “mới” is yet another person.",
)
OTHER_NAME = declare(
    "list_person_other_name",
    422,
    vi="Mã cá nhân của dòng này đang gắn với một họ tên khác. Có phải vẫn là người đó (họ tên được "
    "sửa lại) không?",
    en="The reference of this row belongs to another name. Is it still that person, with the name "
    "corrected?",
)
OTHER_PERSON = declare(
    "list_person_other",
    422,
    vi="Mã cá nhân của dòng này là của người khác. Hãy ghi đúng mã, hoặc ghi “mới”.",
    en="The reference of this row is another person's. Write the right one, or “mới”.",
)
NO_REFERENCE = declare(
    "list_person_reference",
    422,
    vi="Ô này chỉ nhận mã cá nhân do hệ thống cấp (p- và 26 ký tự), hoặc “mới”. Không ghi họ tên "
    "hay số căn cước vào đây; chưa có mã thì để trống.",
    en="This cell takes only a reference given by the desk (p- and 26 characters), or “mới”. Write "
    "no name and no citizen number here; leave it empty if there is no reference yet.",
)
PERSON_AS_ORGANIZATION = declare(
    "list_person_as_organization",
    422,
    vi="Ô này phải ghi tập thể của cá nhân, không ghi họ tên. Hãy chuyển họ tên sang cột “Họ và "
    "tên” rồi ghi tên tập thể vào đây.",
    en="This cell must say the organisation of the individual, not a name of a person. Move the "
    "name to the column “Họ và tên” and write the organisation here.",
)
PERHAPS_PERSON = declare(
    "list_organization_perhaps_person",
    422,
    vi="Ô này phải ghi tập thể của cá nhân, mà sổ cái chưa có tập thể nào tên như vậy. Đây có phải "
    "là tên một tập thể không? Tên tập thể được công bố, họ tên người thì không.",
    en="This cell must say the organisation of the individual, and the ledger has none of that "
    "name. Is it the name of an organisation? Those are published, names of persons are not.",
)
_ADDRESSES = re.compile(r"^(?:(?:đồng chí|đ/c|đ\.c|ông|bà|hộ|gia đình)[\s.:]+)+", re.IGNORECASE)
_TOLD_APART = ("title", "registration_id", "award_form", "grantor")
"""Columns that tell two rows of the same person apart."""


@dataclass(slots=True)
class ListPersons:
    """Gives the individuals of one list references that its rows, or earlier lists, gave them.

    A person is known again by unit of the list, organisation, kind and name. A second row of the
    same name is asked about, once: the answer is kept with the row.
    """

    vault: PersonVault
    unit_id: str
    organizations: OrganizationNames
    given: Mapping[str, str]
    _known: UnitPersons | None = None
    _rows: dict[tuple[str, ...], int] = field(default_factory=dict)
    _equal: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def __enter__(self) -> Self:
        """Look at the persons of the unit, alone until what was added is written."""
        self.vault.alone.acquire()
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        """Write the persons of the list, unless it could not be checked."""
        try:
            if self._known is not None and failed is None:
                self._known.write()
        finally:
            self._known = None
            self.vault.alone.release()

    def referred(
        self, row: MatchedRow, cells: Mapping[str, str]
    ) -> tuple[MatchedRow, Sequence[Remark]]:
        """Return a row with the reference of its individual, or what is to be said of it."""
        kind = row.get("owner_kind") or row.get("recipient_kind")
        if kind not in {OwnerKind.INDIVIDUAL, OwnerKind.HOUSEHOLD}:
            return row, ()
        said = self._organization(row, cells)
        if said is not None:
            return row, (said,)
        if self._known is None:
            self._known = self.vault.of_unit(self.unit_id)
        found = self._person(self._known, row, kind, cells)
        if isinstance(found, Remark):
            return row, (found,)
        return replace(row, values={**row.values, "person_ref": found}), ()

    def _organization(self, row: MatchedRow, cells: Mapping[str, str]) -> Remark | None:
        """Say what is wrong where the organisation of an individual may be a person."""
        column = "owner" if row.get("owner") else "recipient"
        org_id = row.get(column)
        name = row.organization_names.get(org_id, "")
        stated = row.get("person_name")
        if stated and name and _folded(name) == _folded(stated):
            return _remark(PERSON_AS_ORGANIZATION, column, cells)
        if org_id not in self.organizations.defined or kind_of(name) != OTHER_KIND:
            return None
        answer = self.given.get(f"{PERHAPS_PERSON.code}:{org_id}")
        if answer == YES:
            return None
        if answer == NO:
            return _remark(PERSON_AS_ORGANIZATION, column, cells)
        asked = _remark(PERHAPS_PERSON, column, cells, is_question=True)
        return replace(asked, key=f"{PERHAPS_PERSON.code}:{org_id}")

    def _person(
        self, persons: UnitPersons, row: MatchedRow, kind: str, cells: Mapping[str, str]
    ) -> str | Remark:
        name, stated = str(row.get("person_name") or ""), str(row.get("person") or "").strip()
        organization = row.get("owner") or row.get("recipient")
        is_new = plain(stated) == plain(ANOTHER)
        reference = stated.lower()
        if stated and not is_new and not REFERENCE.fullmatch(reference):
            return _remark(NO_REFERENCE, "person", cells)
        if reference in persons.erased:
            return _remark(PERSON_ERASED, "person", cells)
        told_apart = (self.unit_id, row.get("title"), organization, row.get("unit"))
        if not name:
            if stated and not is_new:
                return reference
            known = persons.known_by("row", *told_apart)
            return known[0] if known else persons.keep(new_reference(), ("row", *told_apart))
        described = ("name", self.unit_id, str(organization), kind, _folded(name))
        this = ("row", *told_apart, *described, *map(row.get, _TOLD_APART))
        equal = tuple(map(str, this))
        self._equal[equal] += 1
        this = (*this, self._equal[equal])
        if stated and not is_new:
            found = self._stated(persons.name(reference), name, cells) or reference
        else:
            known = persons.known_by(*this)
            others = persons.known_by(*described)
            found = known[0] if known else self._named(others, described, cells, is_new=is_new)
        if isinstance(found, str):
            self._rows.setdefault(described, row.number)
            return persons.keep(found, this, name, described)
        return found

    def _stated(self, known: str | None, name: str, cells: Mapping[str, str]) -> Remark | None:
        """Say what is wrong where the reference of a row is known by another name."""
        if known is None or _folded(known) == _folded(name):
            return None
        answer = self._answer(OTHER_NAME, "person", cells)
        if answer == YES:
            return None
        if answer == NO:
            return _remark(OTHER_PERSON, "person", cells)
        return _remark(OTHER_NAME, "person", cells, is_question=True)

    def _named(
        self,
        known: Sequence[str],
        described: tuple[str, ...],
        cells: Mapping[str, str],
        *,
        is_new: bool,
    ) -> str | Remark:
        """Return one of the persons of a name, a new one, or the question which it is."""
        same = self._answer(SAME_NAME, "person_name", cells)
        which = self._answer(SEVERAL_PERSONS, "person_name", cells)
        if is_new or not known or same == NO or which == ANOTHER:
            return new_reference()
        if which is not None and which in known:
            return which
        if len(known) > 1:
            asked = _remark(
                SEVERAL_PERSONS, "person_name", cells, is_question=True, count=len(known)
            )
            return replace(asked, suggestions=(*known, ANOTHER))
        if described in self._rows and same != YES:
            number = self._rows[described]
            return _remark(SAME_NAME, "person_name", cells, is_question=True, number=number)
        return known[0]

    def _answer(self, rule: Rule, column: str, cells: Mapping[str, str]) -> str | None:
        return Answers(self.given).to(rule, cells.get(column, ""))


def _remark(
    rule: Rule,
    column: str,
    cells: Mapping[str, str],
    *,
    is_question: bool = False,
    **params: object,
) -> Remark:
    """Return what a rule says of a cell; it never says what the cell holds."""
    cell = cells.get(column, "")
    return Remark(
        rule.code,
        rule.words("vi", params),
        rule.words("en", params),
        column,
        cell,
        is_question=is_question,
        key=f"{rule.code}:{cell}" if is_question else "",
    )


def _folded(name: str) -> str:
    """Return a name without form of address; Hoà is Hòa, and Hoa is not."""
    return sort_key(_ADDRESSES.sub("", name.strip()))
