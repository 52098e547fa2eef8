"""统一社会信用代码 (GB 32100-2015): 18 characters, of which the last is a check character.

docs/decisions/0008-own-xlsx-reader.md explains why python-stdnum is not used.
"""

import unicodedata

# The standard excludes I, O, S, V and Z because they are easily misread.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def check_character(body: str) -> str:
    """The check character for the first 17 characters of a code (GB 32100-2015: weights 3^i, modulo 31)."""
    total = sum(ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(body))
    return ALPHABET[-total % 31]


def is_valid_credit_code(code: str) -> bool:
    """Whether `code` has 18 characters of the alphabet and the right check character."""
    return (
        len(code) == 18 and all(character in ALPHABET for character in code) and code[17] == check_character(code[:17])
    )


def normalize_credit_code(code: str) -> str:
    """`code` in its stored form: half-width, upper case, without blanks and hyphens.

    Raises ValueError with a Chinese message that says what is wrong and how to fix it.
    """
    code = "".join(unicodedata.normalize("NFKC", code).upper().replace("-", "").split())
    if len(code) != 18:
        raise ValueError(f"统一社会信用代码应为 18 位，现在是 {len(code)} 位，请对照营业执照或法人证书填写")
    invalid = "、".join(dict.fromkeys(character for character in code if character not in ALPHABET))
    if invalid:
        raise ValueError(f"统一社会信用代码里不应有“{invalid}”（不使用字母 I、O、S、V、Z），请核对")
    if not is_valid_credit_code(code):
        raise ValueError("统一社会信用代码的校验位不对，请对照营业执照或法人证书逐位核对")
    return code
