"""F8: the first twenty of a million models that have some words, on both databases."""

from __future__ import annotations

import random
import tempfile
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from services.reporting.queries.finding.entry_search import EntrySearch
from services.reporting.readmodels.search.readmodel import Search
from shared.readmodel.decoded_events import DecodedEvent
from shared.readmodel.store import Store
from shared.vocabulary.search_words import Question
from tests.benchmarks.measuring import Line, percentile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.servers import Ground, Size

SEED = 20_261_129
RUN = 50_000
UNITS = 10_035
SCOPE = 120
"""Units of a province: its communes, and those they were made of."""
ASKED = 20
LIMIT_MS = 50
BEGINS = [
    "b",
    "c",
    "ch",
    "d",
    "đ",
    "g",
    "gh",
    "gi",
    "h",
    "k",
    "kh",
    "l",
    "m",
    "n",
    "ng",
    "nh",
    "ph",
    "qu",
    "r",
    "s",
    "t",
    "th",
    "tr",
    "v",
    "x",
]
ENDS = [
    "a",
    "an",
    "ăng",
    "anh",
    "ao",
    "âp",
    "at",
    "âu",
    "ay",
    "e",
    "em",
    "en",
    "êt",
    "i",
    "im",
    "in",
    "inh",
    "it",
    "iêu",
    "o",
    "oa",
    "oan",
    "ôc",
    "oi",
    "ôm",
    "on",
    "ông",
    "op",
    "u",
    "ưa",
    "ui",
    "um",
    "un",
    "ương",
    "ut",
]
OFTEN = [
    "dân",
    "vận",
    "khéo",
    "xây",
    "dựng",
    "nông",
    "thôn",
    "mới",
    "bảo",
    "vệ",
    "môi",
    "trường",
    "giữ",
    "gìn",
    "an",
    "ninh",
    "trật",
    "tự",
    "hiến",
    "đất",
    "làm",
    "đường",
    "giúp",
    "đỡ",
    "hộ",
    "nghèo",
    "phát",
    "triển",
    "kinh",
    "tế",
    "tuyên",
    "truyền",
    "vận",
    "động",
    "nhân",
    "dân",
    "tổ",
    "hội",
    "phụ",
    "nữ",
]
QUESTIONS = (
    "dân vận", "dan van kheo", "môi trường", "xay dung nong thon m", "giúp đỡ hộ ng", "thôn",
    "hiến đất làm đường", "hoi phu nu", "than", "khong co gi", "an ninh tr", "nghinh",
    "kinh te phat", "trương", "đăng", "mo", "ngang", "giư gin", "qu", "bao ve moi truong",
)  # fmt: skip


def lines(ground: Ground, size: Size) -> Iterator[Line]:
    """Fold registrations into the index, then ask it."""
    with tempfile.TemporaryDirectory(prefix="dvk-bench-") as home:
        for name, url in (
            ("SQLite", f"sqlite:///{Path(home, 'words.db')}"),
            ("PostgreSQL", ground.new_database()),
        ):
            store, search = Store(url), Search()
            yield from _asked(name, store, search, size.of(50_000, 1_000_000))
            store.close()


def _asked(name: str, store: Store, search: Search, count: int) -> Iterator[Line]:
    store.create(search.metadata)
    started = perf_counter()
    titles = _registrations(count)
    while facts := list(islice(titles, RUN)):
        with store.writing() as connection:
            search.fold(facts, connection)
    filled = perf_counter() - started
    models = EntrySearch(store, search.models)
    places = [f"u-{number}" for number in range(SCOPE)]
    for where, scope in (("the nation", None), (f"a scope of {SCOPE} units", places)):
        taken = []
        for _ in range(ASKED):
            for question in QUESTIONS:
                started = perf_counter()
                models.hits(Question.of(question), scope, count, (0, 20))
                taken.append(perf_counter() - started)
        taken = taken[len(QUESTIONS) :]  # the first round finds nothing in memory
        notes = (
            f"median {percentile(taken, 0.5) * 1000:.1f} ms, slowest {max(taken) * 1000:.0f} ms",
            f"folded in {filled:.0f} s",
        )
        what = f"the first 20 of {count:,} models in {where}, counted, {name}, p95"
        ours = percentile(taken, 0.95) * 1000
        yield Line("F8", what, ours, LIMIT_MS, "ms", "the bar", at_most=1, notes=notes)


def _registrations(count: int) -> Iterator[DecodedEvent]:
    chance = random.Random(SEED)
    syllables = [begin + end for begin in BEGINS for end in ENDS]
    for number in range(1, count + 1):
        length = chance.randint(7, 14)
        words = [
            chance.choice(OFTEN) if chance.random() < 0.5 else chance.choice(syllables)
            for _ in range(length)
        ]
        data = {
            "registration_id": f"r-{number}",
            "model_id": f"m-{number}",
            "plan_year": 2026,
            "unit_id": f"u-{number * 7919 % UNITS}",
            "title": " ".join(words),
        }
        subject = f"registration/r-{number}"
        yield DecodedEvent(number, "ModelRegistered", subject, data, None)  # type: ignore[arg-type]
