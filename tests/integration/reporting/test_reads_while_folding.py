"""A figure read while the log is being folded is the figure of its position, for ever."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

from tests.support.figures_of_events import Projecting
from tests.support.random_maps import DAYS, KINDS, Intent, build
from tests.support.random_reviews import YEARS
from tests.support.random_years import lived

SEED = 7
BY = ("unit", "field,tier", "award_form")


def _asked(projecting: Projecting, number: int) -> list[dict[str, Any]]:
    random = Random(number)
    answers = []
    while projecting.runner.position < projecting.log.head().position:
        answers += [
            projecting.summary(None, random.choice(YEARS), by=BY, map=random.choice(MAPS))
            for _ in range(3)
        ]
    return answers


MAPS = ("recorded", "current", "2020-01-04")


def test_what_was_read_while_folding_is_read_again_afterwards(tmp_path: Path) -> None:
    random = Random(SEED)
    tried = [
        Intent(
            random.choice(KINDS),
            random.randrange(DAYS),
            (random.randrange(20), random.randrange(20), random.randrange(20)),
        )
        for _ in range(16)
    ]
    history = lived(build(tried).events, SEED, facts_each=30)
    projecting = Projecting(f"sqlite:///{tmp_path / 'r.db'}", history=history, run=3)
    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(_asked, projecting, number) for number in range(3)]
        projecting.project()
        answers = [answer for reader in readers for answer in reader.result()]
    positions = {answer["known_at"]["position"] for answer in answers}
    assert len(positions) > 5, "the reads must have happened while the log was folded"
    for answer in answers:
        again = projecting.summary(
            None,
            answer["year"],
            by=BY,
            map=answer["map"],
            known_at=answer["known_at"]["position"],
        )
        assert again == answer
    projecting.store.close()
