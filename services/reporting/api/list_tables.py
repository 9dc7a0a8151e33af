"""The tables of reporting's lists: their columns, columns with labels, members of objects."""

from services.reporting.queries.explaining import reasons
from services.reporting.queries.lists.entity_columns import (
    AWARD_COLUMNS,
    REGISTRATION_COLUMNS,
    REPLICATION_COLUMNS,
)
from services.reporting.queries.lists.other_lists import (
    COMMENDATION_COLUMNS,
    FIGURE_COLUMNS,
    INSPECTION_COLUMNS,
    ORGANIZATION_COLUMNS,
    OUTCOME_COLUMNS,
    PLAN_COLUMNS,
    PROPOSAL_COLUMNS,
    REVIEW_COLUMNS,
)
from services.reporting.queries.reconciliation import RECONCILIATION_COLUMNS
from services.reporting.trust.reads import (
    GRANT_COLUMNS,
    KEY_COLUMNS,
    PENDING_COLUMNS,
    PUBLISHER_COLUMNS,
    SUSPECT_COLUMNS,
)
from shared.web.answers.csv_tables import ListTable

HISTORY_MEMBERS = ("position", "type", "subject", "occurred_on", "decision", "id", "source")
EVENT_MEMBERS = ("position", "id", "source", "type", "occurred_on", "decision")
CHANGE_MEMBERS = ("position", "type", "subject", "delta", "title")
_RECIPIENT = frozenset({"unit_id", "recipient_kind", "recipient_org_id", "recipient_unit_id"})

REGISTRATIONS = ListTable(
    REGISTRATION_COLUMNS,
    frozenset(
        {
            "unit_id",
            "registration_kind",
            "owner_kind",
            "owner_org_id",
            "subject_form",
            "origin_kind",
            "level",
            "field_code",
            "block_code",
            "tier",
            "recognized_level",
            "decided_by_org_id",
            "flags",
        }
    ),
)
AWARDS = ListTable(
    AWARD_COLUMNS,
    _RECIPIENT | {"award_form", "grantor_org_id", "basis_kind", "flags"},
    headings={"revoked": ("Bị thu hồi", "Revoked")},
)
ORGANIZATIONS = ListTable(ORGANIZATION_COLUMNS, frozenset({"unit_id", "side"}))
PROPOSALS = ListTable(PROPOSAL_COLUMNS, _RECIPIENT | {"award_form", "grantor_org_id", "state"})
REVIEWS = ListTable(REVIEW_COLUMNS, frozenset({"org_id", "unit_id"}))
REPLICATIONS = ListTable(REPLICATION_COLUMNS, frozenset({"unit_id", "target_unit_id"}))
COMMENDATIONS = ListTable(COMMENDATION_COLUMNS, _RECIPIENT | {"origin_kind"})
PLANS = ListTable(PLAN_COLUMNS, frozenset({"org_id", "unit_id"}))
INSPECTIONS = ListTable(
    INSPECTION_COLUMNS, frozenset({"state", "unit_id", "org_id", "scopes", "origin_kind"})
)
OUTCOMES = ListTable(
    OUTCOME_COLUMNS,
    frozenset({"unit_id", "metric", "nature", "qualifier"}),
    {"interval": ("from", "to")},
)
FIGURES = ListTable(
    FIGURE_COLUMNS,
    frozenset({"metric", "unit_id", "dimensions", "period.kind", "qualifier", "origin_kind"}),
    {"period": ("from", "to", "kind"), "source": ("kind", "title", "published_on")},
)
RECONCILED = ListTable(
    RECONCILIATION_COLUMNS,
    frozenset(
        {
            "unit_id",
            "period.kind",
            "metric",
            "dimensions",
            "asserted.qualifier",
            "result",
            "reason",
        }
    ),
    {"period": ("from", "to", "kind"), "asserted": ("value", "qualifier")},
)
HISTORY = ListTable(
    (*HISTORY_MEMBERS, *reasons.COLUMNS),
    frozenset({"type"}),
    {"decision": ("number", "signed_on")},
)
ENTITIES = ListTable(("subject", *EVENT_MEMBERS, *reasons.COLUMNS), frozenset({"subject", "type"}))
FOUND = ListTable(
    (
        "kind",
        "title",
        "organization",
        "unit_id",
        "unit_name",
        "about",
        "inside",
        "plan_year",
        "code",
        "signed_on",
        "subject",
        "org_id",
        "position",
    ),
    frozenset({"kind", "unit_id", "code"}),
    headings={
        "title": ("Tên, số", "Title, number"),
        "organization": ("Tổ chức", "Organisation"),
        "about": ("Về", "About"),
        "code": ("Hình thức, cấp", "Form, level"),
        "signed_on": ("Ngày ký", "Signed on"),
        "subject": ("Đối tượng (mã)", "Subject (code)"),
        "org_id": ("Tổ chức (mã)", "Organisation (code)"),
    },
)
CHANGES = ListTable(
    (*CHANGE_MEMBERS, *reasons.COLUMNS),
    frozenset({"type"}),
    headings={"subject": ("Đối tượng (mã)", "Subject (code)"), "title": ("Đối tượng", "Subject")},
)
TRUST_PUBLISHERS = ListTable(PUBLISHER_COLUMNS)
TRUST_GRANTS = ListTable(GRANT_COLUMNS, frozenset({"unit_id", "families", "powers"}))
TRUST_KEYS = ListTable(KEY_COLUMNS, frozenset({"key_use", "why"}))
TRUST_PENDING = ListTable(PENDING_COLUMNS, frozenset({"type"}))
TRUST_SUSPECTS = ListTable(SUSPECT_COLUMNS, frozenset({"type", "subject"}))
