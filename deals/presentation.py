"""What a person sees of deals: the list by stage, and one deal with where it came from. No rule lives here."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from achievements.models import Achievement
from core.scope import scope_of
from deals.models import Contract, Deal, Payment
from deals.stages import ORDER
from demands.models import Demand
from matching.models import FollowUp

STYLES = {"failed": "b-no", "intent": "b-wait", "signed": "b-go"}
TO_CONFIRM = (Contract.Status.SUBMITTED, Contract.Status.REGISTERED)


@dataclass(frozen=True)
class Origin:
    """One of the things a deal goes back to: what it is, its name, and its page where the reader may open it."""

    kind: str
    name: str
    url: str = ""


@dataclass(frozen=True)
class Fold:
    """What stands under one heading until somebody opens it."""

    title: str
    forms: list
    is_group: bool = False


@dataclass(frozen=True)
class StageShown:
    label: str
    is_done: bool
    is_here: bool


def deals_of(user) -> QuerySet:
    """What lists and pages need, in a number of queries that does not grow."""
    return Deal.objects.visible_to(user).with_pair().select_related("follow_up__owner")


def contracts_to_confirm(user) -> QuerySet:
    """Contracts where a side this user speaks for has still to confirm."""
    scope = scope_of(user)
    own = scope.firm_ids | scope.institution_ids
    return Contract.objects.filter(status__in=TO_CONFIRM, deal__isnull=False).filter(
        Q(seller__in=own, seller_confirmed_at=None) | Q(buyer__in=own, buyer_confirmed_at=None)
    )


def waiting_deals(user) -> QuerySet:
    """Deals in which this user has to confirm a contract."""
    return deals_of(user).filter(Exists(contracts_to_confirm(user).filter(deal=OuterRef("pk"))))


def tabs_of(rows: QuerySet, user) -> list[tuple[str, str, int]]:
    """(value, label, number) of each stage that has some, and of what waits for this user."""
    counts = Counter(dict(rows.order_by().values_list("stage").annotate(Count("pk"))))
    waiting = waiting_deals(user).order_by().count()
    tabs = [("mine", _("等我确认"), waiting)] if waiting else []
    return tabs + [(value, str(label), counts[value]) for value, label in Deal.Stage.choices if counts[value]]


def stages_shown(deal: Deal) -> list[StageShown]:
    here = ORDER.index(deal.stage) if deal.stage in ORDER else -1
    return [StageShown(str(Deal.Stage(value).label), at < here, at == here) for at, value in enumerate(ORDER)]


def folds_of(forms: list) -> list[Fold]:
    """Each form under its own title; the reform instruments, which most deals do without, together under one, before
    what ends the deal."""
    found = [Fold(form.title, [form]) for form in forms if not form.is_instrument]
    if instruments := [form for form in forms if form.is_instrument]:
        before = next((at for at, one in enumerate(found) if one.forms[0].action == "fail"), len(found))
        found.insert(before, Fold(_("改革试点方式的约定"), instruments, is_group=True))
    return found


def style_of(deal: Deal) -> str:
    return STYLES.get(deal.stage, "b-ok")


def origins_of(deal: Deal, user) -> list[Origin]:
    """Each step leads back to the one before: follow-up, meeting, match's need and achievement."""
    found = []
    if deal.follow_up_id:
        seen = FollowUp.objects.visible_to(user).filter(pk=deal.follow_up_id).exists()
        url = reverse("follow_up", args=[deal.follow_up.public_id]) if seen else ""
        score = deal.follow_up.match.whole_score
        found.append(Origin(_("匹配与对接跟进"), _("匹配度 %(score)s") % {"score": score}, url))
    if deal.meeting_id:
        round_ = deal.meeting.docking_round
        found.append(Origin(_("洽谈"), round_.name, reverse("round_detail", args=[round_.public_id])))
    if need := deal.need:
        seen = Demand.objects.visible_to(user).filter(pk=need.pk).exists()
        found.append(Origin(_("需求"), need.title, reverse("demand_detail", args=[need.public_id]) if seen else ""))
    if item := deal.item:
        seen = Achievement.objects.visible_to(user).filter(pk=item.pk).exists()
        url = reverse("achievement_detail", args=[item.public_id]) if seen else ""
        found.append(Origin(_("成果"), item.title, url))
    return found


def money_of(deal: Deal) -> list[tuple[str, Decimal | None]]:
    """The four sums, never mixed: 意向, 签约, 登记, 到账; in 万元."""
    registered = (
        Contract.objects.registered().filter(deal=deal).aggregate(amount=Sum("amount_wan"), tech=Sum("tech_amount_wan"))
    )
    paid = Payment.objects.counted().filter(deal=deal).aggregate(total=Sum("amount_wan"))["total"]
    return [
        (_("意向金额"), deal.intent_wan),
        (_("签约金额"), deal.signed_wan),
        (_("登记成交额"), registered["amount"]),
        (_("核定技术交易额"), registered["tech"]),
        (_("到账金额"), paid),
    ]
