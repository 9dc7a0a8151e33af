"""The origin of a file's figures, for its head, its last line and the sheet "Nguồn"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from services.reporting.queries.facade import SummaryQuery
from services.reporting.queries.scope import naming_day
from shared.clock import HANOI, day_in_vietnam, rfc3339
from shared.vocabulary import DEFAULT_PROGRAMME
from shared.web.answers.as_of_parameters import RECORDED
from shared.web.files.office_table import Provenance, written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from services.reporting.queries.as_of import AsOf
    from services.reporting.queries.facade import Queries
    from shared.errors import Language
    from shared.vocabulary.code_words import Both
    from shared.web.answers.as_of_parameters import MapChoice

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MAPS: dict[str, Both] = {
    "recorded": ("mỗi sự kiện theo bản đồ của ngày phát sinh", "each event on the map of its day"),
    "current": ("hiện nay", "of today"),
}
_NATION = ("Cả nước", "The whole country")


def day_of_knowledge(known_at: str | None, as_of: AsOf) -> date | None:
    """Return the day of knowledge: the stated one, else that of the last event."""
    if known_at is not None and _DAY.fullmatch(known_at):
        return date.fromisoformat(known_at)
    if known_at is not None and not known_at.isdigit():
        moment = datetime.fromisoformat(re.sub(r" (\d{2}:\d{2})$", r"+\1", known_at))
        try:
            return moment.astimezone(HANOI).date()
        except OverflowError:  # in the first or the last hours of the calendar
            return moment.date()
    return None if as_of.recorded_us is None else day_in_vietnam(as_of.recorded_us)


def scope_name(
    reads: Queries, as_of: AsOf, unit_id: str | None, year: int | None, map_: MapChoice | None
) -> Both:
    """Return the name of a scope with its kind, in both languages."""
    if unit_id is None:
        return _NATION
    if map_ is None:
        return unit_id, unit_id
    day = naming_day(map_, year)
    name = reads.called([(unit_id, day)], as_of)[unit_id, day] or unit_id
    return name, name


def origin(
    reads: Queries,
    question: Both,
    as_of: AsOf,
    *,
    known_at: str | None = None,
    unit_id: str | None = None,
    years: tuple[int, ...] = (),
    map_: MapChoice | None = None,
) -> Callable[[Language, str], Provenance]:
    """Return a function for the origin of an answer, by language and address."""

    def made(language: Language, address: str) -> Provenance:
        about = _Origin(reads, as_of, language, known_at, unit_id, years, map_)
        title = question[0 if language == "vi" else 1]
        facts = [(about.words("Câu hỏi", "Question"), title), *about.facts()]
        facts.append((about.words("Địa chỉ", "Address"), address))
        return Provenance(language, title, about.subtitle(), facts, about.last_line())

    return made


@dataclass(frozen=True)
class _Origin:
    """The description of one answer in one language."""

    reads: Queries
    as_of: AsOf
    language: Language
    known_at: str | None
    unit_id: str | None
    years: tuple[int, ...]
    map: MapChoice | None

    def words(self, vi: str, en: str) -> str:
        """Return the words of the language."""
        return vi if self.language == "vi" else en

    @cached_property
    def _unit(self) -> str:
        year = self.years[-1] if self.years else None
        both = scope_name(self.reads, self.as_of, self.unit_id, year, self.map)
        return self.words(*both) if self.map else ""

    @cached_property
    def _until(self) -> str:
        day = day_of_knowledge(self.known_at, self.as_of)
        return written(day, self.language) or self.words("chưa có sự kiện nào", "no event yet")

    @cached_property
    def _digests(self) -> list[tuple[int, str]]:
        if self.map is None:
            return []
        queries = [SummaryQuery(self.unit_id, y, DEFAULT_PROGRAMME, self.map) for y in self.years]
        return [(q.plan_year, self.reads.summary(q, self.as_of)["digest"]) for q in queries]

    def facts(self) -> Iterator[tuple[str, str]]:
        """Yield the facts about the origin, each with its name."""
        words, map_ = self.words, self.map
        if map_ is not None:
            stated = f"{self._unit} ({self.unit_id})" if self.unit_id else self._unit
            yield words("Đơn vị", "Unit"), stated
        if self.years:
            yield words("Năm", "Year"), _span(self.years)
        if map_ is not None:
            yield words("Bản đồ hành chính", "Map"), _map(map_, self.language)
        yield words("Số liệu tính đến hết ngày", "As known until the end of"), self._until
        yield words("Vị trí trong sổ cái", "Position in the log"), self._position
        if self.as_of.recorded_us is not None:
            recorded = rfc3339(self.as_of.recorded_us)
            yield words("Sự kiện cuối ghi lúc (UTC)", "Last event recorded (UTC)"), recorded
        for year, digest in self._digests:
            of_year = f" {year}" if len(self._digests) > 1 else ""
            yield words("Mã kiểm chứng", "Digest") + of_year, digest

    @property
    def _position(self) -> str:
        return written(self.as_of.position, self.language)

    def subtitle(self) -> str:
        """Return unit, years and day of knowledge, for the head of a file."""
        until = self.words("số liệu đến hết ngày ", "as known until ") + self._until
        said = [self._unit, _year_words(self.years, self.language), until]
        return ", ".join(each for each in said if each)

    def last_line(self) -> str:
        """Return day, position, map and digest, for the end of a file."""
        last = self.words(
            "Số liệu tính đến hết ngày {}, vị trí {} của sổ cái",
            "As known until {}, position {} of the log",
        )
        parts = [last.format(self._until, self._position)]
        if self.map is not None and self.map.stated != RECORDED:
            parts.append(self.words("bản đồ ", "map ") + _map(self.map, self.language))
        for year, digest in self._digests:
            of_year = f"{year} " if len(self._digests) > 1 else ""
            parts.append(self.words("mã kiểm chứng ", "digest ") + of_year + digest)
        return "; ".join(parts) + "."


def _map(map_: MapChoice, language: Language) -> str:
    place = 0 if language == "vi" else 1
    day = written(map_.day, language)
    if map_.stated in _MAPS:
        return _MAPS[map_.stated][place] + (f" ({day})" if day else "")
    return ("ngày ", "of ")[place] + day


def _span(years: tuple[int, ...]) -> str:
    return str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"


def _year_words(years: tuple[int, ...], language: Language) -> str:
    if not years:
        return ""
    if len(years) == 1:
        return f"{'năm' if language == 'vi' else 'year'} {years[0]}"
    return f"{'giai đoạn' if language == 'vi' else 'years'} {_span(years)}"
