"""亮点, 问题 and 下一步, drafted from the figures for a person to edit. A sentence without a figure is not written."""

from datetime import timedelta
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.timezone import localdate

from core.workdays import add_workdays
from rounds.models import DockingRound
from rounds.report.figure_text import FigureText
from rounds.report.figures import DISTRICT, INSTITUTION

GOOD_SHARE = Decimal(80)
"""Per cent: from here on a share is a highlight, below it a problem."""
DAYS_TO_RECORD = 5
"""Working days within which missing records are to be added."""
DAYS_TO_ASK = 30
"""The first survey of a pair after its meeting (`matching.FollowUpCheck`)."""


def numbered(sentences: list[str]) -> str:
    """One sentence on each line: 1．…"""
    return "\n".join(f"{number}．{sentence}" for number, sentence in enumerate(sentences, start=1))


def highlights(figures: dict) -> list[str]:
    text = FigureText(figures["totals"])
    sentences = []
    for part, whole, words in (
        ("coming_came_firms", "coming_firms", "确认参加的企业到会率 {share}（{part}，共 {whole}）。"),
        ("planned_held", "planned", "排定的洽谈如期举行 {share}（{part}，共 {whole}）。"),
    ):
        if _percent(text, part, whole) >= GOOD_SHARE:
            share = text.share(part, whole)
            sentences.append(words.format(share=share, part=text.number(part), whole=text.number(whole)))
    if text.has("intent"):
        money = f"，意向金额 {text.number('intent_sum')}" if text.has("intent_sum") else ""
        sentences.append(f"双方都表示有意向 {text.number('intent')}{money}。")
    if text.has("signed"):
        sentences.append(f"当场签约意向 {text.number('signed')}。")
    if text.has("deals"):
        sentences.append(f"会后已建立成交项目 {text.number('deals')}。")
    for by, words in ((DISTRICT, "有意向的洽谈最多的区市县是"), (INSTITUTION, "有意向的洽谈最多的院校是")):
        if leader := _leader(figures["by"][by]):
            sentences.append(f"{words}{leader}。")
    return sentences


def problems(totals: dict) -> list[str]:
    text = FigureText(totals)
    sentences = []
    if text.has("coming_firms") and _percent(text, "coming_came_firms", "coming_firms") < GOOD_SHARE:
        missing = int(totals["coming_firms"]) - int(totals["coming_came_firms"])
        rate = text.share("coming_came_firms", "coming_firms")
        sentences.append(f"确认参加的企业有 {missing} 家没有到会，到会率 {rate}。")
    for name, words in (
        ("unrecorded", "{number}排定的洽谈没有举行，也没有记录原因。"),
        ("side_absent", "{number}洽谈因一方没有到场而没有举行。"),
        ("missed", "{number}洽谈双方到场而未能进行。"),
        ("cancelled", "{number}洽谈在日程发布后取消。"),
        ("left_out", "{number}洽谈改期后没有再安排。"),
        ("unfinished", "{number}洽谈记录了开始，没有记录结束。"),
        ("silent", "{number}洽谈举行了，没有任何一方记录结果。"),
        ("host_only", "{number}洽谈只有现场记录，双方都没有确认。"),
        ("one_sided", "{number}洽谈只有一方表示，对方没有确认。"),
    ):
        if text.has(name):
            sentences.append(words.format(number=text.number(name)))
    return sentences


def next_steps(docking_round: DockingRound, totals: dict) -> list[str]:
    text = FigureText(totals)
    held_on = localdate(docking_round.ends_at)
    record_by = date_format(add_workdays(held_on, DAYS_TO_RECORD), "n月j日")
    ask_on = date_format(held_on + timedelta(days=DAYS_TO_ASK), "n月j日")
    sentences = []
    if text.has("unrecorded", "unfinished", "silent"):
        open_ones = sum(int(totals[name]) for name in ("unrecorded", "unfinished", "silent"))
        sentences.append(f"{record_by}前由各区市县补记 {open_ones} 场洽谈的情况和结果。")
    if text.has("one_sided", "host_only"):
        number = sum(int(totals[name]) for name in ("one_sided", "host_only"))
        sentences.append(f"请 {number} 场洽谈中没有表示的一方确认结果。")
    if text.has("side_absent", "missed", "left_out"):
        number = sum(int(totals[name]) for name in ("side_absent", "missed", "left_out"))
        sentences.append(f"联系没有谈成的 {number} 场洽谈的双方，另约时间，或安排到下一场活动。")
    if text.has("intent", "go_on"):
        number = sum(int(totals[name]) for name in ("intent", "go_on"))
        sentences.append(f"跟进有意向和继续谈的 {number} 场洽谈，{ask_on}起做会后回访。")
    if text.has("deals"):
        sentences.append(f"推动 {text.number('deals')}成交项目签约并登记合同。")
    return sentences


def _percent(text: FigureText, part: str, whole: str) -> Decimal:
    of = Decimal(text.totals[whole])
    return Decimal(text.totals[part]) / of * 100 if of else Decimal(0)


def _leader(lines: list[dict]) -> str:
    """The group with most intents; empty without one and among equals."""
    ranked = sorted((line for line in lines if line["name"]), key=lambda line: -line["intent"])
    if not ranked or not ranked[0]["intent"] or (ranked[1:] and ranked[1]["intent"] == ranked[0]["intent"]):
        return ""
    return f"{ranked[0]['name']}（{ranked[0]['intent']} 场）"
