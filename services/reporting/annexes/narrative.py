"""The sentences of a year's account, such as "191 mô hình đăng ký (duy trì 73, đăng ký mới 118)".

Each sentence gives for each of its figures the measure and the cell of `/summaries`. Years
have sentences of their own: no figure is a sum over years.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from services.reporting.annexes.figures import cell
from services.reporting.annexes.tables import NEVER_SUMMED, UNEQUAL, unfinished
from shared.vocabulary import OutcomeNature, Qualifier
from shared.vocabulary.code_words import CODE_WORDS
from shared.vocabulary.event_words import FIGURE_WORDS
from shared.web.files.office_table import TextLine, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from services.reporting.annexes.figures import AnnexQuery, Cell, YearFigures

_KINDS = (("maintained", "duy trì"), ("new", "đăng ký mới"), ("pre_existing", "đã có từ trước"))
_OWNERS = (("collective", "tập thể"), ("individual", "cá nhân"), ("household", "hộ gia đình"))
_QUALIFIERS = {Qualifier.MORE_THAN: "hơn ", Qualifier.APPROX: "khoảng "}


@dataclass
class Sentence:
    """A paragraph and its figures."""

    year: int
    text: str = ""
    heading: bool = False
    figures: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "year": self.year,
            "text": self.text,
            "heading": self.heading,
            "figures": self.figures,
        }

    def as_line(self) -> TextLine:
        """Return it as a paragraph of a document."""
        return TextLine(self.text, points=14, bold=self.heading, centred=False)


class _Account:
    """The account of one year in the making."""

    def __init__(self, figures: YearFigures) -> None:
        self._of = figures
        self._sentence = Sentence(figures.year)

    def said(self, measure: str, **dimensions: str | None) -> str:
        """Return a figure as text for a sentence, and record it."""
        narrowed: Cell = cell(**dimensions)
        count = self._of.count(measure, narrowed)
        self._sentence.figures.append({"measure": measure, "cell": dict(narrowed), "value": count})
        return two_digits(count)

    def counts(self, measure: str, **dimensions: str | None) -> int:
        """Return a figure without recording it."""
        return self._of.count(measure, cell(**dimensions))

    def sentence(self, text: str) -> Sentence:
        """Return the paragraph of this text with the recorded figures."""
        done, self._sentence = self._sentence, Sentence(self._of.year)
        done.text = text
        return done

    def parts(
        self, measure: str, by: str, words: Iterable[tuple[str, str]], **cell_: str | None
    ) -> str:
        """Return the parts that are not 0: "duy trì 73, đăng ký mới 118"."""
        return ", ".join(
            f"{word} {self.said(measure, **{by: code}, **cell_)}"
            for code, word in words
            if self.counts(measure, **{by: code}, **cell_)
        )


def two_digits(number: int) -> str:
    """Return a number as offices write it in sentences: 04, 19, 2.059."""
    return f"{number:02d}" if 0 < number < 10 else written(number, "vi")


def narrative(query: AnnexQuery, day: date) -> list[Sentence]:
    """Return the account of each year; an unfinished year begins with a warning."""
    found: list[Sentence] = []
    several = len(query.years) > 1
    open_year = unfinished(query, day)
    if several:
        found.append(Sentence(query.years[0], NEVER_SUMMED))
    for year in query.years:
        if several:
            found.append(Sentence(year, f"Năm {year}", heading=True))
        if year == open_year:
            found.append(Sentence(year, UNEQUAL.format(year=year, day=written(day, "vi"))))
        found += _year(query.year(year))
    return found


def _year(figures: YearFigures) -> Iterator[Sentence]:
    account = _Account(figures)
    sections = (
        ("Đăng ký", _registered(account, figures)),
        ("Kiểm tra, bình xét", _reviewed(account)),
        ("Công nhận", _recognized(account, figures)),
        ("Khen thưởng, kết quả", (*_awards(account, figures), *_outcomes(figures))),
    )
    number = 0
    for title, sentences in sections:
        found = list(sentences)
        if found:
            number += 1
            yield Sentence(figures.year, f"{number}. {title}", heading=True)
            yield from found


def _registered(account: _Account, figures: YearFigures) -> Iterator[Sentence]:
    if not account.counts("registered"):
        yield account.sentence("Trong năm chưa có mô hình nào đăng ký.")
        return
    fields = [code for code in figures.codes("field") if account.counts("registered", field=code)]
    yield account.sentence(
        f"Trong năm đã có {account.said('registered')} mô hình đăng ký (trong đó "
        f"{account.parts('registered', 'registration_kind', _KINDS)}), cụ thể:"
    )
    for place, code in enumerate(fields):
        kinds = account.parts("registered", "registration_kind", _KINDS, field=code)
        name = figures.label("field", code)
        count = account.said("registered", field=code)
        end = "." if place == len(fields) - 1 else ";"
        yield account.sentence(f"- {name}: {count} mô hình ({kinds}){end}")


def _reviewed(account: _Account) -> Iterator[Sentence]:
    if account.counts("inspected_units"):
        yield account.sentence(f"Đã kiểm tra {account.said('inspected_units')} đơn vị.")
    if account.counts("eligible"):
        owners = account.parts("eligible", "owner_kind", _OWNERS)
        yield account.sentence(
            f"Có {account.said('eligible')} mô hình đủ điều kiện bình xét (trong đó {owners})."
        )


def _recognized(account: _Account, figures: YearFigures) -> Iterator[Sentence]:
    if not account.counts("recognized"):
        return
    owners = []
    for owner, word in _OWNERS:
        if account.counts("recognized", owner_kind=owner):
            count = account.said("recognized", owner_kind=owner)
            kinds = account.parts("recognized", "registration_kind", _KINDS, owner_kind=owner)
            owners.append(f"{word} {count} ({kinds})")
    exemplary = ""
    if account.counts("exemplary"):
        exemplary = f", trong đó {account.said('exemplary')} mô hình điển hình"
    yield account.sentence(
        f"Đã công nhận {account.said('recognized')} mô hình của "
        f"{account.said('recognized_organizations')} tổ chức{exemplary}; theo chủ thể: "
        f"{'; '.join(owners)}. Theo khối:"
    )
    blocks = [code for code in figures.codes("block") if account.counts("recognized", block=code)]
    for place, code in enumerate(blocks):
        end = "." if place == len(blocks) - 1 else ";"
        yield account.sentence(f"- {_block(account, figures, code)}{end}")


def _block(account: _Account, figures: YearFigures, block: str | None) -> str:
    name = figures.label("block", block)
    text = f"{name}: {account.said('recognized', block=block)} mô hình"
    if account.counts("recognized_organizations", block=block):
        text += f" của {account.said('recognized_organizations', block=block)} tổ chức"
    if account.counts("recognized", block=block, owner_kind="individual"):
        individuals = account.said("recognized", block=block, owner_kind="individual")
        text += f" (trong đó cá nhân {individuals})"
    units = [
        row["unit"]
        for row in figures.rows("unit", "block")
        if row["block"] == block and row["recognized"]
    ]
    if set(units) <= {figures.scope}:
        return text
    parts = (
        f"{figures.label('unit', unit)} {account.said('recognized', unit=unit, block=block)}"
        for unit in units
    )
    return f"{text}, gồm: {', '.join(parts)}"


def _awards(account: _Account, figures: YearFigures) -> Iterator[Sentence]:
    for form in figures.codes("award_form"):
        if not account.counts("awards_granted", award_form=form):
            continue
        kinds = account.parts("awards_granted", "recipient_kind", _OWNERS, award_form=form)
        granted = account.said("awards_granted", award_form=form)
        presented = ""
        if account.counts("awards_presented", award_form=form):
            presented = f"; đã trao {account.said('awards_presented', award_form=form)}"
        name = figures.label("award_form", form)
        yield account.sentence(f"Đã tặng {granted} {name} ({kinds}){presented}.")


def _outcomes(figures: YearFigures) -> Iterator[Sentence]:
    for outcome in figures.whole["outcomes"]:
        metric, value = outcome["metric"], outcome["value"]
        words = CODE_WORDS["metric"].get(metric) or FIGURE_WORDS.get(metric, (metric, metric))
        stock = outcome["nature"] == OutcomeNature.STOCK
        when = " (số tại thời điểm, không cộng)" if stock else ""
        amount = _QUALIFIERS.get(outcome["qualifier"], "") + written(value, "vi")
        said = {"outcome": metric, "nature": outcome["nature"], "value": value}
        yield Sentence(figures.year, f"{words[0]}: {amount}{when}.", figures=[said])
