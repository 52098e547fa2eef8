"""Letters of the columns as Excel names them: A … Z, AA … XFD. openpyxl has the same two functions, but to import them
loads all of it and NumPy, which only processes that write workbooks need."""

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOST_LETTERS = 3


def column_letter(number: int) -> str:
    """The letters of the column `number`; the first column is 1."""
    if number < 1:
        raise ValueError(f"no column has the number {number}")
    letters = ""
    while number:
        number, place = divmod(number - 1, len(LETTERS))
        letters = LETTERS[place] + letters
    return letters


def column_number(letters: str) -> int:
    """The number of the column `letters`; the first column is 1. Raises ValueError if there can be no such column."""
    if not 1 <= len(letters) <= MOST_LETTERS:
        raise ValueError(f"a column has one to {MOST_LETTERS} letters")
    number = 0
    for letter in letters.upper():
        number = number * len(LETTERS) + LETTERS.index(letter) + 1
    return number
