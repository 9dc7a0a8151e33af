"""Closed lists of codes of the contract; codes that a province defines are data."""

from enum import StrEnum


class Family(StrEnum):
    """The service that accepts an event, and the part of the log that it may write."""

    REGISTRY = "registry"
    EVALUATION = "evaluation"
    REPORTING = "reporting"


class AdministrativeLevel(StrEnum):
    """The levels of the map; districts ended on 1 July 2025."""

    COUNTRY = "country"
    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"


class ModelLevel(StrEnum):
    """The level at which a registration or a recognition is made."""

    GRASSROOTS = "grassroots"
    DISTRICT = "district"
    PROVINCE = "province"
    CENTRE = "centre"


class RegistrationKind(StrEnum):
    """Kinds of registration: newly registered, maintained, or running before registration."""

    NEW = "new"
    MAINTAINED = "maintained"
    PRE_EXISTING = "pre_existing"


class OwnerKind(StrEnum):
    """Kinds of owners of a model and of recipients of an award."""

    COLLECTIVE = "collective"
    INDIVIDUAL = "individual"
    HOUSEHOLD = "household"


class SubjectForm(StrEnum):
    """Subjects of a registration: a model, or an exemplary person or collective as such."""

    MODEL = "model"
    EXEMPLAR = "exemplar"


class Precision(StrEnum):
    """Precision of `occurred_on`."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    PERIOD = "period"


class OriginKind(StrEnum):
    """Origins of facts in the ledger."""

    ENTRY = "entry"
    IMPORT = "import"
    PRESS = "press"
    LEGACY = "legacy"


class Share(StrEnum):
    """The share of a source unit that went to a target; for information only."""

    WHOLE = "whole"
    PART = "part"


class TaxonomyKind(StrEnum):
    """Kinds of published taxonomies."""

    FIELD = "field"
    BLOCK = "block"
    TIER = "tier"
    AWARD_FORM = "award_form"
    CRITERIA = "criteria"
    DEADLINE = "deadline"
    AUTHORITY = "authority"
    ORGANIZATION_KIND = "organization_kind"


class Qualifier(StrEnum):
    """Qualifiers of a published number: exactly, more than (hơn, trên), about (khoảng)."""

    EXACT = "exact"
    MORE_THAN = "more_than"
    APPROX = "approx"


class OutcomeNature(StrEnum):
    """A flow is summed over time, a stock never."""

    FLOW = "flow"
    STOCK = "stock"


class InspectionScope(StrEnum):
    """Scopes of an inspection: the movement, or grass-roots democracy (QCDC)."""

    DVK = "DVK"
    QCDC = "QCDC"


class AwardBasisKind(StrEnum):
    """Bases on which an award is granted."""

    MODEL = "model"
    CAREER = "career"
    CONTEST = "contest"
    PERIOD = "period"


class OfficerRole(StrEnum):
    """Roles of officers, each in a unit and all below it."""

    READER = "reader"
    CLERK = "clerk"
    APPROVER = "approver"
    PERSONAL = "personal"
    OPERATOR = "operator"


class PeriodKind(StrEnum):
    """Kinds of periods of an asserted figure."""

    YEAR = "year"
    MULTI_YEAR = "multi_year"
    AS_OF = "as_of"
    RELATIVE = "relative"
    EVENT = "event"
    UNSTATED = "unstated"


class Measure(StrEnum):
    """The measures of a summary, in the order of the contract; new ones come last."""

    REGISTERED = "registered"
    ELIGIBLE = "eligible"
    RECOGNIZED = "recognized"
    EXEMPLARY = "exemplary"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"
    DISCONTINUED = "discontinued"
    AWARDS_GRANTED = "awards_granted"
    AWARDS_PRESENTED = "awards_presented"
    AWARDS_REVOKED = "awards_revoked"
    INSPECTED_UNITS = "inspected_units"
    RECOGNIZED_ORGANIZATIONS = "recognized_organizations"
    EVALUATED = "evaluated"
    DECLINED = "declined"
    REPLICATED = "replicated"
    COMMENDED = "commended"


class Dimension(StrEnum):
    """Dimensions by which a table can be broken down."""

    UNIT = "unit"
    FIELD = "field"
    BLOCK = "block"
    OWNER_KIND = "owner_kind"
    REGISTRATION_KIND = "registration_kind"
    LEVEL = "level"
    TIER = "tier"
    CLASSIFICATION = "classification"
    AWARD_FORM = "award_form"
    RECIPIENT_KIND = "recipient_kind"


class Flag(StrEnum):
    """Doubts that do not prevent acceptance, and are counted for officers to judge."""

    RECOGNIZED_WITHOUT_ELIGIBLE = "recognized_without_eligible"
    DECISION_WITHOUT_NUMBER = "decision_without_number"
    POSSIBLE_DUPLICATE_AWARD = "possible_duplicate_award"
    UNKNOWN_ORGANIZATION = "unknown_organization"
    UNKNOWN_ORGANIZATION_KIND = "unknown_organization_kind"


class Power(StrEnum):
    """Powers of a publisher: to send facts, to correct those of others, to authorise others."""

    PUBLISH = "publish"
    CORRECT = "correct"
    GRANT = "grant"


class KeyUse(StrEnum):
    """Uses of a key: signing events, reading its own receipts, witnessing, forwarding a ledger."""

    EVENTS = "events"
    RECEIPTS = "receipts"
    WITNESS = "witness"
    FORWARDING = "forwarding"


class RevocationReason(StrEnum):
    """Reasons for which a key is revoked."""

    RETIRED = "retired"
    LOST = "lost"
    COMPROMISED = "compromised"


class ErasureGround(StrEnum):
    """Grounds on which a person is erased."""

    REQUEST = "request"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    PURPOSE_ENDED = "purpose_ended"
    UNLAWFUL = "unlawful"
    ORDER = "order"
