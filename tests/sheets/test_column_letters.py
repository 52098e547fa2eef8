"""Letters of columns, against those of openpyxl."""

import pytest
from openpyxl.utils import column_index_from_string, get_column_letter

from sheets.column_letters import column_letter, column_number


def test_the_letters_of_every_column_of_a_worksheet():
    numbers = range(1, 16_384 + 1)
    letters = [column_letter(number) for number in numbers]
    assert letters == [get_column_letter(number) for number in numbers]
    assert [column_number(text) for text in letters] == list(numbers)
    assert column_number("xfd") == column_index_from_string("xfd") == 16_384


@pytest.mark.parametrize("letters", ["", "A1", "甲", "AAAA"])
def test_what_is_no_column_is_refused(letters):
    with pytest.raises(ValueError):
        column_number(letters)


def test_there_is_no_column_before_the_first():
    with pytest.raises(ValueError):
        column_letter(0)
