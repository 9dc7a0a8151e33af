"""Payloads of registrations, one for each model and year, and of models."""

from typing import ClassVar

from pydantic import ConfigDict

from shared.events.payloads.payload import (
    RECORDED,
    Amount,
    Changes,
    Code,
    Day,
    Document,
    FreeTitle,
    Id,
    Origin,
    Part,
    Payload,
    PlanYear,
    Reason,
    Text,
    Texts,
    Title,
    stated,
)
from shared.vocabulary import ModelLevel, OwnerKind, Precision, RegistrationKind, SubjectForm


class Force(Part):
    """A participating organisation and its role."""

    org_id: Id | None = None
    role: FreeTitle | None = None


class Output(Part):
    """A promised output of a model: a metric with a target."""

    metric: Code | None = None
    unit: Title | None = None
    target: Amount | Title | None = None


class ModelRegistered(Payload):
    """A model is registered for a year."""

    NAME: ClassVar = "ModelRegistered"
    STREAM: ClassVar = "registration/{registration_id}"
    registration_id: Id
    model_id: Id
    plan_year: PlanYear
    unit_id: Id
    registration_kind: RegistrationKind
    previous_registration_id: Id | None = None
    owner_kind: OwnerKind
    owner_org_id: Id | None = None
    owner_person_ref: Id | None = None
    subject_form: SubjectForm | None = None
    level: ModelLevel | None = None
    field_code: Code
    block_code: Code
    title: FreeTitle
    situation: Texts | None = None
    objectives: Texts | None = None
    criteria: Texts | None = None
    activities: Texts | None = None
    area: Texts | Amount | None = None
    beneficiaries: Texts | Amount | None = None
    forces: list[Force] | None = None
    resources: Texts | Amount | None = None
    starts_on: Day | None = None
    evaluates_on: Day | None = None
    outputs: list[Output] | None = None
    sustainability: Texts | None = None
    linked_tasks: list[Text] | None = None

    def linked(self) -> str:
        """Return the stream of the model: a registration is a part of its history."""
        return f"model/{self.model_id}"


class RegistrationChanges(Changes):
    """The fields that an amendment may set: all but the identity, the year and the programme."""

    occurred_on: Day = None  # type: ignore[assignment]
    occurred_precision: Precision | None = None
    unit_id: Id = None  # type: ignore[assignment]
    legal_basis: list[Document] | None = None
    origin: Origin | None = None
    note: Text | None = None
    registration_kind: RegistrationKind = None  # type: ignore[assignment]
    previous_registration_id: Id | None = None
    owner_kind: OwnerKind = None  # type: ignore[assignment]
    owner_org_id: Id | None = None
    owner_person_ref: Id | None = None
    subject_form: SubjectForm | None = None
    level: ModelLevel | None = None
    field_code: Code = None  # type: ignore[assignment]
    block_code: Code = None  # type: ignore[assignment]
    title: FreeTitle = None  # type: ignore[assignment]
    situation: Texts | None = None
    objectives: Texts | None = None
    criteria: Texts | None = None
    activities: Texts | None = None
    area: Texts | Amount | None = None
    beneficiaries: Texts | Amount | None = None
    forces: list[Force] | None = None
    resources: Texts | Amount | None = None
    starts_on: Day | None = None
    evaluates_on: Day | None = None
    outputs: list[Output] | None = None
    sustainability: Texts | None = None
    linked_tasks: list[Text] | None = None


class ModelAmended(Payload):
    """A registration is corrected, with the reason; unchanged fields are not validated again."""

    NAME: ClassVar = "ModelAmended"
    STREAM: ClassVar = "registration/{registration_id}"
    registration_id: Id
    reason: Reason
    changes: RegistrationChanges

    def unit_ids(self) -> frozenset[str]:
        """Return the unit stated and the unit moved to."""
        new = self.changes.unit_id
        return super().unit_ids() | ({new} if new else set())

    def documents(self) -> tuple[Document, ...]:
        """Return the legal basis and the corrected one."""
        return (*super().documents(), *(self.changes.legal_basis or ()))


class RegistrationWithdrawn(Payload):
    """A registration is withdrawn, with the reason."""

    NAME: ClassVar = "RegistrationWithdrawn"
    STREAM: ClassVar = "registration/{registration_id}"
    registration_id: Id
    reason: Reason


class ModelDiscontinued(Payload):
    """A model is discontinued."""

    NAME: ClassVar = "ModelDiscontinued"
    STREAM: ClassVar = "model/{model_id}"
    model_id: Id
    plan_year: PlanYear
    reason: Reason


class ModelReplicated(Payload):
    """A model is replicated elsewhere: by another model, or in a unit."""

    NAME: ClassVar = "ModelReplicated"
    STREAM: ClassVar = "model/{source_model_id}"
    model_config = ConfigDict(
        json_schema_extra={"anyOf": [stated("target_model_id"), stated("target_unit_id")]}
    )
    source_model_id: Id
    target_model_id: Id | None = None
    target_unit_id: Id | None = None
    how: Texts | None = None

    def model_post_init(self, context: object, /) -> None:
        """Refuse a replication without a target, or to the model itself."""
        if self.target_model_id is None and self.target_unit_id is None:
            message = "cần target_model_id hoặc target_unit_id · one of the two is required"
            raise ValueError(message)
        if self.target_model_id == self.source_model_id and context != RECORDED:
            message = "mô hình không nhân rộng thành chính nó · a model does not replicate itself"
            raise ValueError(message)

    def unit_ids(self) -> frozenset[str]:
        """Return the units named."""
        return super().unit_ids() | ({self.target_unit_id} if self.target_unit_id else set())
