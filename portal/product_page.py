"""What the page of an achievement shows beyond its fields: the problem in words, bars, maturity path, place, bases."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.text import Truncator

from accounts.models import User
from achievements.models import Achievement
from achievements.stated_limits import limit_lines, limit_sentences
from demands.masking import public_text
from demands.models import Demand
from mechanism.models import Base
from portal.drawings.technical_card import Comparable, comparables, first_sentence
from portal.technical_cards import Card, card_of
from portfolio.models import Picture
from taxonomy.models import MAX_MATURITY_LEVEL, Industry, MaturityBucket, TransferWay, maturity_bucket

LONGEST_VOICE = 96
MOST_REGISTERED, MOST_WANTED, MOST_BASES, MOST_BARS = 12, 2, 2, 6
WAY_NOTES = {
    TransferWay.ASSIGNMENT: "专利或技术成果的权利转给贵单位",
    TransferWay.LICENCE: "权利仍归原单位，贵单位按约定使用",
    TransferWay.JOINT_DEVELOPMENT: "双方出人出钱，一起做到能用",
    TransferWay.COMMISSIONED: "贵单位出题出钱，原单位来做",
    TransferWay.EQUITY: "以技术入股，共担风险",
    TransferWay.SERVICE: "不买技术，请他们来咨询、检测或带着做",
    TransferWay.OWN_INVESTMENT: "原单位自己实施",
    TransferWay.OTHER: "可以商量",
}


@dataclass(frozen=True)
class Station:
    """A stage of the maturity path. state: done, now or todo."""

    label: str
    levels: str
    state: str


@dataclass(frozen=True)
class Wanted:
    """A public demand of the same industry, in the firm's own words."""

    demand: Demand
    words: str


@dataclass(frozen=True)
class Limits:
    """What it is not suited for. is_registered: the institution has written it as such."""

    sentences: list[str]
    is_registered: bool


@dataclass(frozen=True)
class ProductPage:
    voice: str
    card: Card
    bars: list[Comparable]
    limits: Limits
    path: list[Station]
    top_level: int
    ways: list[tuple[str, str]]
    industry_address: str
    wanted: list[Wanted]
    bases: list[Base]


@dataclass(frozen=True)
class IndustryRows:
    """What the pages of all achievements of an industry show that are equally mature."""

    wanted: list[Wanted]
    bases: list[Base]


def industry_rows(achievement: Achievement, user: User | AnonymousUser) -> IndustryRows:
    """Two queries: demands of the same industry, bases."""
    return IndustryRows(_wanted(achievement, user), _bases(achievement, user))


def industry_rows_key(achievement: Achievement) -> Hashable:
    """Equal for achievements with the same rows, for one reader."""
    return (achievement.industry_id, achievement.industry.parent_id, achievement.maturity_bucket)


def product_page(achievement: Achievement, pictures: Sequence[Picture], rows: IndustryRows) -> ProductPage:
    """No query. The indicators come with the achievement."""
    indicators = list(achievement.indicators.all())
    return ProductPage(
        first_sentence(achievement.summary, LONGEST_VOICE),
        card_of(achievement, indicators, pictures),
        comparables(indicators)[:MOST_BARS],
        limits_of(achievement),
        maturity_path(achievement),
        MAX_MATURITY_LEVEL[achievement.maturity_scale],
        [(str(TransferWay(way).label), WAY_NOTES[TransferWay(way)]) for way in achievement.transfer_ways],
        industry_address(achievement.industry),
        rows.wanted,
        rows.bases,
    )


def limits_of(achievement: Achievement) -> Limits:
    """The registered limits; without them the sentences of the summary that state some, as they stand there."""
    if registered := limit_lines(achievement.limits):
        return Limits(registered[:MOST_REGISTERED], is_registered=True)
    return Limits(limit_sentences([achievement.summary]), is_registered=False)


def maturity_path(achievement: Achievement) -> list[Station]:
    """The four stages with their levels on the achievement's own scale; empty without a level."""
    level, scale = achievement.maturity_level, achievement.maturity_scale
    if level is None:
        return []
    stations = []
    for bucket in MaturityBucket:
        levels = [step for step in range(1, MAX_MATURITY_LEVEL[scale] + 1) if maturity_bucket(scale, step) == bucket]
        state = "now" if level in levels else "done" if level > levels[-1] else "todo"
        stations.append(Station(str(bucket.label), f"{levels[0]}–{levels[-1]} 级", state))
    return stations


def maturity_in_words(achievement: Achievement) -> str:
    """第 8 级，可产业化（九座冷库运行两个冬夏）; the stage if there is no level."""
    if achievement.maturity_level is None:
        return str(achievement.get_stage_display())
    evidence = Truncator(achievement.maturity_evidence).chars(60) if achievement.maturity_evidence else "自评"
    return f"第 {achievement.maturity_level} 级，{achievement.get_maturity_bucket_display()}（{evidence}）"


def industry_address(industry: Industry) -> str:
    """The page of the industry to which the item belongs."""
    return reverse("industry_detail", args=[(industry.parent or industry).slug])


def _wanted(achievement: Achievement, user: User | AnonymousUser) -> list[Wanted]:
    """The newest; none of anonymous firms, whose public industry may be wider than the one asked for."""
    demands = Demand.objects.visible_to(user).published().open()
    rows = demands.filter(industry=achievement.industry_id, is_anonymous=False).order_by("-published_at", "-pk")
    return [Wanted(row, first_sentence(public_text(row, "problem"), 60)) for row in rows[:MOST_WANTED]]


def _bases(achievement: Achievement, user: User | AnonymousUser) -> list[Base]:
    """Listed bases of the industry that take what is as mature as the achievement."""
    keys = [key for key in (achievement.industry_id, achievement.industry.parent_id) if key]
    bases = Base.objects.visible_to(user).listed().filter(fields__in=keys)
    if achievement.maturity_bucket:
        bases = bases.filter(takes__contains=[achievement.maturity_bucket])
    return list(bases.select_related("region").distinct().order_by("name")[:MOST_BASES])


def page_context(achievement: Achievement, rows: IndustryRows, *, has_pictures: bool = True) -> dict[str, Any]:
    """For the template: the page, and the pictures that are not its cover."""
    pictures = list(achievement.pictures.kept().filter(status=Picture.Status.READY)) if has_pictures else []
    return {"product": product_page(achievement, pictures, rows), "pictures": pictures}
