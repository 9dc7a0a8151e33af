"""The city's registrations, invented so that they match every figure of the account.

The account states margins only; the cells of single registrations are unknown. The joint
distribution below is one of many that fit, and every event derived from it is marked as such.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count

from services.console.datasets.sample.proportional_allocation import (
    by,
    by_ward,
    evenly,
    in_proportion,
    total,
)

WARD_BLOCK = "commune_and_ward"
CITY = "gso-2004-058"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRegistration:
    """One reconstructed registration with all its dimensions and its outcome."""

    owner_kind: str
    registration_kind: str
    block: str
    eligible: bool
    recognized: bool
    number: int = 0
    unit_id: str = CITY
    field: str = ""
    owner_org_id: str = ""


def reconstructed() -> tuple[SampleRegistration, ...]:
    """Return the registrations in a fixed order, numbered from 1."""
    found = _with_wards([*_recognized(), *_not_recognized()])
    blocks = [block for (block,) in by("recognized", "block")]
    found.sort(
        key=lambda one: (
            blocks.index(one.block),
            one.unit_id,
            not one.recognized,
            not one.eligible,
        )
    )
    found = _with_owners(_with_fields(found))
    return tuple(replace(one, number=number) for number, one in enumerate(found, start=1))


def owning_organizations() -> dict[str, tuple[str, ...]]:
    """Return the organisations that own recognised models, by block; in wards one for each."""
    numbers = count(1)
    owners: dict[str, tuple[str, ...]] = {}
    for (block,), size in by("recognized_organizations", "block").items():
        owners[block] = tuple(f"bk-058-org-{next(numbers):02d}" for _ in range(size))
    # The account counts the party organisations of the wards only within its total of 29.
    owners[WARD_BLOCK] = tuple(ward_organization(unit) for unit in by_ward("recognized"))
    return owners


def ward_organization(unit_id: str) -> str:
    """Return the id of the party organisation of a ward or commune."""
    return f"bk-058-ward-{unit_id.rpartition('-')[2]}"


def _recognized() -> Iterator[SampleRegistration]:
    blocks = {block: number for (block,), number in by("recognized", "block").items()}
    individuals = {
        block: number
        for (block, owner), number in by("recognized", "block", "owner_kind").items()
        if owner == "individual"
    }
    collectives = {block: number - individuals.get(block, 0) for block, number in blocks.items()}
    for owner, of_block in (("collective", collectives), ("individual", individuals)):
        kinds = {
            kind: number
            for (kind_of_owner, kind), number in by(
                "recognized", "owner_kind", "registration_kind"
            ).items()
            if kind_of_owner == owner
        }
        for kind, block in zip(evenly(kinds), evenly(of_block), strict=True):
            yield SampleRegistration(
                owner_kind=owner,
                registration_kind=kind,
                block=block,
                eligible=True,
                recognized=True,
            )


def _not_recognized() -> Iterator[SampleRegistration]:
    taken = by("recognized", "owner_kind", "registration_kind")
    of_owner, of_kind = _summed(taken, 0), _summed(taken, 1)
    eligible = {owner: number for (owner,), number in by("eligible", "owner_kind").items()}
    kinds = {
        kind: number - of_kind[kind]
        for (kind,), number in by("registered", "registration_kind").items()
    }
    blocks = {block: number for (block,), number in by("recognized", "block").items()}
    refused = total("registered") - total("eligible")
    # Owners of the models that were not eligible are not stated: as among the eligible ones.
    owners = [
        *evenly({owner: number - of_owner[owner] for owner, number in eligible.items()}),
        *evenly(in_proportion(refused, eligible)),
    ]
    spread = evenly(in_proportion(len(owners), blocks))
    fits = [True] * (len(owners) - refused) + [False] * refused
    for owner, kind, block, fit in zip(owners, evenly(kinds), spread, fits, strict=True):
        yield SampleRegistration(
            owner_kind=owner, registration_kind=kind, block=block, eligible=fit, recognized=False
        )


def _with_wards(found: Iterable[SampleRegistration]) -> list[SampleRegistration]:
    found = list(found)
    wards = by_ward("recognized")
    others = sum(one.block == WARD_BLOCK and not one.recognized for one in found)
    units = {
        True: iter(evenly(wards)),
        False: iter(evenly(in_proportion(others, wards))),
    }
    return [
        replace(one, unit_id=next(units[one.recognized])) if one.block == WARD_BLOCK else one
        for one in found
    ]


def _with_fields(found: Iterable[SampleRegistration]) -> list[SampleRegistration]:
    cells = by("registered", "field", "registration_kind")
    fields = {
        kind: iter(evenly({field: n for (field, of_kind), n in cells.items() if of_kind == kind}))
        for (kind,) in by("registered", "registration_kind")
    }
    return [replace(one, field=next(fields[one.registration_kind])) for one in found]


def _with_owners(found: Iterable[SampleRegistration]) -> list[SampleRegistration]:
    owners = owning_organizations()
    turns: Counter[tuple[str, bool]] = Counter()
    owned = []
    for one in found:
        if one.block == WARD_BLOCK:
            owner = ward_organization(one.unit_id)
        else:
            # Recognised models are assigned first, so that each organisation owns at least one.
            turn = turns[one.block, one.recognized]
            turns[one.block, one.recognized] += 1
            owner = owners[one.block][turn % len(owners[one.block])]
        owned.append(replace(one, owner_org_id=owner))
    return owned


def _summed(cells: Mapping[tuple[str, ...], int], axis: int) -> Counter[str]:
    sums: Counter[str] = Counter()
    for key, number in cells.items():
        sums[key[axis]] += number
    return sums
