"""Rows of registrations get their ids: equal rows are numbered, near titles are asked about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.lists.kinds.kind import MatchedRow
from services.lists.kinds.registrations import key_of_row
from services.lists.matching.ids import key_id
from services.lists.matching.near_titles import NearTitles
from services.lists.matching.registrations import ListedRegistration, YearRegistrations
from services.lists.remarks import Remark

NO, YES = "no", "yes"
NEAR_TITLE, ALL_NEW, EQUAL_ROW = "near_title", "all_new", "equal_row"


@dataclass(slots=True)
class RowIdentity:
    """The identity of a row: values that its events take, and what is said of it.

    `repeats` is the row of which it is a repetition until it is answered that it is not.
    """

    values: dict[str, object] = field(default_factory=dict)
    repeats: int | None = None
    remark: Remark | None = None


@dataclass(slots=True)
class RowIdentities:
    """Identifies the rows of one list together, so that their order makes no difference."""

    registrations: YearRegistrations
    answers: Mapping[str, str]
    _found: dict[int, RowIdentity] = field(default_factory=dict)

    def of(self, rows: Sequence[MatchedRow], cells: Mapping[int, str]) -> Mapping[int, RowIdentity]:
        """Return the identity of each row by its number; `cells` are where their titles are."""
        self._found = {row.number: RowIdentity() for row in rows}
        stated = {str(row.get("registration_id")) for row in rows if row.get("registration_id")}
        groups: dict[tuple[object, ...], list[MatchedRow]] = {}
        for row in rows:
            groups.setdefault(key_of_row(row), []).append(row)
        for equals in groups.values():
            self._tell_apart(equals, stated, cells)
        self._compare(rows, cells)
        return self._found

    def _tell_apart(
        self, equals: Sequence[MatchedRow], stated: set[str], cells: Mapping[int, str]
    ) -> None:
        """Give equal rows ordinals by what they say, those that bear an id before the others."""
        seen: dict[str, int] = {}
        ordinal = 0
        first: MatchedRow | None = None
        for row in sorted(equals, key=_content):
            own, found = row.get("registration_id"), self._found[row.number]
            if own:
                if own in seen:
                    found.repeats, found.remark = seen[own], repeats_row(seen[own])
                seen.setdefault(own, row.number)
            else:
                free = ordinal + 1
                while _id(row, free) in stated:
                    free += 1
                if first is not None and not self._is_another(row, free, cells):
                    found.repeats = first.number
                    found.remark = self._asked_whether_another(row, first.number, cells)
                else:
                    ordinal = free
                    found.values["ordinal"] = ordinal
            first = first or row

    def _is_another(self, row: MatchedRow, ordinal: int, cells: Mapping[int, str]) -> bool:
        """Say whether an equal row is known to be another model: by the ledger, or by an answer."""
        answered = self.answers.get(f"{EQUAL_ROW}:{cells[row.number]}") == YES
        return answered or _id(row, ordinal) in self.registrations.by_id

    def _asked_whether_another(
        self, row: MatchedRow, number: int, cells: Mapping[int, str]
    ) -> Remark:
        cell = cells[row.number]
        key = f"{EQUAL_ROW}:{cell}"
        if self.answers.get(key) == NO:
            return repeats_row(number)
        return Remark(
            "repeated",
            f"Cùng tên, tập thể, đơn vị với dòng {number} của danh sách. Có phải mô hình khác "
            "không? (Có: gửi thành một đăng ký riêng.)",
            f"Title, owner and unit are those of row {number} of the list. Is it another model? "
            "(Yes: it is sent as a registration of its own.)",
            "title",
            cell,
            str(row.get("title")),
            is_question=True,
            key=key,
        )

    def _compare(self, rows: Iterable[MatchedRow], cells: Mapping[int, str]) -> None:
        """Ask of each new row whether it is a registration that no other row of the file is."""
        known = self.registrations.by_id
        ids = {row.number: self._id_of(row) for row in rows}
        claimed = set(ids.values())
        near = NearTitles(each for each in known.values() if each.registration_id not in claimed)
        for row in rows:
            found = self._found[row.number]
            if row.get("registration_id") or found.repeats or ids[row.number] in known:
                continue
            like = near.find(row.get("title"), row.get("unit"), row.get("owner"))
            if like is None:
                continue
            cell = cells[row.number]
            key = f"{NEAR_TITLE}:{cell}:{like.registration_id}"
            all_new = self.answers.get(_of_column(cell)) == YES
            answer = self.answers.get(key, NO if all_new else None)
            if answer == YES:
                found.values.update(registration_id=like.registration_id, model_id=like.model_id)
                near.remove(like)
            elif answer != NO:
                found.remark = _asked_whether_same(row, like, cell, key)

    def _id_of(self, row: MatchedRow) -> str:
        ordinal = self._found[row.number].values.get("ordinal", 1)
        return str(row.get("registration_id") or _id(row, int(str(ordinal))))


def asked_of_all(remarks: Iterable[Remark]) -> list[Remark]:
    """Return the question whether all rows with near titles are new, where there are several."""
    near = [each for each in remarks if each.code == NEAR_TITLE]
    if len(near) == 1 or not near:
        return []
    asked = Remark(
        ALL_NEW,
        "Nhiều dòng có tên gần giống một đăng ký đã có. Tất cả các dòng chưa trả lời riêng đều là "
        "mô hình mới?",
        "Several rows have titles like those of known registrations. Are all those without an "
        "answer of their own new models?",
        is_question=True,
        key=_of_column(near[0].cell),
    )
    return [asked]


def _of_column(cell: str) -> str:
    return f"{ALL_NEW}:{cell.rstrip('0123456789')}"


def _id(row: MatchedRow, ordinal: int) -> str:
    return key_id("r", *key_of_row(row, ordinal))


def _content(row: MatchedRow) -> tuple[bool, str, int]:
    """Return by what equal rows are put in order, not by their places in the list."""
    return not row.get("registration_id"), repr(sorted(row.values.items())), row.number


def repeats_row(number: int) -> Remark:
    """Return the remark on a row that says what an earlier one says."""
    return Remark(
        "repeated",
        f"Trùng với dòng {number} của danh sách; không gửi lần nữa.",
        f"The same as row {number} of the list; it is not sent again.",
    )


def _asked_whether_same(row: MatchedRow, like: ListedRegistration, cell: str, key: str) -> Remark:
    named = f"“{like.title}” ({like.registration_id})"
    return Remark(
        NEAR_TITLE,
        f"“{row.get('title')}” gần giống đăng ký {named} của cùng tập thể, đơn vị và năm, mà tệp "
        "này không có dòng riêng. Có phải chính đăng ký ấy, nay sửa tên? (Không: mô hình mới.)",
        f"“{row.get('title')}” is nearly the registration {named} of the same owner, unit and "
        "year, which has no row of its own in this file. Is it that one, with its title "
        "corrected? (No: it is a new model.)",
        "title",
        cell,
        str(row.get("title")),
        is_question=True,
        key=key,
    )
