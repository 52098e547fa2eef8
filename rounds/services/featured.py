"""The featured list of a round: preview the proposal, pin, ban, reorder, change the rules, apply the list.

Marks and rules belong to the plan, which only staff see; the public list changes when the proposal is applied. Changes
of the plan name the `revision` that the user saw, applying names the `fingerprint` of the list.
"""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Organisation, User
from achievements.models import Achievement
from audit.services import record
from rounds.featured import (
    Candidate,
    FeaturedProposal,
    InfeasibleRulesError,
    InvalidRulesError,
    ListChange,
    ListedItem,
    ManualDecisions,
    SelectionRules,
    compare_lists,
    select_featured,
)
from rounds.models import DockingRound, FeaturedAchievement, FeaturedMark, FeaturedSelection
from rounds.services.featured_candidates import candidates_for
from taxonomy.models import Industry

SELECT_PERMISSION = "rounds.select_featured"
Kind = FeaturedMark.Kind


@dataclass(frozen=True, slots=True)
class FeaturedOverview:
    """The plan of a round with its proposal (or the reason why there is none) and the list in force."""

    docking_round: DockingRound
    plan: FeaturedSelection
    rules: SelectionRules
    marks: dict[str, FeaturedMark]
    candidates: list[Candidate]
    names: dict[str, dict[str, str]]
    current: list[ListedItem]
    proposal: FeaturedProposal | None
    refusal: InfeasibleRulesError | None

    @property
    def changes(self) -> list[ListChange]:
        return compare_lists(self.current, self.proposal) if self.proposal else []

    @property
    def is_first_list(self) -> bool:
        """Whether the list in force was put together by hand: no proposal has been applied yet."""
        return bool(self.current) and self.plan.applied_at is None

    def with_rules(self, rules: SelectionRules) -> FeaturedProposal:
        """Return the proposal under other rules. Raises InvalidRulesError, InfeasibleRulesError."""
        return select_featured(self.candidates, rules, manual_decisions(self.marks), self.names)


def featured_overview(docking_round: DockingRound) -> FeaturedOverview:
    """Compute the current proposal of a round. Reads only."""
    plan = (
        FeaturedSelection.objects.select_related("changed_by", "applied_by").filter(docking_round=docking_round).first()
    )
    plan = plan or FeaturedSelection(docking_round=docking_round)
    rules = selection_rules(plan)
    marks = _marks(plan)
    candidates = candidates_for(docking_round)
    names = _names(candidates, rules)
    proposal = refusal = None
    try:
        proposal = select_featured(candidates, rules, manual_decisions(marks), names)
    except InfeasibleRulesError as error:
        refusal = error
    return FeaturedOverview(
        docking_round, plan, rules, marks, candidates, names, _current_list(docking_round), proposal, refusal
    )


def selection_rules(plan: FeaturedSelection) -> SelectionRules:
    """Return the stored rules of a plan, or default rules with the themes of the round."""
    if plan.rules:
        return SelectionRules.from_stored(plan.rules)
    return SelectionRules(themes=parse_themes(plan.docking_round.themes))


def parse_themes(text: str) -> tuple[str, ...]:
    words = (word.strip() for word in text.replace("，", "、").replace(",", "、").split("、"))
    return tuple(dict.fromkeys(word for word in words if len(word) > 1))


def manual_decisions(marks: dict[str, FeaturedMark]) -> ManualDecisions:
    return ManualDecisions(
        pins={key: _decision_text(mark) for key, mark in marks.items() if mark.kind == Kind.PIN},
        bans={key: _decision_text(mark) for key, mark in marks.items() if mark.kind == Kind.BAN},
        places={key: mark.place for key, mark in marks.items() if mark.place},
    )


def _decision_text(mark: FeaturedMark) -> str:
    return "%(reason)s（%(who)s）" % {"reason": mark.reason, "who": mark.made_by} if mark.made_by else mark.reason


@transaction.atomic
def pin_achievement(
    docking_round: DockingRound, achievement: Achievement, *, reason: str, revision: int, by: User
) -> None:
    """Pin an achievement (必选): the list contains it whatever the rules say.

    Raises PermissionDenied, ValidationError.
    """
    if not Achievement.objects.available().filter(pk=achievement.pk).exists():
        raise ValidationError("“%(title)s”现在不能推介（未公开、已过期、已转化或已下架）。" % {"title": achievement})
    _mark(docking_round, achievement, Kind.PIN, reason, revision, by)


@transaction.atomic
def ban_achievement(
    docking_round: DockingRound, achievement: Achievement, *, reason: str, revision: int, by: User
) -> None:
    """Ban an achievement (不选): the list does not contain it.

    Raises PermissionDenied, ValidationError.
    """
    _mark(docking_round, achievement, Kind.BAN, reason, revision, by)


