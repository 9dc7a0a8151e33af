"""Payloads of administrative units, which are opened, renamed, moved, reorganised and closed."""

from collections import Counter
from typing import ClassVar

from pydantic import ConfigDict, Field

from shared.events.payloads.payload import (
    RECORDED,
    Code,
    Common,
    Document,
    Id,
    Part,
    Payload,
    Reason,
    Title,
)
from shared.vocabulary import AdministrativeLevel, Share


class UnitCode(Part):
    """A code of a unit in a named scheme; codes are dated attributes and may be reused."""

    scheme: Code
    code: Code


class _Opening(Part):
    """The attributes of a unit at its opening."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"level": {"const": AdministrativeLevel.COUNTRY.value}}},
            "then": {"properties": {"parent_id": {"type": "null"}}},
            "else": {"properties": {"parent_id": {"type": "string"}}},
        }
    )

    unit_id: Id
    name: Title
    level: AdministrativeLevel
    parent_id: Id | None
    codes: list[UnitCode]
    kind: Title | None = None

    def model_post_init(self, _context: object, /) -> None:
        """Require a parent for every unit except the country."""
        if (self.level is AdministrativeLevel.COUNTRY) != (self.parent_id is None):
            message = (
                "null chỉ dành cho cấp country · parent_id is null for the country, and only for it"
            )
            raise ValueError(message)


class OpenedUnit(Common, _Opening):
    """A unit that a reorganisation opens: the data of UnitOpened without its day."""

    unit_id: Id


class UnitOpened(Payload, _Opening):
    """A unit is opened on `occurred_on`; it is opened once and ends once."""

    NAME: ClassVar = "UnitOpened"
    STREAM: ClassVar = "unit/{unit_id}"
    unit_id: Id

    def unit_ids(self) -> frozenset[str]:
        """Return the parent; the unit itself is new."""
        return frozenset({self.parent_id} if self.parent_id else ())


class UnitRenamed(Payload):
    """A unit gets another name, kind or codes from `occurred_on` on."""

    NAME: ClassVar = "UnitRenamed"
    STREAM: ClassVar = "unit/{unit_id}"
    unit_id: Id
    name: Title
    kind: Title | None = None
    codes: list[UnitCode] | None = None


class UnitMoved(Payload):
    """A unit gets another parent from `occurred_on` on."""

    NAME: ClassVar = "UnitMoved"
    STREAM: ClassVar = "unit/{unit_id}"
    unit_id: Id
    parent_id: Id

    def unit_ids(self) -> frozenset[str]:
        """Return the unit and its new parent."""
        return frozenset({self.unit_id, self.parent_id})


class UnitClosed(Payload):
    """A unit ends without a successor; `occurred_on` is the first day without it."""

    NAME: ClassVar = "UnitClosed"
    STREAM: ClassVar = "unit/{unit_id}"
    unit_id: Id
    reason: Reason


class SourceShare(Part):
    """One source of a target, and whether all of it went there."""

    unit_id: Id
    share: Share


class ReorganizationTarget(Part):
    """One target, and the sources merged into it."""

    unit_id: Id
    from_: list[SourceShare] = Field(alias="from", min_length=1)

    def model_post_init(self, context: object, /) -> None:
        """Refuse a source that is listed twice: it went there once, whole or in part."""
        drawn = [source.unit_id for source in self.from_]
        if len(set(drawn)) < len(drawn) and context != RECORDED:
            message = (
                "một đơn vị xuất hiện hai lần trong from · "
                "a unit occurs twice in the `from` of one target"
            )
            raise ValueError(message)


class UnitsReorganized(Payload):
    """A merger, a division or both: sources that are not also targets end."""

    NAME: ClassVar = "UnitsReorganized"
    STREAM: ClassVar = "reorganization/{reorganization_id}"
    reorganization_id: Id
    sources: list[Id] = Field(min_length=1, json_schema_extra={"uniqueItems": True})
    targets: list[ReorganizationTarget] = Field(min_length=1)
    opens: list[OpenedUnit] | None = None

    def model_post_init(self, context: object, /) -> None:
        """Refuse an event whose lists contradict one another."""
        targets = [target.unit_id for target in self.targets]
        opened = [unit.unit_id for unit in self.opens or ()]
        shares = {source.unit_id for target in self.targets for source in target.from_}
        if any(len(set(ids)) < len(ids) for ids in (self.sources, targets, opened)):
            message = (
                "một đơn vị xuất hiện hai lần · "
                "a unit occurs twice among the sources, the targets or the opened units"
            )
            raise ValueError(message)
        if not shares <= set(self.sources):
            message = (
                "from có đơn vị không thuộc sources · "
                "a target draws from a unit that is not among the sources"
            )
            raise ValueError(message)
        twice = self._whole_and_elsewhere() if context != RECORDED else None
        if twice is not None:
            message = (
                f"đơn vị {twice} vào trọn một đơn vị mới thì không thể vào đơn vị khác nữa · "
                f"the whole of unit {twice} went to one target, so no part of it to another"
            )
            raise ValueError(message)

    def _whole_and_elsewhere(self) -> str | None:
        """Return a source that went whole to one target and also to another."""
        drawn = [source for target in self.targets for source in target.from_]
        times = Counter(source.unit_id for source in drawn)
        whole = (source.unit_id for source in drawn if source.share is Share.WHOLE)
        return next((unit_id for unit_id in whole if times[unit_id] > 1), None)

    def documents(self) -> tuple[Document, ...]:
        """Return the legal basis, and those of the units opened."""
        opened = (document for unit in self.opens or () for document in unit.documents())
        return (*super().documents(), *opened)

    def opened_ids(self) -> frozenset[str]:
        """Return the units that it opens."""
        return frozenset(unit.unit_id for unit in self.opens or ())

    def unit_ids(self) -> frozenset[str]:
        """Return every unit that must be known before it."""
        named = {*self.sources}
        for target in self.targets:
            named.add(target.unit_id)
            named.update(source.unit_id for source in target.from_)
        named.update(unit.parent_id for unit in self.opens or () if unit.parent_id)
        if self.unit_id:
            named.add(self.unit_id)
        return frozenset(named - self.opened_ids())
