"""Counts of an archive in SQL, by DuckDB: a third reading that shares no line with the folds.

Only the counts of the nation by year: what one query can state as the contract does. Everything
else is for the fold and the independent reading to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.vocabulary import DEFAULT_PROGRAMME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.reporting.archive.layout import ArchiveManifest, Storage

COUNTED = (
    *("registered", "eligible", "evaluated", "declined", "recognized", "exemplary"),
    *("revoked", "withdrawn", "awards_granted", "awards_presented", "awards_revoked"),
)
_SQL = """
WITH event AS (
    SELECT position, subject, split_part(type, '.', 2) AS name,
           json_extract(decode(body), '$.data') AS data
    FROM archived
    WHERE position <= $until AND split_part(subject, '/', 1) IN ('registration', 'award')
), registration AS (
    SELECT subject,
        max(data->>'programme') FILTER (name = 'ModelRegistered') AS programme,
        max((data->>'plan_year')::INT) FILTER (name = 'ModelRegistered') AS year,
        count(*) FILTER (name = 'RegistrationWithdrawn') > 0 AS withdrawn,
        count(*) FILTER (name = 'ModelEvaluated') > 0 AS evaluated,
        arg_max(data->>'eligible', position) FILTER (name = 'EligibilityAssessed') AS eligible,
        arg_max(name, position) FILTER (name IN ('ModelRecognized', 'RecognitionDeclined'))
            AS answer,
        arg_max(name, position) FILTER (name IN ('ModelRecognized', 'RecognitionRevoked')) AS last,
        arg_max(data->>'tier', position) FILTER (name = 'ModelRecognized') AS tier
    FROM event WHERE subject LIKE 'registration/%' GROUP BY subject
), stated AS (
    SELECT subject, position, name, CASE name WHEN 'AwardAmended' THEN data->'changes' ELSE data END
        AS data FROM event WHERE subject LIKE 'award/%'
), award AS (
    SELECT subject,
        arg_max((data->>'plan_year')::INT, position)
            FILTER (name <> 'AwardProposed' AND (data->>'plan_year') IS NOT NULL) AS year,
        coalesce(
            arg_max(data->>'programme', position)
                FILTER (name <> 'AwardProposed' AND (data->>'programme') IS NOT NULL),
            arg_max(data->>'programme', position) FILTER (name = 'AwardProposed')) AS programme,
        arg_max(coalesce(data->'basis'->'registration_ids', data->'registration_ids'), position)
            FILTER (name IN ('AwardGranted', 'AwardAmended') AND (data->'basis') IS NOT NULL)
            ::VARCHAR[] AS named,
        count(*) FILTER (name = 'AwardGranted') > 0 AS granted,
        count(*) FILTER (name = 'AwardPresented') > 0 AS presented,
        count(*) FILTER (name = 'AwardRevoked') > 0 AS revoked
    FROM stated GROUP BY subject
), of_named AS (
    SELECT each.subject, min(coalesce(r.programme, $by_default)) AS programme
    FROM (SELECT subject, unnest(named) AS id FROM award) AS each
    JOIN registration AS r ON r.subject = 'registration/' || each.id
    GROUP BY each.subject HAVING count(DISTINCT coalesce(r.programme, $by_default)) = 1
), counted AS (
    SELECT year, unnest([
        CASE WHEN NOT withdrawn THEN 'registered' END,
        CASE WHEN NOT withdrawn AND eligible = 'true' THEN 'eligible' END,
        CASE WHEN NOT withdrawn AND evaluated THEN 'evaluated' END,
        CASE WHEN NOT withdrawn AND answer = 'RecognitionDeclined' THEN 'declined' END,
        CASE WHEN last = 'ModelRecognized' THEN 'recognized' END,
        CASE WHEN last = 'ModelRecognized' AND tier = 'exemplary' THEN 'exemplary' END,
        CASE WHEN last = 'RecognitionRevoked' THEN 'revoked' END,
        CASE WHEN withdrawn THEN 'withdrawn' END]) AS measure
    FROM registration WHERE coalesce(programme, $by_default) = $programme
    UNION ALL
    SELECT year, unnest([
        CASE WHEN NOT revoked THEN 'awards_granted' END,
        CASE WHEN NOT revoked AND presented THEN 'awards_presented' END,
        CASE WHEN revoked THEN 'awards_revoked' END])
    FROM award LEFT JOIN of_named USING (subject)
    WHERE granted AND coalesce(award.programme, of_named.programme, $by_default) = $programme
)
SELECT year, measure, count(*) FROM counted WHERE measure IS NOT NULL GROUP BY ALL
"""


def counts_in_sql(
    storage: Storage, manifest: ArchiveManifest, until: int, programme: str
) -> Mapping[tuple[int, str], int]:
    """Return the counts of the nation up to a position by year and measure; those of 0 are absent.

    Raises `ImportError` where DuckDB is not installed (the extra `duckdb`).
    """
    import duckdb  # noqa: PLC0415  an optional extra

    with duckdb.connect() as connection:
        rows_of_files = storage.dataset([file.name for file in manifest.files])
        connection.register("archived", rows_of_files)
        stated = {"until": until, "programme": programme, "by_default": DEFAULT_PROGRAMME}
        rows = connection.execute(_SQL, stated).fetchall()
    return {(year, measure): count for year, measure, count in rows}
