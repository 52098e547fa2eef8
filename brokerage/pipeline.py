"""商机进程: the cases of a broker by stage. The stage is read from the records and typed by nobody.

A case is a chain of records: request, mandate, approach, follow-up, deal. It stands where its last record stands, and
is shown once, by that record.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.names import name_for
from brokerage.models import HelpRequest, NextStep
from core.scope import scope_of
from deals.models import Deal
from enquiries.models import Approach
from enquiries.models.approach import Side
from mandates.models import Mandate, MandatedAct
from matching.models import BrokerRequest, FollowUp

STAGES = {
    "request": "请求",
    "mandate": "受托",
    "recommended": "推荐",
    "talks": "洽谈",
    "intent": "意向",
    "contract": "合同",
    "registered": "登记",
    "over": "已结束",
}
MOST_CASES = 400
"""Records of each kind, the newest first."""
OWN, CLIENT, OTHER, STAFF = "等您", "等委托方", "等对方", "等科技部门"
FOLLOW_UP_STAGES = {
    "asking": ("recommended", OTHER),
    "talks": ("talks", OWN),
    "intent": ("intent", OWN),
    "deal": ("intent", OWN),
    "closed": ("over", ""),
    "withdrawn": ("over", ""),
}
DEAL_STAGES = {
    "intent": ("intent", OWN),
    "signed": ("contract", OWN),
    "registered": ("registered", ""),
    "performing": ("registered", ""),
    "landed": ("registered", ""),
    "reviewed": ("registered", ""),
    "failed": ("over", ""),
}


@dataclass(frozen=True)
class Case:
    """key: kind and primary key of the record; `keys`: also those of the records that it continues."""

    kind: str
    pk: int
    title: str
    client: str
    other: str
    stage: str
    since: date
    url: str
    waits_for: str = ""
    due_on: date | None = None
    keys: tuple[tuple[str, int], ...] = ()
    step: NextStep | None = None

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.pk}"

    @property
    def stage_label(self) -> str:
        return STAGES[self.stage]

    @property
    def is_late(self) -> bool:
        day = self.step.due_on if self.step else self.due_on
        return day is not None and day < timezone.localdate()


def cases_of(user: User) -> list[Case]:
    """All cases of a broker, the furthest first. About ten queries."""
    deals = _deals(user)
    follow_ups = _follow_ups(user, {deal.follow_up_id for deal in deals if deal.follow_up_id})
    continued = {deal.follow_up.match_id for deal in deals if deal.follow_up}
    continued |= {row.match_id for row in follow_ups}
    approaches = [row for row in _approaches(user) if row.match_id not in continued]
    mandates = _mandates(user)
    requests = list(HelpRequest.objects.received_by(user).with_rows()[:MOST_CASES])
    acts = _acts_by_mandate(mandates)
    cases = [
        *(_deal_case(deal, user) for deal in deals),
        *(_follow_up_case(row, user) for row in follow_ups),
        *(_approach_case(row, user) for row in approaches),
        *_mandate_cases(mandates, acts, cases_clients(deals, follow_ups, approaches)),
        *_request_cases(requests, user),
    ]
    steps = {(step.subject_type, step.subject_id): step for step in NextStep.objects.visible_to(user).open()}
    cases = [replace(case, step=_step_of(case, steps)) for case in cases]
    order = list(STAGES)
    return sorted(cases, key=lambda case: (-order.index(case.stage) if case.stage != "over" else 1, case.since))


def by_stage(cases: Iterable[Case]) -> list[tuple[str, str, list[Case]]]:
    """(stage, label, its cases) for every stage, in the order of the way."""
    groups: dict[str, list[Case]] = {stage: [] for stage in STAGES}
    for case in cases:
        groups[case.stage].append(case)
    return [(stage, STAGES[stage], rows) for stage, rows in groups.items()]


def cases_clients(deals: Iterable[Deal], follow_ups: Iterable[FollowUp], approaches: Iterable[Approach]) -> set[int]:
    """Organisations for which something has gone on beyond the mandate itself."""
    going = {pk for deal in deals for pk in (deal.seller_id, deal.buyer_id) if pk}
    for row in follow_ups:
        going |= {row.match.demand.firm_id, row.match.achievement.institution_id}
    return going | {pk for row in approaches for pk in (row.firm_id, row.institution_id)}


# --- Rows ------------------------------------------------------------------------------------------------------------
def _deals(user: User) -> list[Deal]:
    rows = Deal.objects.filter(broker__user=scope_of(user).user_id) | Deal.objects.filter(
        broker=None, agency__organisation__in=scope_of(user).agency_ids
    )
    return list(rows.with_pair().order_by("-made_at")[:MOST_CASES])


def _follow_ups(user: User, besides: set[int]) -> list[FollowUp]:
    """Pairs that the broker took over, and those of clients' matters that he conducted."""
    taken = BrokerRequest.objects.filter(broker__user=scope_of(user).user_id, status=BrokerRequest.Status.TAKEN)
    conducted = Approach.objects.filter(pk__in=_conducted(user, "enquiries.approach"), match__isnull=False)
    rows = FollowUp.objects.visible_to(user).filter(
        Q(match__in=taken.values("match"))
        | Q(match__in=conducted.values("match"))
        | Q(match__demand__in=_conducted(user, "demands.demand"))
    )
    rows = rows.exclude(pk__in=besides).exclude(status=FollowUp.Status.DEAL)
    pair = ("match__demand__firm", "match__achievement__institution")
    return list(rows.select_related(*pair).order_by("-opened_at")[:MOST_CASES])


