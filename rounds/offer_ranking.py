"""What a party may ask to talk about, ranked for it: what matches its own needs or achievements, then what is of their
industries, then the rest in the order of the list. Each with its reason."""

from dataclasses import dataclass

from django.db.models import QuerySet

from achievements.models import Achievement
from demands.models import Demand
from matching.models import Match
from rounds.models import Party

MATCHED, SAME_INDUSTRY, SAME_BRANCH, OTHER = range(4)
INDUSTRY = ("industry", "industry__parent", "industry__name", "industry__parent__name")
CAUTION = "；这项需求是匿名发布的，提出以后院校会知道它的企业来参加"


@dataclass(frozen=True, slots=True)
class RankedOffer:
    """`pk`: of the achievement or demand. `reason`: empty if nothing speaks for it."""

    pk: int
    rank: int = OTHER
    reason: str = ""


def ranked_offers(party: Party, offers: QuerySet) -> list[RankedOffer]:
    """The best first, in three queries. `offers`: achievements for a firm, demands for an institution.

    Only accepted matches count: others are not shown to the two sides.
    """
    is_firm = party.side == Party.Side.FIRM
    own = _own(party)
    matched = _matches(is_firm, own, offers)
    industries, branches = _industries(own)
    ranked = []
    for pk, industry, branch, name, branch_name in offers.values_list("pk", *INDUSTRY):
        whose = "贵单位需求" if is_firm else "贵单位成果"
        if pk in matched:
            score, title, caution = matched[pk]
            offer = RankedOffer(pk, MATCHED, f"与{whose}“{title}”匹配度 {score}{caution}")
        elif industry in industries:
            offer = RankedOffer(pk, SAME_INDUSTRY, f"与{whose}“{industries[industry]}”同属{name}")
        elif (branch or industry) in branches:
            offer = RankedOffer(pk, SAME_BRANCH, f"与{whose}“{branches[branch or industry]}”同属{branch_name or name}")
        else:
            offer = RankedOffer(pk)
        ranked.append(offer)
    return sorted(ranked, key=lambda offer: (offer.rank, -matched.get(offer.pk, (0,))[0]))


def ranking_note(party: Party, offers: list[RankedOffer]) -> str:
    """How the list is ordered, and plainly if nothing in it matches."""
    if not offers:
        return ""
    is_firm = party.side == Party.Side.FIRM
    own, what = ("需求", "成果") if is_firm else ("成果", "需求")
    order = "推介名单的顺序" if is_firm else "发布时间"
    counts = {rank: sum(offer.rank == rank for offer in offers) for rank in range(OTHER + 1)}
    alike = counts[SAME_INDUSTRY] + counts[SAME_BRANCH]
    if counts[MATCHED]:
        return f"和贵单位{own}匹配的 {counts[MATCHED]} 项在前" + (f"，然后是产业相同的 {alike} 项。" if alike else "。")
    if not _own(party).exists():
        return f"贵单位还没有公开的{own}，所以按{order}排列；公开{own}以后，合适的会排在前面。"
    if alike:
        return f"没有和贵单位{own}匹配的{what}。产业相同的 {alike} 项在前，其余按{order}排列。"
    return f"没有和贵单位{own}匹配的{what}，产业也都不同，所以按{order}排列。"


def _own(party: Party) -> QuerySet:
    """What the party's organisation needs or offers in public."""
    if party.side == Party.Side.FIRM:
        return Demand.objects.open().filter(firm=party.organisation_id)
    return Achievement.objects.on_offer().filter(institution=party.organisation_id)


def _matches(is_firm: bool, own: QuerySet, offers: QuerySet) -> dict[int, tuple[int, str, str]]:
    """{offer: (score, title of the own side, what asking for it tells)}; of several the best."""
    mine, theirs = ("demand", "achievement") if is_firm else ("achievement", "demand")
    rows = Match.objects.accepted().filter(**{f"{mine}__in": own.values("pk"), f"{theirs}__in": offers.values("pk")})
    best: dict[int, tuple[int, str, str]] = {}
    for match in rows.select_related(mine, "follow_up").order_by("-score", "pk"):
        follow_up = getattr(match, "follow_up", None)
        is_hidden = is_firm and match.demand.is_anonymous and (follow_up is None or follow_up.agreed_at is None)
        row = (match.whole_score, getattr(match, mine).title, CAUTION if is_hidden else "")
        best.setdefault(getattr(match, f"{theirs}_id"), row)
    return best


def _industries(own: QuerySet) -> tuple[dict[int, str], dict[int, str]]:
    """{industry: title of an own row in it}, and the same by the branch above it."""
    industries: dict[int, str] = {}
    branches: dict[int, str] = {}
    for industry, branch, title in own.order_by("pk").values_list("industry", "industry__parent", "title"):
        if industry is not None:
            industries.setdefault(industry, title)
            branches.setdefault(branch or industry, title)
    return industries, branches
