"""A child that dies is started again with growing pauses, said aloud; all end in order."""

import pytest

from services.console.local.supervisor import Supervisor


class Puppet:
    """A child whose life the test decides."""

    def __init__(self, name: str, diary: list[str]) -> None:
        self.name, self.diary = name, diary
        self.pid: int | None = None
        self.broken = False

    def start(self) -> None:
        if self.broken:
            raise RuntimeError("no room")
        self.pid = 1
        self.diary.append(f"start {self.name}")

    def stop(self) -> None:
        self.pid = None
        self.diary.append(f"stop {self.name}")


class Stage:
    def __init__(self) -> None:
        self.now = 0.0
        self.diary: list[str] = []
        self.supervisor = Supervisor(lambda _, en: self.diary.append(en), lambda: self.now)

    def child(self, name: str) -> Puppet:
        puppet = Puppet(name, self.diary)
        self.supervisor.start(name, puppet)
        return puppet

    def restarted_after(self, puppet: Puppet) -> float:
        """Let a child die, and return after how many seconds it lives again."""
        puppet.pid, died = None, self.now
        while puppet.pid is None:
            self.supervisor.step()
            self.now += 0.25
        return self.now - 0.25 - died


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_child_that_lives_is_left_alone(stage: Stage) -> None:
    stage.child("registry")
    for _ in range(5):
        stage.supervisor.step()
    assert stage.diary == ["start registry"]


def test_a_dead_child_is_announced_and_started_again(stage: Stage) -> None:
    stage.restarted_after(stage.child("registry"))
    assert stage.diary == [
        "start registry",
        "registry ended by itself; it is started again in 0.5 s.",
        "start registry",
        "registry runs again.",
    ]


def test_the_pauses_grow_to_half_a_minute_and_shrink_after_a_quiet_minute(stage: Stage) -> None:
    child = stage.child("registry")
    assert [stage.restarted_after(child) for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    stage.now += 61
    stage.supervisor.step()
    assert stage.restarted_after(child) == 0.5


def test_a_child_that_cannot_be_started_is_tried_again(stage: Stage) -> None:
    child = stage.child("redis")
    child.pid, child.broken = None, True
    stage.supervisor.step()
    stage.now = 0.5
    stage.supervisor.step()
    assert "redis did not start: no room" in stage.diary
    assert child.pid is None
    child.broken = False
    stage.now = 1.5
    stage.supervisor.step()
    assert child.pid == 1


def test_one_dead_child_does_not_disturb_the_others(stage: Stage) -> None:
    dead, living = stage.child("registry"), stage.child("evaluation")
    stage.restarted_after(dead)
    assert stage.diary.count("start evaluation") == 1
    assert living.pid == 1


def test_all_are_ended_the_last_one_first(stage: Stage) -> None:
    for name in ("redis", "registry", "evaluation", "reporting"):
        stage.child(name)
    stage.supervisor.stop()
    assert stage.diary[4:] == ["stop reporting", "stop evaluation", "stop registry", "stop redis"]