def _approaches(user: User) -> list[Approach]:
    """Of clients, those in which somebody of the user's side has acted; the client's own ones are not the broker's."""
    rows = Approach.objects.mandated_to(user).filter(pk__in=_conducted(user, "enquiries.approach"))
    return list(rows.with_pair().order_by("-last_event_at")[:MOST_CASES])


def _conducted(user: User, kind: str) -> QuerySet:
    """Keys of the rows of a kind about which there is an act under a mandate that the user holds or held."""
    acts = MandatedAct.objects.filter(subject_type=kind, mandate__in=Mandate.objects.held_by(user).values("pk"))
    return acts.order_by().values("subject_id")


def _mandates(user: User) -> list[Mandate]:
    return list(Mandate.objects.held_by(user).filter(status__in=Mandate.OPEN).with_sides()[:MOST_CASES])


def _acts_by_mandate(mandates: list[Mandate]) -> set[int]:
    rows = MandatedAct.objects.filter(mandate__in=mandates).order_by()
    return set(rows.values_list("mandate", flat=True).distinct())


# --- Cases -----------------------------------------------------------------------------------------------------------
def _deal_case(deal: Deal, user: User) -> Case:
    stage, waits_for = DEAL_STAGES[deal.stage]
    if waits_for and deal.broker_id is None:
        waits_for = OTHER  # of an agency that takes part, and reads: the two sides and the staff go on
    follow_up = deal.follow_up
    keys = (("follow-up", follow_up.pk),) if follow_up else ()
    url = reverse("deal", args=[deal.public_id])
    return Case(
        "deal",
        deal.pk,
        deal.name,
        deal.buyer_label,
        deal.seller_label,
        stage,
        deal.stage_on,
        url,
        waits_for,
        keys=keys,
    )


def _follow_up_case(row: FollowUp, user: User) -> Case:
    stage, waits_for = FOLLOW_UP_STAGES[row.status]
    row.match.follow_up = row
    return Case(
        "follow-up",
        row.pk,
        row.match.achievement.title,
        name_for(row.match.demand.firm, user, row.match),
        row.match.achievement.institution.name,
        stage,
        timezone.localdate(row.agreed_at or row.opened_at),
        reverse("follow_up", args=[row.public_id]),
        waits_for if row.owner_id == scope_of(user).user_id or row.status == "asking" else STAFF if waits_for else "",
        due_on=row.next_on,
    )


def _approach_case(row: Approach, user: User) -> Case:
    is_over = row.status == Approach.Status.ENDED
    stage = "over" if is_over else "talks" if row.status == Approach.Status.TALK else "recommended"
    agreed = row.firm_agreed_at or row.institution_agreed_at
    if is_over:
        waits_for = ""
    elif row.awaits_answer:
        waits_for = OTHER if row.sender_side == Side.FIRM else OWN
    else:
        waits_for = CLIENT if agreed else OWN
    return Case(
        "approach",
        row.pk,
        row.achievement.title if row.achievement else str(row),
        name_for(row.firm, user, row),
        row.institution.name,
        stage,
        timezone.localdate(row.last_event_at),
        reverse("approach", args=[row.public_id]),
        waits_for,
        due_on=row.answer_due_on if row.awaits_answer else None,
    )


def _mandate_cases(mandates: Iterable[Mandate], acts: set[int], going: set[int]) -> Iterator[Case]:
    """Mandates for whose clients nothing has gone further yet."""
    for mandate in mandates:
        if mandate.client_id in going and mandate.status == Mandate.Status.CONFIRMED:
            continue
        is_waiting = mandate.status == Mandate.Status.PROPOSED
        asks_client = is_waiting and mandate.proposed_side == Mandate.Side.AGENT
        yield Case(
            "mandate",
            mandate.pk,
            mandate.purpose[:80],
            str(mandate.client),
            "",
            "over" if mandate.is_expired else "mandate",
            timezone.localdate(mandate.confirmed_at or mandate.proposed_at),
            reverse("mandate", args=[mandate.public_id]),
            "" if mandate.is_expired else CLIENT if asks_client else OTHER if mandate.pk in acts else OWN,
        )


def _request_cases(requests: Iterable[HelpRequest], user: User) -> Iterator[Case]:
    """Requests that have not led to a mandate."""
    for request in requests:
        if request.mandate is not None and request.mandate.status in Mandate.OPEN:
            continue
        is_open = request.status in HelpRequest.OPEN
        yield Case(
            "request",
            request.pk,
            request.headline,
            name_for(request.asker, user, request),
            "",
            "request" if is_open else "over",
            timezone.localdate(request.answered_at or request.asked_at),
            reverse("help_request", args=[request.public_id]),
            OWN if is_open else "",
            due_on=request.answer_due_on if request.status == HelpRequest.Status.SENT else None,
        )


def _step_of(case: Case, steps: dict[tuple[str, int], NextStep]) -> NextStep | None:
    """The step of the case, else that of an earlier record of its chain."""
    keys = [(case.kind, case.pk), *case.keys]
    return next((steps[key] for key in keys if key in steps), None)
