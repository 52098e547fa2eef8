"""Sentences made from figures. Sentences about missing figures are omitted."""

from datetime import date

from django.utils.formats import date_format
from django.utils.timezone import localtime

from rounds.fates import Fate
from rounds.models import DockingRound
from rounds.report.counting import number_text
from rounds.report.figure_text import FigureText
from rounds.report.figures import DISTRICT, FIGURES, INDUSTRY, INSTITUTION
from rounds.report.findings import highlights, next_steps, numbered, problems

TITLES = {
    "overview": "概况",
    "guests": "邀请与到会",
    "talks": "洽谈",
    "outcomes": "结果与意向",
    "districts": "各区市县",
    "industries": "各产业",
    "institutions": "各院校",
    "earlier": "与往场相比",
    "highlights": "亮点",
    "problems": "问题",
    "next_steps": "下一步",
}
MAX_NAMED = 3
"""Number of groups named in a sentence; the table has all."""


def section_texts(docking_round: DockingRound, figures: dict) -> dict[str, str]:
    """Return {section: text} in the order of TITLES."""
    text = FigureText(figures["totals"])
    return {
        "overview": _overview(docking_round, text),
        "guests": _guests(text),
        "talks": _talks(text),
        "outcomes": _outcomes(text),
        "districts": _leaders(figures["by"][DISTRICT], "came_firms", "到会企业最多的区市县是", "个区市县"),
        "industries": _leaders(figures["by"][INDUSTRY], "held", "洽谈最多的产业是", "个产业"),
        "institutions": _leaders(figures["by"][INSTITUTION], "held", "洽谈最多的院校是", "所院校"),
        "earlier": _earlier(text, figures["earlier"]),
        "highlights": numbered(highlights(figures)),
        "problems": numbered(problems(figures["totals"])),
        "next_steps": numbered(next_steps(docking_round, figures["totals"])),
    }


def _overview(docking_round: DockingRound, text: FigureText) -> str:
    day = date_format(localtime(docking_round.starts_at), "Y年n月j日")
    where = f"在{docking_round.place}" if docking_round.place else ""
    host = f"由{docking_round.host.name}主办，" if docking_round.host else ""
    themes = f"主题为{docking_round.themes}。" if docking_round.themes else ""
    shown = f"推介成果 {text.number('featured')}。" if text.has("featured") else "没有登记推介成果。"
    return f"“{docking_round.name}”{host}于{day}{where}举行。{themes}{shown}"


def _guests(text: FigureText) -> str:
    if not text.has("invited_firms", "invited_teams", "came_firms", "came_teams"):
        return "没有登记参会单位。"
    rate = text.share("coming_came_firms", "coming_firms")
    came = f"其中到会 {text.number('coming_came_firms')}" + (f"，到会率 {rate}" if rate else "")
    others = f"另有 {text.number('unannounced_firms')}没有确认而到会，" if text.has("unannounced_firms") else ""
    firms = f"邀请企业 {text.number('invited_firms')}，确认参加 {text.number('coming_firms')}，{came}；"
    firms += f"{others}共到会 {text.number('came_firms')}。"
    teams = f"邀请院校团队 {text.number('invited_teams')}，确认参加 {text.number('coming_teams')}，"
    return f"{firms}{teams}到会 {text.number('came_teams')}。签到 {text.number('people')}。"


def _talks(text: FigureText) -> str:
    """All terms of the sum are named, so that a reader can add them up."""
    if not text.has("planned", "held"):
        return "没有登记洽谈。"
    parts = [f"{fate.label} {text.number(fate.value)}" for fate in Fate if fate == Fate.HELD or text.has(fate.value)]
    planned = f"日程安排洽谈 {text.number('planned')}：{'，'.join(parts)}。"
    site = f"（其中现场撮合 {text.number('on_site')}）" if text.has("on_site") else ""
    extra = f"计划外举行 {text.number('extra')}，" if text.has("extra") else ""
    return f"{planned}{extra}实际洽谈共 {text.number('held')}{site}。"


def _outcomes(text: FigureText) -> str:
    if not text.has("held"):
        return "没有洽谈结果。"
    first = "，".join(text(name) for name in ("intent", "go_on", "no_fit"))
    silent = f"，另有 {text.number('silent')}没有记录结果" if text.has("silent") else ""
    apart = [text(name) for name in ("one_sided", "host_only") if text.has(name)]
    silent += f"。{'，'.join(apart)}，不计入以上各项" if apart else ""
    sums = f"意向金额合计 {text.number('intent_sum')}。" if text.has("intent_sum") else "没有双方都填写的意向金额。"
    if text.has("intent_sum_one_sided"):
        sums += f"另有{text('intent_sum_one_sided')}，待对方确认。"
    signed = f"当场签约意向 {text.number('signed')}。" if text.has("signed") else ""
    deals = ""
    if text.has("deals"):
        deals = f"会后已建立成交项目 {text.number('deals')}，签约金额 {text.number('signed_sum')}。"
    if text.has("contract_sum"):
        parts = [text(name) for name in ("contract_unpaid", "contract_related") if text.has(name)]
        details = "".join(f"，{part}" for part in parts)
        deals += f"已登记合同成交额 {text.number('contract_sum')}，都是平台促成{details}。"
    return f"实际洽谈中，{first}{silent}。{sums}{signed}{deals}"


def _leaders(lines: list[dict], figure: str, words: str, each: str) -> str:
    """Name the first groups by one figure, including ties with the last one named."""
    having = sorted(
        (line for line in lines if line["name"] and line[figure]), key=lambda line: (-line[figure], line["name"])
    )
    if not having:
        return "各行数字见下表。" if lines else "没有可以分列的数字。"
    least = having[min(MAX_NAMED, len(having)) - 1][figure]
    first = [line for line in having if line[figure] >= least] if least else having[:MAX_NAMED]
    named = "、".join(f"{line['name']}（{line[figure]} {FIGURES[figure].unit}）" for line in first)
    intents = sum(line["intent"] for line in lines)
    best = max(having, key=lambda line: (line["intent"], line["held"]))
    more = ""
    if intents and best["intent"]:
        money = number_text(best["intent_sum"], "intent_sum")
        more = f"有意向最多的是{best['name']}（{best['intent']} 场，{money} 万元）。"
    return f"{words}{named}，共 {len(having)} {each}有记录。{more}"


def day_text(kept: str) -> str:
    """Format an ISO date of the stored figures."""
    return date_format(date.fromisoformat(kept), "Y年n月j日")


def _earlier(text: FigureText, earlier: list[dict]) -> str:
    if not earlier:
        return "这是第一场有记录的活动，没有往场可比。"
    last = earlier[0]
    told_before = FigureText(last["totals"])
    compared = [
        f"{FIGURES[name].label} {text.number(name)}（上一场 {told_before.number(name)}）"
        for name in ("came_firms", "held", "intent", "intent_sum")
        if text.has(name) or told_before.has(name)
    ]
    if not compared:
        return f"上一场是“{last['name']}”（{day_text(last['on'])}），两场都没有可比的数字。"
    return f"与上一场“{last['name']}”（{day_text(last['on'])}）相比：{'，'.join(compared)}。"
