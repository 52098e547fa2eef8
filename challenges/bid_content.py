"""What a bid says: its texts, the promise for each indicator, the plan for each milestone, who does which part.

A plain dict, because it is stored encrypted as a whole.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from challenges.models import Challenge, ChallengeIndicator, ChallengeMilestone
from challenges.sealing import digest_of
from sheets.cells import clean_text

TEXTS = {"team": "团队", "basis": "研究基础", "route": "技术路线", "budget": "经费预算"}
"""Key → label; each is written in at most LONGEST characters."""
LABELS = TEXTS | {"promises": "指标承诺", "plan": "里程碑", "parts": "分工", "files": "附件名称"}
"""All places in which a bid has words of its own."""
HINTS = {
    "team": "负责人、骨干、各做过什么，能投入多少时间",
    "basis": "已有的样机、试验数据、专利和应用",
    "route": "怎样达到指标，难点在哪里，不成怎么办",
    "budget": "设备、材料、测试、人工各多少",
}
LONGEST = 5000
SHORT = 300
MOST_ACHIEVEMENTS = 10
Content = dict[str, Any]


def empty_content() -> Content:
    return {
        **dict.fromkeys(TEXTS, ""),
        "price_wan": "",
        "promises": {},
        "plan": {},
        "achievements": [],
        "parts": {},
    }


def cleaned_content(values: Content, challenge: Challenge) -> Content:
    """Only what a bid may say, without invisible characters and within its lengths. Raises ValidationError."""
    content = empty_content()
    for key, label in TEXTS.items():
        content[key] = _text(values.get(key, ""), LONGEST, label)
    price = values.get("price_wan")
    if price not in (None, ""):
        content["price_wan"] = str(Decimal(price).quantize(Decimal("0.01")))
    for key, rows in (("promises", challenge.indicators.all()), ("plan", challenge.milestones.all())):
        given = values.get(key) or {}
        for row in rows:
            label = f"“{_label(row)}”"
            if text := _text(given.get(str(row.pk), ""), SHORT, label):
                content[key][str(row.pk)] = text
    content["achievements"] = list(dict.fromkeys(values.get("achievements") or []))[:MOST_ACHIEVEMENTS]
    for member, part in (values.get("parts") or {}).items():
        content["parts"][member] = {
            "work": _text(part.get("work", ""), 1000, "承担的部分"),
            "share_wan": part.get("share_wan") or "",
        }
    return content


def _label(row: ChallengeIndicator | ChallengeMilestone) -> str:
    return row.name if isinstance(row, ChallengeIndicator) else row.title


def _text(value: Any, longest: int, label: str) -> str:
    text: str = clean_text(str(value or ""), multiline=True).strip()
    if len(text) > longest:
        raise ValidationError(f"{label}有 {len(text)} 个字，最多 {longest} 个字，请精简。")
    return text


def part_digest(content: Content, member: str) -> str:
    """What an organisation accepts: its own part, so that a change of it has to be accepted again."""
    return digest_of({"member": member, "part": content["parts"].get(member, {})})


def missing_parts(content: Content, challenge: Challenge, members: Iterable[tuple[str, str]]) -> list[str]:
    """What a bid still lacks. `members`: (public id, name) of the organisations."""
    sentences = [f"还没有写“{label}”。" for key, label in TEXTS.items() if not content[key]]
    if not content["price_wan"]:
        sentences.append("还没有填报价。")
    elif Decimal(content["price_wan"]) > challenge.prize_wan:
        sentences.append(f"报价 {content['price_wan']} 万元超过榜金 {challenge.prize_wan} 万元。")
    promised, planned = content["promises"], content["plan"]
    if unmet := [row.name for row in challenge.indicators.all() if not promised.get(str(row.pk))]:
        sentences.append(f"指标“{'”“'.join(unmet)}”还没有写承诺达到多少。")
    if unplanned := [row.title for row in challenge.milestones.all() if not planned.get(str(row.pk))]:
        sentences.append(f"里程碑“{'”“'.join(unplanned)}”还没有写怎样做到。")
    members = list(members)
    if len(members) > 1:
        for member, name in members:
            if not content["parts"].get(member, {}).get("work"):
                sentences.append(f"还没有写{name}承担的部分。")
    return sentences
