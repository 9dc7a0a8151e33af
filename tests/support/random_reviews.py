"""What committees say of random models, and the examples that are held up or taken up elsewhere."""

from collections.abc import Sequence
from random import Random
from typing import Any

from shared.events.envelope import ReceivedEvent
from tests.support.cloudevents import received

YEARS = (2020, 2021)
PROGRAMMES: tuple[dict[str, Any], ...] = ({}, {}, {"programme": "don_vi_dan_van_tot"})


def review(kind: str, day: str, random: Random, units: Sequence[str]) -> ReceivedEvent:
    """Return an event of a kind: `evaluate`, `decline`, `replicate` or `commend`."""
    pick = random.choice
    registration = {"registration_id": f"r-{random.randrange(1, 9)}", "occurred_on": day}
    match kind:
        case "evaluate":
            said = [{}, {"classification": "Tốt"}, {"classification": "Xuất sắc", "total": 9.5}]
            return received("ModelEvaluated", {**registration, **pick(said)})
        case "decline":
            return received("RecognitionDeclined", {**registration, "reason": "chưa đạt"})
        case "replicate":
            source, target = random.sample("123", 2)
            model = {"source_model_id": f"m-{source}", **pick([{}, {"plan_year": pick(YEARS)}])}
            to = pick([{"target_unit_id": pick(units)}, {"target_model_id": f"m-{target}"}])
            return received(
                "ModelReplicated", {**model, **to, **pick(PROGRAMMES), "occurred_on": day}
            )
        case _:
            data = {
                "commendation_id": f"c-{pick('123')}",
                "recipient": {
                    "kind": pick(["collective", "individual"]),
                    "org_id": pick(["o-1", "o-2", None]),
                },
                "unit_id": pick(units),
                "plan_year": pick(YEARS),
                "occasion": "gương tốt",
                **pick(PROGRAMMES),
            }
            return received("ExemplarCommended", {**data, "occurred_on": day})
