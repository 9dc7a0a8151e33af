"""Codes that the contract lists once for all; what a province may name itself is data."""

from enum import StrEnum


class Family(StrEnum):
    """Which service accepts an event, and so which part of the log it may write."""

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
    """Whether a model is newly registered, maintained, or was running before it was registered."""

    NEW = "new"
    MAINTAINED = "maintained"
    PRE_EXISTING = "pre_existing"


class OwnerKind(StrEnum):
    """Who owns a model or receives an award."""

    COLLECTIVE = "collective"
    INDIVIDUAL = "individual"
    HOUSEHOLD = "household"


class SubjectForm(StrEnum):
    """Whether a registration is of a model or of an exemplary person or collective as such."""

    MODEL = "model"
    EXEMPLAR = "exemplar"


class Precision(StrEnum):
    """How precisely `occurred_on` is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    PERIOD = "period"


class OriginKind(StrEnum):
    """How a fact came into the ledger."""

    ENTRY = "entry"
    IMPORT = "import"
    PRESS = "press"
    LEGACY = "legacy"


class Share(StrEnum):
    """How much of a source unit went to a target; information only."""

    WHOLE = "whole"
    PART = "part"


class TaxonomyKind(StrEnum):
    """What a published taxonomy lists."""

    FIELD = "field"
    BLOCK = "block"
    TIER = "tier"
    AWARD_FORM = "award_form"
    CRITERIA = "criteria"
    DEADLINE = "deadline"
    AUTHORITY = "authority"
    ORGANIZATION_KIND = "organization_kind"


class Qualifier(StrEnum):
    """How a published number is to be read: exactly, more than (hơn, trên), about (khoảng)."""

    EXACT = "exact"
    MORE_THAN = "more_than"
    APPROX = "approx"


class OutcomeNature(StrEnum):
    """A flow is summed over time, a stock never."""

    FLOW = "flow"
    STOCK = "stock"


class InspectionScope(StrEnum):
    """What an inspection looks at: the movement, or grass-roots democracy (QCDC)."""

    DVK = "DVK"
    QCDC = "QCDC"


class AwardBasisKind(StrEnum):
    """For what an award is granted."""

    MODEL = "model"
    CAREER = "career"
    CONTEST = "contest"
    PERIOD = "period"


class PeriodKind(StrEnum):
    """To what time an asserted figure belongs."""

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
    """By what a table can be broken down."""

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
    """Doubts that are accepted and counted, for officers to judge."""

    RECOGNIZED_WITHOUT_ELIGIBLE = "recognized_without_eligible"
    DECISION_WITHOUT_NUMBER = "decision_without_number"
    POSSIBLE_DUPLICATE_AWARD = "possible_duplicate_award"
    UNKNOWN_ORGANIZATION = "unknown_organization"
    UNKNOWN_ORGANIZATION_KIND = "unknown_organization_kind"
