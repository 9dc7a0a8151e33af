"""What the data of every event has in common: strict frozen types and the fields of the contract."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from shared.vocabulary import OriginKind, Precision

ID_PATTERN = r"^[A-Za-z0-9._-]{1,64}$"
TITLE_LIMIT = 500
TEXT_LIMIT = 8_000
EXACT_INTEGER = 2**53
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _one_line(text: str) -> str:
    if any(unicodedata.category(letter) == "Cc" for letter in text):
        message = "control characters are not allowed in a title, name or number"
        raise ValueError(message)
    return text


def _full_date(value: object) -> object:
    # Pydantic also reads timestamps as dates; the contract knows days only.
    if not isinstance(value, str):
        return value
    if not _DAY.fullmatch(value):
        message = "a date is written YYYY-MM-DD"
        raise ValueError(message)
    return date.fromisoformat(value)


Id = Annotated[str, Field(pattern=ID_PATTERN)]
Code = Annotated[str, Field(pattern=ID_PATTERN)]
Title = Annotated[str, Field(min_length=1, max_length=TITLE_LIMIT), AfterValidator(_one_line)]
Text = Annotated[str, Field(max_length=TEXT_LIMIT)]
Texts = Text | list[Text]
Day = Annotated[date, BeforeValidator(_full_date)]
PlanYear = Annotated[int, Field(ge=1900, le=2999)]
Position = Annotated[int, Field(ge=1, le=EXACT_INTEGER)]
Amount = Annotated[Decimal, Field(allow_inf_nan=False)]
FreeForm = JsonValue
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]


class Part(BaseModel):
    """A piece of an event's data: frozen, strict, and closed to unknown fields at the door."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Document(Part):
    """A plan, decision, minutes or other paper; its key is issuer, year and number."""

    kind: Title
    number: Title | None = None
    issuer_org_id: Id | None = None
    signed_on: Day | None = None
    title: Title | None = None
    file_sha256: Sha256 | None = None


class Origin(Part):
    """How the fact came into the ledger."""

    kind: OriginKind
    ref: Title | None = None


class Interval(Part):
    """Days from and to, both included."""

    from_: Day = Field(alias="from")
    to: Day

    def model_post_init(self, _context: object, /) -> None:
        """Refuse an interval that ends before it begins."""
        if self.to < self.from_:
            message = "the interval ends before it begins"
            raise ValueError(message)


class Payload(Part):
    """The common fields (events.md, Fields common to `data`); an event adds its own."""

    NAME: ClassVar[str]

    occurred_on: Day
    occurred_precision: Precision = Precision.DAY
    unit_id: Id | None = None
    plan_year: PlanYear | None = None
    programme: Code | None = None
    legal_basis: list[Document] | None = None
    origin: Origin | None = None
    note: Text | None = None

    def unit_ids(self) -> frozenset[str]:
        """Every administrative unit that the event names and that must be known."""
        return frozenset({self.unit_id} if self.unit_id else ())

    def subject(self) -> str:
        """Return the stream that the data belongs to."""
        raise NotImplementedError

    def documents(self) -> tuple[Document, ...]:
        """Every document that the event names."""
        return tuple(self.legal_basis or ())


class Changes(Part):
    """Fields that a correction sets; only those that were sent count, and null clears one."""

    def stated(self) -> Mapping[str, Any]:
        """Return the fields that were sent, by name; null stands as the field's default."""
        return {name: getattr(self, name) for name in self.model_fields_set}
