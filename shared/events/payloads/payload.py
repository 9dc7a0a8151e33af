"""The base of all payloads: strict frozen types and the common fields."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    JsonValue,
)
from pydantic_core import CoreSchema, core_schema

from shared.events.acceptance.visible_text import UNSEEN
from shared.vocabulary import OriginKind, Precision

ID_PATTERN = r"^[A-Za-z0-9._-]{1,64}$"
_ONE_LINE = r"[^\x00-\x1f\x7f-\x9f" "\u2028\u2029]*"
_LINES = r"[^\x00-\x08\x0b-\x1f\x7f-\x9f]*"
KEY_PATTERN = r"^[^\x00-\x1f\x7f-\x9f]*$"
LINES_PATTERN = f"^{_LINES}$"
TITLE_PATTERN = f"^{_ONE_LINE}[^{UNSEEN}]{_ONE_LINE}$"
REASON_PATTERN = f"^{_LINES}[^{UNSEEN}]{_LINES}$"
RECORDED_AS = {TITLE_PATTERN: KEY_PATTERN, REASON_PATTERN: LINES_PATTERN}
"""Weaker patterns for recorded texts, accepted by earlier releases."""
RECORDED: Final = "recorded"
"""The context of reading a record, in which checks added by later releases are skipped."""
DAY_PATTERN = r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$"
SHA256_PATTERN = r"^[0-9a-f]{64}$"
DIGEST_PATTERN = r"^sha256:[0-9a-f]{64}$"
TITLE_LIMIT = 500
TEXT_LIMIT = 8_000
EXACT_INTEGER = 2**53


def _or_ready(written: CoreSchema, ready: CoreSchema) -> CoreSchema:
    """Return a schema that accepts only the written form in JSON, and also the value in Python."""
    return core_schema.json_or_python_schema(
        json_schema=written, python_schema=core_schema.union_schema([ready, written])
    )


class _WrittenDay:
    """A date as YYYY-MM-DD only: Pydantic by default also reads timestamps."""

    def __get_pydantic_core_schema__(self, _source: object, _: GetCoreSchemaHandler) -> CoreSchema:
        written = core_schema.str_schema(pattern=DAY_PATTERN, strict=True)
        # Strict mode reads no dates from text, so texts that match the pattern are read leniently.
        day = core_schema.chain_schema([written, core_schema.date_schema(strict=False)])
        return _or_ready(day, core_schema.date_schema(strict=True))

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "format": "date", "pattern": DAY_PATTERN}


class _WrittenNumber:
    """An exact JSON number: Pydantic by default also reads decimals from text."""

    def __get_pydantic_core_schema__(self, _source: object, _: GetCoreSchemaHandler) -> CoreSchema:
        number = core_schema.union_schema(
            [
                core_schema.int_schema(strict=True),
                core_schema.float_schema(strict=True, allow_inf_nan=False),
            ],
            mode="left_to_right",
            custom_error_type="number_type",
            custom_error_message="Input should be a number",
        )
        exact = core_schema.chain_schema([number, core_schema.decimal_schema(strict=False)])
        return _or_ready(exact, core_schema.decimal_schema(strict=True))

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "number", "minimum": -EXACT_INTEGER, "maximum": EXACT_INTEGER}


class FreeText:
    """Marks a text in which a name may be written, and that a redaction may replace."""


Id = Annotated[str, Field(pattern=ID_PATTERN)]
Code = Annotated[str, Field(pattern=ID_PATTERN)]
Title = Annotated[str, Field(min_length=1, max_length=TITLE_LIMIT, pattern=TITLE_PATTERN)]
FreeTitle = Annotated[Title, FreeText()]
Text = Annotated[str, Field(max_length=TEXT_LIMIT, pattern=LINES_PATTERN), FreeText()]
Reason = Annotated[
    str, Field(min_length=1, max_length=TEXT_LIMIT, pattern=REASON_PATTERN), FreeText()
]
Texts = Text | list[Text]
Day = Annotated[date, _WrittenDay()]
PlanYear = Annotated[int, Field(ge=1900, le=2999)]
Position = Annotated[int, Field(ge=1, le=EXACT_INTEGER)]
Integer = Annotated[int, Field(ge=-EXACT_INTEGER, le=EXACT_INTEGER)]
Amount = Annotated[Decimal, _WrittenNumber()]
FreeForm = JsonValue
FreeTexts = Annotated[JsonValue, FreeText()]
"""Any JSON value, all texts of which are free."""
Sha256 = Annotated[str, Field(pattern=SHA256_PATTERN)]
Digest = Annotated[str, Field(pattern=DIGEST_PATTERN)]


def stated(*names: str) -> dict[str, JsonValue]:
    """Return the JSON Schema of an object with these fields present and not null."""
    return {"required": list(names), "properties": {n: {"not": {"type": "null"}} for n in names}}


class Part(BaseModel):
    """A part of an event's data: frozen, strict, and closed to unknown fields at acceptance."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Document(Part):
    """A plan, decision, minutes or other document, identified by issuer, year and number."""

    kind: Title
    number: Title | None = None
    issuer_org_id: Id | None = None
    signed_on: Day | None = None
    title: FreeTitle | None = None
    file_sha256: Sha256 | None = None


class Origin(Part):
    """The origin of a fact."""

    kind: OriginKind
    ref: Title | None = None


class Interval(Part):
    """A range of days, both ends included."""

    from_: Day = Field(alias="from")
    to: Day

    def model_post_init(self, _context: object, /) -> None:
        """Refuse an interval that ends before it begins."""
        if self.to < self.from_:
            message = "kết thúc trước khi bắt đầu · the interval ends before it begins"
            raise ValueError(message)


class Common(Part):
    """The common fields (events.md, Fields common to `data`) except `occurred_on`."""

    PAPERS: ClassVar[tuple[str, ...]] = ()
    """The members with a document, besides the legal basis."""

    occurred_precision: Precision = Precision.DAY
    unit_id: Id | None = None
    plan_year: PlanYear | None = None
    programme: Code | None = None
    legal_basis: list[Document] | None = None
    origin: Origin | None = None
    note: Text | None = None

    def documents(self) -> tuple[Document, ...]:
        """Return every document in the data."""
        further = (getattr(self, name) for name in self.PAPERS)
        return (*(self.legal_basis or ()), *(each for each in further if each is not None))


class Payload(Common):
    """The data of an event: the common fields, and the event's own in subclasses."""

    NAME: ClassVar[str]
    VERSION: ClassVar[int] = 1
    STREAM: ClassVar[str] = ""
    """The stream that the data belongs to, with {fields} as placeholders.

    Empty for an event that belongs to the stream of another: a retraction, a redaction.
    """

    occurred_on: Day

    def unit_ids(self) -> frozenset[str]:
        """Return the administrative units in the data that must be known."""
        return frozenset({self.unit_id} if self.unit_id else ())

    def subject(self) -> str:
        """Return the stream that the data belongs to."""
        return self.STREAM.format_map(self.__dict__)

    def linked(self) -> str | None:
        """Return the second stream that the data belongs to, if any."""
        return None


class Changes(Part):
    """The fields that a correction sets; only fields that were sent count, and null clears one."""

    def stated(self) -> Mapping[str, Any]:
        """Return the fields that were sent, by name; null is the field's default."""
        return {name: getattr(self, name) for name in self.model_fields_set}
