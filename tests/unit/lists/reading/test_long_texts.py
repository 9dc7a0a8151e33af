"""A cell of 32,767 letters, as long as Excel allows, costs no more than its length."""

import time

import pytest

from services.lists.reading.days import NoDay, day_of_text
from services.lists.reading.numbers import NoNumber, amount_of_text
from services.lists.reading.other_values import document_of_text, yes_no_of_text
from services.lists.reading.person_names import person_in_title
from services.lists.reading.table_reader import read_table
from services.lists.reading.texts import clean
from services.lists.workbook.reading_process import read_workbook
from tests.support.office_workbooks import REGISTRATIONS, simple_list

LONGEST = 32_767
TEXTS = [" ", ",", "T", "(", "1 ", "1.", "ông ", "Ông Hoa ", "\t \n", "ngày ", "\u00a0", "a\u0301"]


@pytest.mark.parametrize("piece", TEXTS)
def test_no_text_makes_a_reader_slow(piece: str) -> None:
    text = (piece * LONGEST)[: LONGEST - 1] + "x"
    start = time.process_time()
    clean(text)
    clean(text, many_lines=True)
    person_in_title(text, "Lò Thị B")
    document_of_text(text)
    yes_no_of_text(text)
    assert isinstance(day_of_text(text), NoDay)
    assert isinstance(amount_of_text(text), NoNumber)
    assert time.process_time() - start < 1


def test_a_long_text_is_a_row_and_no_heading() -> None:
    long = "Tổng cộng " * 3000
    made = simple_list(
        ("Tên mô hình", "Tập thể đăng ký", "Lĩnh vực", long), (long, "Chi bộ", "Kinh tế")
    )
    reading = read_table(read_workbook(made.content()), REGISTRATIONS)
    assert reading.rows[0].values["title"] == long.strip()
    assert reading.unknown_headings == ()
