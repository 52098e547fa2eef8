from django.core.exceptions import ValidationError

from core.personal_data import Kind, find_personal_data
from sheets.credit_code import is_valid_credit_code


def validate_credit_code(value: str) -> None:
    """Refuse a 统一社会信用代码 whose check digit (GB 32100-2015) does not fit."""
    if value and not is_valid_credit_code(value):
        raise ValidationError(
            "“%(value)s”不是有效的统一社会信用代码：应为 18 位，校验位须相符，请对照营业执照核对。",
            params={"value": value},
        )


def validate_office_contact(contact: str) -> None:
    """A telephone with area code or a mail address, as an office publishes it; no mobile and no other number."""
    kinds = {find.kind for find in find_personal_data(contact)}
    if not kinds or kinds - {Kind.LANDLINE, Kind.EMAIL}:
        raise ValidationError(
            "“%(contact)s”不是带区号的办公电话，也不是邮箱；个人手机号不能公开，请改正。", params={"contact": contact}
        )
