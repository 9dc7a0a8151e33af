"""The alarm about trust fires when an authority event really waits for its approvals."""

from pathlib import Path

from services.registry.decider import RegistryDecider
from tests.support.alarm_scenarios import alarmed
from tests.support.cloudevents import country
from tests.support.trusted import ROOTS, authorized, began
from tests.support.two_provinces import approved

DAY = 86_400


def test_a_change_that_waits_for_a_day_is_forgotten_until_it_is_approved(tmp_path: Path) -> None:
    with alarmed(tmp_path, RegistryDecider()) as service:
        service.append(country(), began(threshold=2))
        service.watch(DAY, every=DAY / 4)
        assert service.firing("ApprovalForgotten") == []
        right = authorized("p-a", "vn")
        service.append(right)
        service.watch(DAY, every=DAY / 4)
        assert service.firing("ApprovalForgotten") == []
        service.watch(60)
        assert len(service.firing("ApprovalForgotten")) == 1
        service.append(approved(right, by=ROOTS[1]))
        service.watch(60)
        assert service.firing("ApprovalForgotten") == []
