"""Ledgers that forward to the ledger of the browser tests, and its own forwarding, in each state."""

from services.console.forwarding.reasons import reason_of
from shared.appending.origins.problems import ORIGIN_FORKED
from shared.client.forwarding_state import FORWARDING_FILE, Forwarded, ForwardingState, Refusal
from shared.clock import DAY_US, system_clock
from shared.errors import Problem
from shared.eventlog.protocol import OriginChains, OriginHead
from shared.eventlog.sql import open_log
from shared.settings import Settings
from shared.vocabulary import Family
from tests.e2e.dvk_command import Up

NATION = "https://so-cai-quoc-gia.example/ledger"


def add_forwarding(ledger: Up) -> None:
    """Write the heads of four ledgers to the log, and two refusals to the state of `dvk forward`.

    One of the ledgers, and this one, began as a copy.
    """
    settings, now = Settings.from_environment(ledger.env), system_clock()
    counts = {"recorded": 1_180_402, "duplicates": 41_007, "parked": 12, "refused": 3}
    forked = Problem(ORIGIN_FORKED, {"ledger": "/publishers/lang-son", "position": 48_213})
    log = open_log(settings.log_url, family=Family.REGISTRY)
    with log.append_session() as session:
        for name, position, silent_us, problem in (
            ("lang-son", 48_212, 5 * DAY_US, forked),
            ("thai-nguyen", 1_221_424, 3 * DAY_US, None),
            ("tuyen-quang", 1_200_000, 0, None),
            ("cao-bang", 1_221_424, 0, None),
        ):
            head = OriginHead(
                ledger=f"/publishers/{name}",
                position=position,
                recorded_us=now - silent_us - DAY_US // 8,
                head=1_221_424,
                received_us=now - silent_us,
                problem=problem,
                problem_us=problem and now - silent_us,
                **counts,
            )
            began = OriginChains(1_000_001, (bytes(32),)) if name == "tuyen-quang" else None
            session.move_origin(head, began)
    log.close()
    model = {"model_id": "bk-058-model-001", "plan_year": 2022, "registered_at": 214}
    reasons = [
        reason_of({"code": "model_registered_for_year", "other_id": "bk-058-2022-117", **model}),
        reason_of({"code": "unit_exists", "unit_id": "x-2", "first_day": "2004-01-01"}),
    ]
    state = Forwarded(
        "/publishers/bac-kan",
        NATION,
        position=4_000,
        head=5_000,
        shared=1_000,
        forwarded_us=now - DAY_US // 24,
        answered_us=now,
    )
    with ForwardingState.opened(settings.home / FORWARDING_FILE) as kept:
        kept.save(state, ["accepted"] * 2_990 + ["duplicate"] * 8 + ["refused"] * 2)
        refusals = [
            Refusal(3_000 + n, "/publishers/bac-kan", f"e-{n}", type_, subject, *reason, now)
            for n, (type_, subject, reason) in enumerate(
                (
                    ("dvk.ModelRegistered.v1", "registration/bk-058-2022-001", reasons[0]),
                    ("dvk.UnitOpened.v1", "unit/x-2", reasons[1]),
                )
            )
        ]
        kept.add_refusals(Family.REGISTRY, None, refusals)
