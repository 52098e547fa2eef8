"""Registration numbers of technology contracts (登记编号).

The national system gives 16 digits: year (4), province and city as in GB/T 2260 (4), registration point (2), serial
number (6). Before it there were 14 digits with a year of two digits. So the last 14 digits of a number are the same in
both forms. The format itself is data of the registration rule; here is what any number of 14 or 16 digits means.
"""

import re
import unicodedata
from datetime import date

from django.conf import settings

from deals.models import RegistrationRule

PROVINCES = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 82))
    for code in range(first, last + 1)
)
KEY_LENGTH = 14
SCHEME = (
    f"16 位数字：年份 4 位、行政区划 4 位（{settings.CITY.short_name} {settings.CITY.code_prefix}）、"
    "登记点 2 位、流水号 6 位"
)
"""The national scheme in words, with province and city (GB/T 2260) of the numbers that the city's own office gives."""
_SEPARATORS = re.compile(r"[\s\-－—_·.]")


def clean_number(text: str) -> str:
    """The number without blanks, hyphens and full-width forms, so that one number is written in one way."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))


def number_key(number: str) -> str:
    """Equal for the two forms of one number."""
    return clean_number(number)[-KEY_LENGTH:]


def number_problem(
    number: str, *, rule: RegistrationRule | None, registered_on: date | None, is_seller_local: bool | None
) -> str:
    """What is wrong with a number and how to mend it; empty for a valid one.

    A contract is registered where its seller is, so a local seller's number names the city. A registration of January
    may have a number of the year before.
    """
    if rule is not None and not rule.fits(number):
        return "登记编号“%(number)s”的格式不对，应为%(scheme)s。请照登记证明填写；%(wait)s" % {
            "number": number,
            "scheme": SCHEME,
            "wait": "还没有正式编号的合同先保持“已提交登记”，拿到编号以后再登记。",
        }
    if not re.fullmatch(r"[0-9]{14}|[0-9]{16}", number):
        return "" if rule is not None and rule.number_pattern else "登记编号“%(number)s”应为%(scheme)s。" % {
            "number": number,
            "scheme": SCHEME,
        }  # fmt: skip
    year, rest = (int(number[:4]), number[4:]) if len(number) == 16 else (2000 + int(number[:2]), number[2:])
    if registered_on and not registered_on.year - 1 <= year <= registered_on.year:
        return "登记编号“%(number)s”的年份是 %(year)d 年，登记日期是 %(day)s，两者不符，请核对编号和日期。" % {
            "number": number,
            "year": year,
            "day": registered_on.isoformat(),
        }
    city = settings.CITY
    if is_seller_local and not rest.startswith(city.code_prefix):
        text = "登记编号“%(number)s”的行政区划是 %(place)s，卖方在%(name)s的合同应为 %(city)s，请核对编号或卖方所在地。"
        return text % {
            "number": number,
            "place": rest[:4],
            "name": city.short_name,
            "city": city.code_prefix,
        }
    if rest[:2] not in PROVINCES:
        return "登记编号“%(number)s”中没有 %(place)s 这个省级区划，请照登记证明核对。" % {
            "number": number,
            "place": rest[:2],
        }
    if not int(rest[-6:]):
        return "登记编号“%(number)s”的流水号不能是 000000，请照登记证明核对。" % {"number": number}
    return ""
