"""统一社会信用代码 (GB 32100-2015)."""

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = [pow(3, i, 31) for i in range(17)]


def check_credit_code(code: str) -> bool:
    """Whether `code` has 18 characters of the alphabet and the right check character."""
    if len(code) != 18 or any(character not in ALPHABET for character in code):
        return False
    total = sum(weight * ALPHABET.index(character) for weight, character in zip(WEIGHTS, code[:17], strict=True))
    return ALPHABET[(31 - total % 31) % 31] == code[17]