@transaction.atomic
def unmark_achievement(docking_round: DockingRound, achievement: Achievement, *, revision: int, by: User) -> None:
    """Remove the pin, ban and manual place of an achievement. Raises PermissionDenied, ValidationError."""
    plan = _claim_plan(docking_round, revision, by)
    mark = plan.marks.filter(achievement=achievement).first()
    if mark is None:
        raise ValidationError("“%(title)s”没有必选、不选或手动位置。" % {"title": achievement})
    record(
        "取消推介标记",
        docking_round,
        by=by,
        changes={"achievement": [achievement.title, None], "mark": [_mark_text(mark), None]},
    )
    mark.delete()


def _mark(
    docking_round: DockingRound, achievement: Achievement, kind: str, reason: str, revision: int, by: User
) -> None:
    reason = reason.strip()
    if not reason:
        raise ValidationError("请写明理由，方便同事了解为什么%(kind)s。" % {"kind": Kind(kind).label})
    plan = _claim_plan(docking_round, revision, by)
    before = plan.marks.filter(achievement=achievement).first()
    mark_before = _mark_text(before) if before else None
    place = before.place if before and kind == Kind.PIN else None
    mark, _made = plan.marks.update_or_create(
        achievement=achievement,
        defaults={"kind": kind, "reason": reason[:200], "place": place, "made_by": by, "made_at": timezone.now()},
    )
    record(
        "标记推介成果",
        docking_round,
        by=by,
        changes={"achievement": [None, achievement.title], "mark": [mark_before, _mark_text(mark)]},
    )


def _mark_text(mark: FeaturedMark) -> str:
    words = [f"{mark.get_kind_display()}：{mark.reason}"] if mark.kind else []
    return "；".join([*words, *(["第 %d 位" % mark.place] if mark.place else [])])


@transaction.atomic
def place_achievement(
    docking_round: DockingRound, achievement: Achievement, *, place: int, revision: int, by: User
) -> None:
    """Move an achievement of the proposed list to a place (from 1). The other items keep their order; manual places are
    updated to the resulting positions. Raises PermissionDenied, ValidationError."""
    plan = _claim_plan(docking_round, revision, by)
    proposal = _proposal_or_refusal(docking_round)
    order = [ranked.key for ranked in proposal.chosen]
    key = achievement.public_id
    if key not in order:
        raise ValidationError("“%(title)s”不在名单里，不能排位置。先设为必选。" % {"title": achievement})
    was = order.index(key) + 1
    place = min(max(place, 1), len(order))
    order.remove(key)
    order.insert(place - 1, key)
    now = {"made_by": by, "made_at": timezone.now()}
    plan.marks.update_or_create(achievement=achievement, defaults={"place": place} | now)
    for mark in plan.marks.exclude(place=None).select_related("achievement"):
        if mark.achievement.public_id in order:
            plan.marks.filter(pk=mark.pk).update(place=order.index(mark.achievement.public_id) + 1)
    record(
        "调整推介顺序",
        docking_round,
        by=by,
        changes={"achievement": [achievement.title, achievement.title], "place": [was, place]},
    )


@transaction.atomic
def clear_places(docking_round: DockingRound, *, revision: int, by: User) -> None:
    """Remove all manual places, so that the list is ordered by score. Raises PermissionDenied, ValidationError."""
    plan = _claim_plan(docking_round, revision, by)
    placed = plan.marks.exclude(place=None)
    number = placed.count()
    placed.filter(kind="").delete()
    placed.update(place=None)
    record("推介顺序恢复按得分", docking_round, by=by, changes={"placed": [number, 0]})


@transaction.atomic
def set_rules(docking_round: DockingRound, rules: SelectionRules, *, revision: int, by: User) -> None:
    """Store new rules. Raises PermissionDenied, ValidationError (also for contradictory rules)."""
    try:
        rules.checked()
    except InvalidRulesError as error:
        raise ValidationError(str(error)) from error
    plan = _claim_plan(docking_round, revision, by)
    before = selection_rules(plan).as_stored()
    FeaturedSelection.objects.filter(pk=plan.pk).update(rules=rules.as_stored())
    after = rules.as_stored()
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    record("修改推介规则", docking_round, by=by, changes=changes)


