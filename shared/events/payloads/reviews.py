"""Payloads of committees' decisions on models: eligibility, review, evaluation, recognition."""

from typing import ClassVar

from shared.events.payloads.payload import (
    Amount,
    Code,
    Document,
    FreeTexts,
    Id,
    Integer,
    Part,
    Payload,
    PlanYear,
    Reason,
    Texts,
    Title,
)
from shared.vocabulary import ModelLevel


class _OfRegistration(Payload):
    """An event in the stream of a registration; unit, year and programme are derived from it."""

    STREAM: ClassVar = "registration/{registration_id}"
    registration_id: Id


class _Decided(_OfRegistration):
    """A recognition revoked or declined, optionally by a document."""

    PAPERS: ClassVar = ("decision",)
    reason: Reason
    decision: Document | None = None


class EligibilityAssessed(_OfRegistration):
    """A registration's eligibility for review is assessed; the latest assessment counts."""

    NAME: ClassVar = "EligibilityAssessed"
    eligible: bool
    reasons: Texts | None = None


class ReviewSessionHeld(Payload):
    """A committee met to review models."""

    NAME: ClassVar = "ReviewSessionHeld"
    STREAM: ClassVar = "session/{session_id}"
    PAPERS: ClassVar = ("minutes",)
    session_id: Id
    org_id: Id
    unit_id: Id
    plan_year: PlanYear
    minutes: Document
    attendance: FreeTexts = None
    recusals: FreeTexts = None


class Score(Part):
    """Points for one criterion."""

    criterion: Title | None = None
    points: Amount | None = None


class ModelEvaluated(_OfRegistration):
    """A model was scored and classified."""

    NAME: ClassVar = "ModelEvaluated"
    session_id: Id | None = None
    criteria_version: Title | Integer | None = None
    scores: list[Score] | None = None
    total: Amount | None = None
    classification: Title | None = None


class ModelRecognized(_OfRegistration):
    """A model is recognised in a tier, by a decision; a later one supersedes the tier in force."""

    NAME: ClassVar = "ModelRecognized"
    PAPERS: ClassVar = ("decision",)
    tier: Code
    level: ModelLevel
    decided_by_org_id: Id
    decision: Document
    session_id: Id | None = None


class RecognitionDeclined(_Decided):
    """Recognition is declined."""

    NAME: ClassVar = "RecognitionDeclined"


class RecognitionRevoked(_Decided):
    """A recognition in force is revoked."""

    NAME: ClassVar = "RecognitionRevoked"
