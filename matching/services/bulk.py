"""Many matches, one verdict and one reason: looked at before it is done, undoable as one."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from audit.services import record_many
from demands.models import Demand
from matching.models import Decision, Match, Reservation
from matching.services.asking import ask_sides
from matching.services.decisions import Step, as_decision, may_review, plain, trail_of
from matching.services.review import check_reason, verdict

MOST = 500
CHOSEN_PER_DEMAND = 3
WORDS = {"accept": ("accepted", Decision.Kind.ACCEPT), "reject": ("rejected", Decision.Kind.REJECT)}


@dataclass(frozen=True, slots=True)
class Sorted:
    """`ready`: what the verdict would fall on. `excepted`: what it would pass by, each with a sentence why."""

    ready: list[Match]
    excepted: list[tuple[Match, str]]


def preview(public_ids: Collection[str], *, by) -> Sorted:
    """What a verdict on these matches would do now; nothing is changed. Raises ValidationError for none or too many."""
    return _sort(_chosen(public_ids, by), by)


@transaction.atomic
def decide_many(public_ids: Collection[str], verb: str, *, by, batch: UUID, reason: str = "", note: str = "") -> Sorted:
    """Accept or reject (`verb`) those that can be. Sent again with the same `batch`, it only says what it did.

    Raises ValidationError for none, too many, or a rejection without a reason.
    """
    if verb == "reject":
        check_reason(reason)
    rows = _chosen(public_ids, by)
    _lock(Match.objects.filter(pk__in=[row.pk for row in rows]))
    if done := _made_by(batch, by):
        return Sorted(done, [])
    return _decide(_chosen(public_ids, by), verb, by=by, batch=batch, reason=reason, note=note)


@transaction.atomic
def choose_for_demand(
    demand: Demand,
    chosen: Collection[str],
    *,
    by,
    batch: UUID,
    rest: Collection[str] = (),
    reason: str = "",
) -> tuple[Sorted, Sorted]:
    """Accept up to three proposals of one need, and for a reason reject those of `rest` that still wait: what the
    officer has seen and not chosen.

    Returns what became of the chosen and of the rest. Raises ValidationError when more than three would be accepted.
    """
    of_demand = Match.objects.managed_by(by).filter(demand=demand)
    _lock(of_demand)
    if done := _made_by(batch, by):
        return (
            Sorted([row for row in done if row.status == Match.Status.ACCEPTED], []),
            Sorted([row for row in done if row.status == Match.Status.REJECTED], []),
        )
    wanted = set(chosen)
    standing = of_demand.accepted().exclude(public_id__in=wanted).count()
    if standing + len(wanted) > CHOSEN_PER_DEMAND:
        raise ValidationError(
            _("一项需求最多采纳 %(most)s 条：已采纳 %(standing)s 条，又选了 %(chosen)s 条。")
            % {"most": CHOSEN_PER_DEMAND, "standing": standing, "chosen": len(wanted)}
        )
    if of_demand.filter(public_id__in=wanted).count() != len(wanted):
        raise ValidationError(_("所选匹配不属于这项需求，请刷新后重选。"))
    if rest := sorted(set(rest) - wanted):
        check_reason(reason)
        proposed = of_demand.filter(status=Match.Status.PROPOSED, public_id__in=rest)
        rest = list(proposed.values_list("public_id", flat=True))
    if not wanted and not rest:
        raise ValidationError(_("请先选择要采纳的成果。"))
    accepted = rejected = Sorted([], [])
    if wanted:
        accepted = _decide(_chosen(wanted, by), "accept", by=by, batch=batch)
    if rest:
        rejected = _decide(_chosen(rest, by), "reject", by=by, batch=batch, reason=reason)
    return accepted, rejected


def _lock(rows) -> None:
    """The rows' own locks, always in the same order; whoever decides one of them meanwhile waits or is passed by."""
    list(rows.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))


def _made_by(batch: UUID, by) -> list[Match]:
    """What an earlier sending of this batch has done."""
    rows = Match.objects.filter(decisions__batch=batch, decisions__by=by)
    return list(rows.select_related("achievement", "demand").order_by("pk"))


def _decide(rows: list[Match], verb: str, *, by, batch: UUID, reason: str = "", note: str = "") -> Sorted:
    """The common verdict on those of the locked rows that it can fall on."""
    found = _sort(rows, by)
    status, kind = WORDS[verb]
    changes = verdict(status, by, note, reject_reason=reason)
    ready = Match.objects.filter(pk__in=[row.pk for row in found.ready], status=Match.Status.PROPOSED)
    ready.update(**changes, revision=F("revision") + 1)
    decisions = []
    for row in found.ready:
        before = {name: plain(getattr(row, name)) for name in changes}
        for name, value in changes.items():
            setattr(row, name, value)
        row.revision += 1
        step = Step(key=uuid5(batch, str(row.pk)), batch=batch)
        decisions.append(as_decision(row, kind, before, by=by, step=step, reason=reason, note=note))
    Decision.objects.bulk_create(decisions)
    record_many("审核匹配", {decision.match: trail_of(decision) for decision in decisions}, by=by)
    if status == Match.Status.ACCEPTED:
        ask_sides(found.ready, by=by)
    return found


def _chosen(public_ids: Collection[str], by) -> list[Match]:
    if not public_ids or len(public_ids) > MOST:
        raise ValidationError(_("请选择 1 到 %(most)s 条匹配。") % {"most": MOST})
    rows = Match.objects.managed_by(by).filter(public_id__in=public_ids)
    return list(rows.select_related("run", "achievement", "demand__firm", "assigned_to", "reviewed_by").order_by("pk"))


def _sort(rows: list[Match], by) -> Sorted:
    ready, excepted = [], []
    asked = set(Match.objects.filter(pk__in=[row.pk for row in rows]).asked_about().values_list("pk", flat=True))
    looking = dict(
        Reservation.objects.current()
        .filter(match__in=[row.pk for row in rows], is_open=True)
        .exclude(user=by)
        .values_list("match_id", "user__name")
    )
    for row in rows:
        why = _exception(row, by, row.pk in asked, looking.get(row.pk))
        if why:
            excepted.append((row, why))
        else:
            ready.append(row)
    return Sorted(ready, excepted)


def _exception(match: Match, by, is_asked: bool, looker: str | None) -> str:
    """Why a common verdict passes this match by; empty if it does not."""
    if not may_review(match, by):
        return _("不在您负责的区市县")
    if match.status != Match.Status.PROPOSED:
        return _("已由%(who)s审核（%(what)s）") % {"who": match.reviewed_by, "what": match.get_status_display()}
    if match.assigned_to_id not in (None, by.pk):
        return _("已交给%(who)s") % {"who": match.assigned_to}
    if is_asked:
        return _("有一个问题在等答复")
    return _("%(who)s正在看") % {"who": looker} if looker else ""
