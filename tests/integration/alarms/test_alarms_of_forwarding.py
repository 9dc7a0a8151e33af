"""The alarm about ledgers that forward fires when one of them really leaves a position out."""

from services.registry.decider import RegistryDecider
from shared.appending.appender import Appender
from shared.vocabulary import Family
from tests.contract.eventlog.test_appending import codes, send
from tests.support.alarm_scenarios import Alarmed
from tests.support.cloudevents import country, unit
from tests.support.forwarded import forwarded
from tests.support.memory_log import MemoryEventLog


def test_a_ledger_that_leaves_a_position_out_is_stopped_until_it_comes(service: Alarmed) -> None:
    province = MemoryEventLog().as_family(Family.REGISTRY)
    there = Appender(province, RegistryDecider())
    assert codes(send(there, country(), unit("a"), unit("b"))) == ["Accepted"] * 3
    first, second, third = forwarded(province)
    service.append(first)
    service.watch(600)
    assert service.firing("OriginStopped") == []
    service.append(third)
    service.watch(240)
    assert service.firing("OriginStopped") == []
    service.watch(120)
    assert len(service.firing("OriginStopped")) == 1
    service.append(second, third)
    service.watch(60)
    assert service.firing("OriginStopped") == []
