"""Public names of anonymous demands: what the demand says of its firm, and a code word drawn for this demand alone.

Two demands of one firm share no code word, and the words are drawn at random, so that they have no order.
"""

import re
import secrets
from collections.abc import Container

from django.conf import settings

FIRST = "云海山川星月松竹梅兰青白银金晨暮春夏秋冬东南西北风雨雪霜江河湖波石玉晴朗清明远高长安宁和平"
SECOND = "帆舟桥塔灯岸湾岛峰岭林泉溪谷原野鹤雁鹿马鸥鲸燕雀枫柏杉桐荷菊岚霞露虹笛琴棋书画墨砚弦歌影光"
_CODE = re.compile(r"代号(\S{2,4})）$")


def code_of(alias: str) -> str:
    """The code word of an alias; empty for other names."""
    match = _CODE.search(alias)
    return match.group(1) if match else ""


def draw_code(taken: Container[str]) -> str:
    """A code word that is not taken: two characters, or with two digits once most pairs are used."""
    for _attempt in range(50):
        code = secrets.choice(FIRST) + secrets.choice(SECOND)
        if code not in taken:
            return code
    while (code := f"{secrets.choice(FIRST)}{secrets.choice(SECOND)}{secrets.randbelow(90) + 10}") in taken:
        pass
    return code


def make_alias(region: str, industry: str, code: str) -> str:
    """For example 金普新区某高端装备企业（代号云帆）; region and industry may be empty."""
    return f"{region or settings.CITY.name}某{industry}企业（代号{code}）"
