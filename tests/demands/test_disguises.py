"""A firm's name by sound, in letters, split and reversed; and that other firms' texts do not trigger it."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from pypinyin import lazy_pinyin

from demands.disguises import find_disguises
from demands.masking import find_firm_mention, firm_names

CITY = Path(settings.BASE_DIR) / "demo_city"
FIRMS = [json.loads(line) for line in (CITY / "firms.jsonl").read_text(encoding="utf-8").splitlines()]
NAMES = firm_names("大连溯光数控机床有限公司", "溯光机床")
ANY_SIGN = ("*", "/", "🙂", "，", "\n", " - ", "x", "·", "​", "（", "_")


def is_found(text: str, names=NAMES, website: str = "") -> bool:
    return bool(find_firm_mention(text, names) or find_disguises(text, names, website))


@pytest.mark.parametrize(
    "text",
    [
        *("大連溯光數控機床", "溯光機床", "速光机床", "溯广机床", "朔光机床厂的老毛病，宿光机床", "塑光的机床"),
        *("suguang", "SuGuang", "su guang", "su-guang", "sùguāng", "s.u.g.u.a.n.g", "dalian suguang", "suguang2020"),
        *("suguangjichuang", "DLSGSKJC", "dlsgskjcyxgs", "SGJC"),
        *("氵朔光", "溯光木几床", "溯光木几广木"),
        *("床机光溯", "床机控数光溯连大"),
        *("www.suguang-cnc.com", "suguangcnc的网站", "suguang cnc"),
    ],
)
def test_a_disguised_name_is_found(text):
    assert is_found(f"我们{text}做机床热补偿", website="https://www.suguangcnc.com.cn/")


@pytest.mark.parametrize("sign", ANY_SIGN)
def test_signs_between_the_characters_do_not_hide_a_name(sign):
    assert is_found(sign.join("溯光"))


def test_every_firm_of_the_city_is_found_in_generated_disguises():
    """Recall over all firms: pinyin, reversed, split by signs, one character by another of the same sound."""
    missed = []
    for firm in FIRMS:
        name, short = firm["name"].replace("（演示）", ""), firm["short_name"]
        names = firm_names(name, short)
        letters = "".join(lazy_pinyin(short))
        forms = [letters, " ".join(lazy_pinyin(short)), short[::-1], "*".join(short), "，".join(short)]
        missed += [(short, form) for form in forms if not is_found(f"我厂（{form}）的老毛病", names)]
    assert missed == []


@pytest.mark.long
def test_texts_of_other_firms_do_not_name_a_firm():
    """Fewer than one false find in 500 pairs of firm and text."""
    demands = [json.loads(line) for line in (CITY / "demands.jsonl").read_text(encoding="utf-8").splitlines()]
    pairs = hits = 0
    for firm in FIRMS[::11]:
        names = firm_names(firm["name"], firm["short_name"])
        for demand in demands:
            if demand["firm"] != firm["id"]:
                pairs += 1
                hits += bool(find_disguises(demand["title"] + demand["problem"], names))
    assert pairs > 1500 and hits * 500 < pairs


def test_ordinary_words_that_sound_alike_are_no_mention():
    assert not find_disguises(
        "我们的技术和工艺可以提高速度，不清楚怎么制备", firm_names("大连计术科技有限公司", "计术")
    )
