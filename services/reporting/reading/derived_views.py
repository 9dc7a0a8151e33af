"""The views over the view of registrations: recognitions, and models with all their years."""

from __future__ import annotations

DERIVED = {
    "recognition": """
SELECT registration_id, model_id, plan_year, programme, unit_id, unit_name, title,
       registration_kind, owner_kind, owner_org_id, field_code, block_code, eligible,
       tier, recognized_level, recognized_on, decided_by_org_id, decision_number, withdrawn,
       flags, position
FROM dvk_read.registration
WHERE tier IS NOT NULL
""".strip(),
    "model": """
SELECT model_id, title, programme, unit_id, unit_name, owner_kind, owner_org_id, level,
       field_code, block_code, first_plan_year, last_plan_year, registrations, recognitions,
       exemplary
FROM (
    SELECT r.*,
           min(plan_year) OVER every_year AS first_plan_year,
           max(plan_year) OVER every_year AS last_plan_year,
           sum(CASE WHEN withdrawn THEN 0 ELSE 1 END) OVER every_year AS registrations,
           sum(CASE WHEN tier IS NULL THEN 0 ELSE 1 END) OVER every_year AS recognitions,
           sum(CASE WHEN tier = 'exemplary' THEN 1 ELSE 0 END) OVER every_year AS exemplary,
           row_number() OVER (
               PARTITION BY model_id ORDER BY withdrawn, plan_year DESC, position DESC
           ) AS place
    FROM dvk_read.registration AS r
    WINDOW every_year AS (PARTITION BY model_id)
) AS ranked
WHERE place = 1
""".strip(),
}
"""Statements by name; `dvk_read.` is replaced where views have a prefix instead of a schema."""
