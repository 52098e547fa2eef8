"""What each person may know of a pair after the nod, and which of them wait for whom. No rule lives here."""

from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, QuerySet

from accounts.models import ContactShare
from core.scope import scope_of
from demands.masking import identifying_names, mask_firm
from demands.permissions import manages
from matching.models import FollowUp, SideResponse, with_open_inquiry

TABS = {
    "mine": "等我处理",
    "asking": "征询意愿",
    "talks": "洽谈中",
    "intent": "已达意向",
    "deal": "已转入成交",
    "closed": "已结束",
    "overdue": "已逾期",
}


@dataclass(frozen=True)
class SideShown:
    """One side as this reader may know it. `word` and `style`: its answer; the rest is empty where it is not theirs."""

    row: SideResponse
    title: str
    name: str
    word: str
    style: str
    is_own: bool
    is_known: bool
    """Whether the reader knows when and by whom it was answered, and what was asked: the side itself, and staff."""
    reason: str
    shows_contact: bool

    @property
    def due(self):
        return self.row.due_on if self.row.is_open and self.row.follow_up.status == FollowUp.Status.ASKING else None


STYLES = {"asked": "b-wait", "more": "b-hold", "willing": "b-ok", "unwilling": "b-no"}


def follow_ups_of(user) -> QuerySet:
    """What lists and pages need, in a number of queries that does not grow."""
    sides = SideResponse.objects.select_related("contact", "answered_by").order_by("side")
    return (
        FollowUp.objects.visible_to(user)
        .select_related("match__achievement__institution", "match__demand__firm__stat_region", "owner")
        .prefetch_related(Prefetch("responses", sides))
    )


def in_tab(rows: QuerySet, tab: str, user) -> QuerySet:
    if tab == "mine":
        return rows.filter(_waits_for(user))
    if tab == "overdue":
        return rows.filter(pk__in=FollowUp.objects.overdue().values("pk"))
    return rows.filter(status=tab) if tab in TABS else rows


def tab_counts(rows: QuerySet, user) -> dict[str, int]:
    """How many in each tab: three questions, however many rows."""
    by_status = dict(rows.order_by().values_list("status").annotate(Count("pk")))
    rest = {tab: in_tab(rows, tab, user).order_by().count() for tab in ("mine", "overdue")}
    return {tab: rest.get(tab, by_status.get(tab, 0)) for tab in TABS} | {"": sum(by_status.values())}


def waiting_for(user) -> QuerySet:
    """Where a side of this user's has to answer, or the user's own next step is due or asked for."""
    return FollowUp.objects.visible_to(user).filter(_waits_for(user))


def _waits_for(user) -> Q:
    unanswered = SideResponse.objects.awaiting_answer_of(user).exclude(with_open_inquiry())
    asked = SideResponse.objects.awaiting_answer().filter(with_open_inquiry(), follow_up__match__reviewed_by=user.pk)
    late = FollowUp.objects.overdue().filter(owner=user.pk)
    return Q(pk__in=unanswered.values("follow_up")) | Q(pk__in=asked.values("follow_up")) | Q(pk__in=late.values("pk"))


def sides_shown(follow_up: FollowUp, user) -> list[SideShown]:
    """Both sides. Before both are willing a side learns of the other only whether it has answered; of a refusal, that
    it was one, and its reason if it may."""
    scope = scope_of(user)
    knows_all = scope.sees_all or manages(user, follow_up.match.demand.firm)
    shared = set()
    if follow_up.is_agreed:
        shares = ContactShare.objects.open_to(user).filter(about=follow_up.about)
        shared = set(shares.values_list("contact_id", flat=True))
    return [_side(row, follow_up, user, knows_all, shared) for row in follow_up.responses.all()]


def _side(row: SideResponse, follow_up: FollowUp, user, knows_all: bool, shared: set) -> SideShown:
    scope = scope_of(user)
    row.follow_up = follow_up
    match, is_firm = follow_up.match, row.side == "firm"
    owner = match.demand.firm if is_firm else match.achievement.institution
    is_own = owner.pk in (scope.firm_ids if is_firm else scope.institution_ids)
    is_known = knows_all or is_own
    word, style = str(row.get_status_display()), STYLES[row.status]
    is_told = row.status == "unwilling" or follow_up.agreed_at
    if not is_known and not is_told:
        word, style = ("待答复", "b-wait") if row.is_open else ("已答复", "b-go")
    if row.is_late and follow_up.status == FollowUp.Status.ASKING:
        word, style = "逾期未答复", "b-no"
    reason = ""
    if row.status == "unwilling" and (is_known or row.is_reason_shared):
        reason = "：".join(filter(None, (str(row.get_reason_display()), row.note)))
    name = firm_name(follow_up, user) if is_firm else match.achievement.institution.name
    if is_firm and name != owner.name:
        reason = mask_firm(reason, identifying_names(match.demand))
    return SideShown(
        row=row,
        title="企业" if is_firm else "院校",
        name=name,
        word=word,
        style=style,
        is_own=is_own,
        is_known=is_known,
        reason=reason,
        shows_contact=not is_own and row.contact_id in shared,
    )


def firm_name(follow_up: FollowUp, user) -> str:
    """The firm by name to whom may know it: itself, its staff, and after both were willing whoever sees the pair."""
    demand, scope = follow_up.match.demand, scope_of(user)
    knows = (
        follow_up.agreed_at is not None
        or scope.sees_all
        or manages(user, demand.firm)
        or demand.firm_id in scope.firm_ids
    )
    return demand.firm.name if knows else demand.public_firm_name
