from django.core.exceptions import ValidationError

from sheets.credit_code import is_valid_credit_code


def validate_credit_code(value: str) -> None:
    """Refuse a 统一社会信用代码 whose check digit (GB 32100-2015) does not fit."""
    if value and not is_valid_credit_code(value):
        raise ValidationError(
            "“%(value)s”不是有效的统一社会信用代码：应为 18 位，校验位须相符，请对照营业执照核对。",
            params={"value": value},
        )
