import re

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


MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"0\d{2,3}[2-9]\d{6,7}(-\d{1,6})?|400\d{7}")
PERSON_NAME = re.compile(r"[^\W\d_]([^\W_]|[·・.\-\s'’])*[^\W_]\.?")


def validate_phone(value: str) -> None:
    """Refuse a telephone number that is neither a mainland mobile nor a landline with its area code."""
    digits = re.sub(r"^(\+|00)?86(?=[01])", "", re.sub(r"[\s()（）]", "", value))
    digits = re.sub(r"-(?=\d{7})", "", digits)  # 0411-8470 1234; the hyphen before an extension stays
    if not (MOBILE.fullmatch(digits) or LANDLINE.fullmatch(digits)):
        raise ValidationError(
            "“%(value)s”不是有效的电话号码。请填 11 位手机号，或带区号的固定电话，例如 0411-84701234。",
            params={"value": value},
        )


def validate_person_name(value: str) -> None:
    """Refuse what cannot be a person's name: one character, digits, an address."""
    if value and not PERSON_NAME.fullmatch(value.strip()):
        raise ValidationError("“%(value)s”不像姓名。请填联系人的真实姓名，例如“张三丰”。", params={"value": value})


def validate_office_contact(contact: str) -> None:
    """A telephone with area code or a mail address, as an office publishes it; no mobile and no other number."""
    kinds = {find.kind for find in find_personal_data(contact)}
    if not kinds or kinds - {Kind.LANDLINE, Kind.EMAIL}:
        raise ValidationError(
            "“%(contact)s”不是带区号的办公电话，也不是邮箱；个人手机号不能公开，请改正。", params={"contact": contact}
        )
