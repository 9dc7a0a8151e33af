"""The closed lists of codes shared by all services; docs/glossary.md has each of them."""

from shared.vocabulary.codes import (
    AdministrativeLevel,
    AwardBasisKind,
    Dimension,
    Family,
    Flag,
    InspectionScope,
    Measure,
    ModelLevel,
    OfficerRole,
    OriginKind,
    OutcomeNature,
    OwnerKind,
    PeriodKind,
    Precision,
    Qualifier,
    RegistrationKind,
    Share,
    SubjectForm,
    TaxonomyKind,
)

DEFAULT_PROGRAMME = "dan_van_kheo"

__all__ = [
    "DEFAULT_PROGRAMME",
    "AdministrativeLevel",
    "AwardBasisKind",
    "Dimension",
    "Family",
    "Flag",
    "InspectionScope",
    "Measure",
    "ModelLevel",
    "OfficerRole",
    "OriginKind",
    "OutcomeNature",
    "OwnerKind",
    "PeriodKind",
    "Precision",
    "Qualifier",
    "RegistrationKind",
    "Share",
    "SubjectForm",
    "TaxonomyKind",
]
