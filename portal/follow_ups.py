"""Follow-ups of accepted matches as a user may see them: filters by tab, the two sides, the name of the firm."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Count, Prefetch, QuerySet

from accounts.models import ContactShare, User
from accounts.names import knows_name, name_for
from core.scope import scope_of
from demands.masking import identifying_names, mask_firm
from demands.permissions import manages
from matching.awaiting import awaits_user
from matching.models import FollowUp, SideResponse
from matching.services.statements import binding_words, is_intent, valid_words

WAITING = {
    "other": "对方表示“%(stance)s”，待本单位确认",
    "host": "现场记录“%(stance)s”，待本单位确认",
    "phone": "电话答复“愿意对接”，待本人确认",
    "intent": "跟进人记录已达成意向，待本单位确认",
}
"""Texts of open questions by their kind."""

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
class VisibleSide:
    """One side of a follow-up as a user may see it."""

    row: SideResponse
    title: str
    name: str
    label: str
    """The answer, or only whether there is one."""
    style: str
    is_own: bool
    shows_details: bool
    """Whether the user sees who answered when, and the inquiries: users of the side and staff do."""
    reason: str
    shows_contact: bool
    waits: str = ""
    """What this side has said and what is waited for; empty if nothing is."""
    may_state_intent: bool = False

    @property
    def answered_by(self) -> str:
        """Who answered: a user of the side, its code or link, or the officer who recorded a refusal by telephone."""
        if self.row.spoken_with:
            return f"{self.row.spoken_with}电话答复，由{self.row.answered_by}记录"
        own = str(self.row.answered_by) if self.row.answered_by else "凭邀请码或确认链接"
        return f"洽谈后答复，{own}" if self.row.answered_in_person else own

    @property
    def due_on(self) -> date | None:
        return self.row.due_on if self.row.is_open and self.row.follow_up.status == FollowUp.Status.ASKING else None


STYLES = {"asked": "b-wait", "more": "b-hold", "willing": "b-ok", "unwilling": "b-no"}


def visible_follow_ups(user: User) -> QuerySet[FollowUp]:
    """The follow-ups the user may see, with the related rows that lists and pages show."""
    sides = SideResponse.objects.select_related("contact", "answered_by").order_by("side")
    return (
        FollowUp.objects.visible_to(user)
        .select_related("match__achievement__institution", "match__demand__firm__stat_region", "owner")
        .prefetch_related(
            Prefetch("responses", sides), "requests", "match__statements", "match__broker_requests__broker"
        )
    )


def in_tab(rows: QuerySet[FollowUp], tab: str, user: User) -> QuerySet[FollowUp]:
    if tab == "mine":
        return rows.filter(awaits_user(user))
    if tab == "overdue":
        return rows.filter(pk__in=FollowUp.objects.overdue().values("pk"))
    return rows.filter(status=tab) if tab in TABS else rows


def tab_counts(rows: QuerySet[FollowUp], user: User) -> dict[str, int]:
    """The number of rows in each tab; "" is the number of all rows. Three queries."""
    by_status: dict[str, Any] = dict(rows.order_by().values_list("status").annotate(Count("pk")))
    computed = {tab: in_tab(rows, tab, user).order_by().count() for tab in ("mine", "overdue")}
    return {tab: computed.get(tab, by_status.get(tab, 0)) for tab in TABS} | {"": sum(by_status.values())}


def visible_sides(follow_up: FollowUp, user: User) -> list[VisibleSide]:
    """Both sides as the user may see them.

    Until both sides are willing, a side sees of the other side only whether it has answered. A refusal is visible at
    once, its reason only if the refusing side shares it.
    """
    scope = scope_of(user)
    is_staff = scope.sees_all or manages(user, follow_up.match.demand.firm)
    shared_contact_ids = set()
    if follow_up.is_agreed:
        shares = ContactShare.objects.open_to(user).filter(about=follow_up.about)
        shared_contact_ids = set(shares.values_list("contact_id", flat=True))
    waiting = waiting_words(follow_up)
    silent = intentless_sides(follow_up)
    sides = [_visible_side(row, follow_up, user, is_staff, shared_contact_ids) for row in follow_up.responses.all()]
    return [
        replace(
            side,
            # A recorded call is an answer: the other side reads it as little as an answer.
            waits="" if side.row.reported_at and not side.shows_details else waiting.get(side.row.side, ""),
            may_state_intent=side.is_own and side.row.side in silent,
        )
        for side in sides
    ]


def intentless_sides(follow_up: FollowUp) -> set[str]:
    """The sides in talks that have not said that they have an intent, and are not asked whether they have."""
    if follow_up.status != FollowUp.Status.TALKS:
        return set()
    asked = {request.side for request in follow_up.requests.all() if request.is_open}
    words = valid_words(follow_up, binding_words(follow_up.match))
    return {
        row.side
        for row in follow_up.responses.all()
        if row.side not in asked and not (row.side in words and is_intent(follow_up, words[row.side]))
    }


def waiting_words(follow_up: FollowUp) -> dict[str, str]:
    """{side: what it has said alone, or what it is asked to confirm}, for an agreed status that is not reached yet.

    Each text may be read by both sides: it names the kind of a word, never a reason or a sum.
    """
    if not follow_up.is_running or follow_up.status == FollowUp.Status.INTENT:
        return {}
    texts = {}
    for request in follow_up.requests.all():
        if request.is_open:
            texts[request.side] = WAITING[request.kind] % {"stance": request.get_stance_display()}
    for side, word in valid_words(follow_up, binding_words(follow_up.match)).items():
        has_asked = any(row.kind == "other" and row.side != side for row in follow_up.requests.all() if row.is_open)
        if side not in texts and (has_asked or (follow_up.status == "talks" and is_intent(follow_up, word))):
            texts[side] = f"已表示“{word.get_stance_display()}”，等对方确认"
    return texts


def _visible_side(
    row: SideResponse, follow_up: FollowUp, user: User, is_staff: bool, shared_contact_ids: set[int]
) -> VisibleSide:
    scope = scope_of(user)
    row.follow_up = follow_up
    match, is_firm = follow_up.match, row.side == "firm"
    owner = match.demand.firm if is_firm else match.achievement.institution
    is_own = owner.pk in (scope.firm_ids if is_firm else scope.institution_ids)
    shows_details = is_staff or is_own
    label, style = _answer_label(row, follow_up, shows_details)
    reason = ""
    if row.status == "unwilling" and (shows_details or row.is_reason_shared):
        reason = "：".join(filter(None, (str(row.get_reason_display()), row.note)))
    name = visible_firm_name(follow_up, user) if is_firm else match.achievement.institution.name
    if is_firm and not knows_name(owner, user, match):
        reason = mask_firm(reason, identifying_names(match.demand))
    return VisibleSide(
        row=row,
        title="企业" if is_firm else "院校",
        name=name,
        label=label,
        style=style,
        is_own=is_own,
        shows_details=shows_details,
        reason=reason,
        shows_contact=not is_own and row.contact_id in shared_contact_ids,
    )


def _answer_label(row: SideResponse, follow_up: FollowUp, shows_details: bool) -> tuple[str, str]:
    """The label and the badge style of a side's answer."""
    if row.is_late and follow_up.status == FollowUp.Status.ASKING:
        return "逾期未答复", "b-no"
    if shows_details or row.status == "unwilling" or follow_up.agreed_at:
        return str(row.get_status_display()), STYLES[row.status]
    return ("待答复", "b-wait") if row.is_open else ("已答复", "b-go")


def visible_firm_name(follow_up: FollowUp, user: User) -> str:
    match = follow_up.match
    match.follow_up = follow_up  # so that the match does not query for it
    return name_for(match.demand.firm, user, match)