@transaction.atomic
def apply_featured(docking_round: DockingRound, *, fingerprint: str, by: User) -> list[ListChange]:
    """Replace the list of the round by the proposal if it has the fingerprint that the officer saw. Returns the
    changes; applying the same list again changes nothing. Raises PermissionDenied, ValidationError."""
    _check_may_change(docking_round, by)
    row = DockingRound.objects.select_for_update().get(pk=docking_round.pk)
    _check_may_change(row, by)
    planned = featured_overview(row)
    proposal = planned.proposal
    if proposal is None:
        raise ValidationError(str(planned.refusal))
    if proposal.fingerprint != fingerprint:
        raise ValidationError("名单在您打开之后有变化，没有写入。请看过新的变化再写入。")
    changes = planned.changes
    if changes:
        _write_list(row, proposal)
        record("写入推介名单", row, by=by, changes=_audit_changes(changes))
    plan, _made = FeaturedSelection.objects.get_or_create(docking_round=row)
    FeaturedSelection.objects.filter(pk=plan.pk).update(applied_by=by, applied_at=timezone.now())
    return changes


def _write_list(docking_round: DockingRound, proposal: FeaturedProposal) -> None:
    keys = [ranked.key for ranked in proposal.chosen]
    ids = dict(Achievement.objects.filter(public_id__in=keys).values_list("public_id", "pk"))
    docking_round.features.all().delete()
    FeaturedAchievement.objects.bulk_create(
        FeaturedAchievement(
            docking_round=docking_round,
            achievement_id=ids[ranked.key],
            rank=ranked.rank,
            score=ranked.score,
            reasons=[{"kind": reason.kind, "words": reason.words} for reason in ranked.reasons],
            is_pinned=ranked.is_pinned,
        )
        for ranked in proposal.chosen
    )


def _audit_changes(changes: list[ListChange]) -> dict[str, Any]:
    words = {"in": "新进", "out": "调出", "moved": "移动"}
    changed = {}
    for kind, name in words.items():
        titles = [
            f"{change.before or ''}→{change.after or ''} {change.title}" for change in changes if change.kind == kind
        ]
        if titles:
            changed[name] = [None, titles]
    return changed


def _proposal_or_refusal(docking_round: DockingRound) -> FeaturedProposal:
    planned = featured_overview(docking_round)
    if planned.proposal is None:
        raise ValidationError(str(planned.refusal))
    return planned.proposal


def _check_may_change(docking_round: DockingRound, by: User) -> None:
    if not (by and by.scope.is_city and by.has_perm(SELECT_PERMISSION)):
        raise PermissionDenied("只有市级专员可以确定推介名单。")
    if docking_round.status not in DockingRound.OPEN:
        raise ValidationError("“%(round)s”已经结束，推介名单不能再改。" % {"round": docking_round})


def _claim_plan(docking_round: DockingRound, revision: int, by: User) -> FeaturedSelection:
    """Increment the revision of the plan and return its row. Raises ValidationError if the revision is not current."""
    _check_may_change(docking_round, by)
    plan, _made = FeaturedSelection.objects.get_or_create(docking_round=docking_round)
    claimed = FeaturedSelection.objects.filter(pk=plan.pk, revision=revision).update(
        revision=F("revision") + 1, changed_by=by, changed_at=timezone.now()
    )
    plan = FeaturedSelection.objects.select_related("changed_by", "docking_round").get(pk=plan.pk)
    if not claimed:
        raise ValidationError(
            "%(who)s刚刚改过这份名单，您的这一步没有生效。请看过现在的名单再改。" % {"who": plan.changed_by or "同事"}
        )
    return plan


def _marks(plan: FeaturedSelection) -> dict[str, FeaturedMark]:
    if plan.pk is None:
        return {}
    rows = plan.marks.select_related("achievement", "made_by")
    return {mark.achievement.public_id: mark for mark in rows}


def _current_list(docking_round: DockingRound) -> list[ListedItem]:
    """Return the list in force, in display order."""
    rows = docking_round.features.in_order().values_list("achievement__public_id", "achievement__title", "score")
    return [ListedItem(key, title, rank, score) for rank, (key, title, score) in enumerate(rows, start=1)]


def _names(candidates: list[Candidate], rules: SelectionRules) -> dict[str, dict[str, str]]:
    """Return {side: {key: name}} of all groups that have candidates or are named by the rules, ordered by name."""
    names_by_side: dict[str, dict[str, str]] = {"institutions": {}, "industries": {}}
    for candidate in candidates:
        for side, names in names_by_side.items():
            names[candidate.group(side)] = candidate.group_name(side)
    for side, model in (("institutions", Organisation), ("industries", Industry)):
        unnamed = [key for key in getattr(rules, side).special if key not in names_by_side[side] and key.isdecimal()]
        if unnamed:
            names_by_side[side] |= {
                str(pk): name for pk, name in model.objects.filter(pk__in=unnamed).values_list("pk", "name")
            }
        names_by_side[side] = dict(sorted(names_by_side[side].items(), key=lambda pair: pair[1]))
    return names_by_side
