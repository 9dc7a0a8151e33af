"""Numbers, days and bars as each language writes them."""

import re
from decimal import Decimal

import pytest

from services.console.datasets.sample.published import published_figures
from services.reporting.dashboard.drawing.bars import Bar, bars, share
from services.reporting.dashboard.texts.formatting import PageTexts
from shared.events.catalogue import CATALOGUE

VI, EN = PageTexts("vi"), PageTexts("en")


@pytest.mark.parametrize(("value", "vietnamese", "english"), [
    (2059, "2.059", "2,059"), (Decimal("2.5"), "2,5", "2.5"), (0, "0", "0"), (None, "—", "—"),
    (1234567.125, "1.234.567,125", "1,234,567.125"),
])  # fmt: skip
def test_numbers_are_written_as_the_language_does(
    value: float | None, vietnamese: str, english: str
) -> None:
    assert VI.number(value) == vietnamese
    assert EN.number(value) == english


@pytest.mark.parametrize(("first", "last", "shown"), [
    ("2022-01-01", "2022-12-31", "2022"), ("2018-01-01", "2020-12-31", "2018–2020"),
    (None, None, "không nêu rõ"), ("2022-02-03", None, "03/02/2022"),
])  # fmt: skip
def test_a_period_of_whole_years_is_named_by_its_years(
    first: str | None, last: str | None, shown: str
) -> None:
    assert VI.period(first, last) == shown


def test_a_moment_is_told_as_it_was_in_viet_nam() -> None:
    assert VI.moment("2022-12-31T18:30:00.000000Z") == "01:30:00 ngày 01/01/2023"


def test_a_code_without_words_stands_for_itself_and_none_is_said() -> None:
    assert VI("bk_city.1") == "bk_city.1"
    assert VI(None) == "Chưa xác định"


def test_a_label_can_never_become_markup() -> None:
    drawn = bars("x", "x", [Bar("<script>", "1", 1)]).on_page()
    assert "<script>" not in drawn
    assert "&lt;script&gt;" in drawn


def test_the_widest_bar_is_the_most_and_nothing_has_no_width() -> None:
    drawn = bars("x", "x", [Bar("a", "4", 4), Bar("b", "2", 2), Bar("c", "0", 0)]).on_page()
    widths = [
        int(w)
        for w in re.findall(r'width="(\d+)" height="\d+" rx="3" fill="#\w+" class="bar', drawn)
    ]
    assert widths[1] * 2 == widths[0]
    assert widths[2] == 0


def test_a_share_is_told_with_one_decimal_and_none_of_nothing() -> None:
    assert (VI.share(160, 191), EN.share(160, 191)) == ("83,8%", "83.8%")
    assert VI.share(0, 0) == "—"


def test_a_difference_says_its_sign() -> None:
    assert [VI.signed(each) for each in (3, 0, -2_059)] == ["+3", "0", "\N{MINUS SIGN}2.059"]


def test_every_event_of_the_contract_has_words() -> None:
    types = [type_ for type_ in CATALOGUE if VI.event(type_) == type_.split(".")[1]]
    assert types == []


def test_shares_of_nothing_can_be_drawn() -> None:
    assert "svg" in share("x", "x", [Bar("a", "0", 0)]).on_page()


TAXONOMIES_OF_THE_SAMPLE = {"field", "block"}


def test_everything_that_the_published_accounts_name_has_words() -> None:
    for figure in published_figures():
        named = [figure.metric, *figure.dimensions]
        named += [v for k, v in figure.dimensions.items() if k not in TAXONOMIES_OF_THE_SAMPLE]
        said = [words.code(each) for words in (VI, EN) for each in (*named, "armed_forces")]
        assert [each for each in said if "_" in each or "mã riêng" in each or "code" in each] == []


@pytest.mark.parametrize(("stated", "said"), [
    ("smiles_2", "mã riêng của nơi gửi: smiles_2"), ("smiles", "mã riêng của nơi gửi: smiles"),
    ("registered", "Đăng ký"), ("Số hộ thoát nghèo", "Số hộ thoát nghèo"), ("2018-2020", "2018-2020"),
])  # fmt: skip
def test_a_code_without_words_is_called_a_code_and_a_text_stays_a_text(
    stated: str, said: str
) -> None:
    assert VI.code(stated) == said
