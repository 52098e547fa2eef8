"""A talk that took place is where the asking of `asking` ends: both sides sat at the table, and said what they think.

Said here is what both sides told: a pair that wants to go on is followed (the one record of it is opened, or goes on),
one that does not fit is written down as a reason from which the matching learns. Whoever wrote it down is named.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from achievements.models import Achievement
from audit.services import record
from demands.models import Demand
from matching.models import Decision, FollowUp, FollowUpStep, Match, MatchRun, Willingness
from matching.services import asking, checks, telling_after
from matching.services.decisions import Step, as_decision, trail_of
from matching.services.owners import owner_of

Side = asking.Side
State = FollowUp.Status
DAYS_TO_FIRST_STEP = 30


@dataclass(frozen=True)
class Talk:
    """A talk and what both sides say of it. `key` names the talk for whoever asks again; `note`: the next step."""

    key: str
    met_on: date
    wants: bool
    """Whether both sides speak of an intent, not only of going on."""
    note: str = ""
    next_on: date | None = None


@transaction.atomic
def follow_talk(match: Match, talk: Talk, *, by: User | None) -> FollowUp:
    """Both sides want to go on: the pair is accepted, followed by somebody, and asked after in 30, 60 and 90 days.

    `by`: who wrote it down, None for a guest without an account. Where the pair is followed already, that record goes
    on; one that had ended begins anew. Told twice it is done once.
    """
    match = Match.objects.select_for_update(of=("self",)).select_related(*_OF_MATCH).get(pk=match.pk)
    row = FollowUp.objects.filter(match=match).first()
    owner = row.owner if row and row.owner.is_active else owner_of(match)
    actor = by or owner
    _forget_unfit(match, talk.key)
    _accept(match, talk.key, actor, by)
    if row is None:
        row = _open(match, talk, owner, actor, by)
    else:
        _go_on(asking.locked(row.pk), talk, actor, by)
        row.refresh_from_db()
    if row.is_agreed:
        checks.plan_checks(row, talk.met_on)
    return row


@transaction.atomic
def note_unfit(match: Match, *, key: str, reason: str, by: User | None, tell_office: bool = True) -> Decision | None:
    """The talk showed that it does not fit: a decision that the matching learns from, in a word of the list of reasons
    and without anybody's own words. A follow-up of the pair ends, unless it has become a deal.

    `tell_office`: whether the institution is told the reason, which it is not when the word was its own. None when it
    was written down before. Raises ValidationError for no reason of the list.
    """
    if reason not in Match.RejectReason.values:
        raise ValidationError(_("请选择不合适的原因。"))
    match = Match.objects.select_for_update(of=("self",)).select_related(*_OF_MATCH).get(pk=match.pk)
    known = _of_talk(match, Decision.Kind.UNFIT, key).first()
    if known and known.reason == reason:
        return None
    row = FollowUp.objects.filter(match=match).first()
    actor = by or (row.owner if row else owner_of(match))
    _forget_unfit(match, key)
    decision = _decide(match, Decision.Kind.UNFIT, {}, key, actor, by, reason=reason)
    if row and row.is_running:
        label = str(Match.RejectReason(reason).label)
        asking.close(asking.locked(row.pk), FollowUp.CloseReason.NO_DEAL, by=actor, note=_("洽谈后不合适：") + label)
    if tell_office:
        telling_after.unfit(match, reason, key)
    return decision


@transaction.atomic
def match_by_hand(achievement: Achievement, demand: Demand, *, by: User, title: str) -> Match:
    """The pair's match: the one it has, or one made by hand because its sides met. It has no score, as no run proposed
    it, and stands under a run of its own called `title`."""
    known = Match.objects.filter(achievement=achievement, demand=demand).first()
    if known:
        return known
    run = MatchRun.objects.filter(engine=MatchRun.HAND, title=title[:100]).first()
    now = timezone.now()
    run = run or MatchRun.objects.create(
        title=title[:100],
        engine=MatchRun.HAND,
        queued_by=by,
        status=MatchRun.Status.DONE,
        finished_at=now,
        snapshot_hash="",
    )
    match, made = Match.objects.get_or_create(
        achievement=achievement, demand=demand, defaults={"run": run, "first_run": run, "score": 0.0}
    )
    if made:
        record("手工建立匹配", match, by=by, changes={"run": [None, run.title]})
    return match


_OF_MATCH = ("demand__firm", "achievement__institution", "reviewed_by", "run")


def _of_talk(match: Match, kind: str, key: str):
    return match.decisions.standing().filter(kind=kind, after__talk=key)


def _forget_unfit(match: Match, key: str) -> None:
    """They say otherwise now: what the same talk was said to show counts no more."""
    _of_talk(match, Decision.Kind.UNFIT, key).update(undone_at=timezone.now())


def _accept(match: Match, key: str, actor: User, by: User | None) -> None:
    """Whatever its review was: both sides met and want to go on. Nobody is asked again."""
    if match.status == Match.Status.ACCEPTED:
        return
    changes = {
        "status": Match.Status.ACCEPTED,
        "reject_reason": "",
        "duplicate_of_id": None,
        "held_until": None,
        "reviewed_by_id": actor.pk,
        "reviewed_at": timezone.now(),
    }
    _decide(match, Decision.Kind.MET, changes, key, actor, by)


def _decide(
    match: Match, kind: str, changes: dict, key: str, actor: User, by: User | None, *, reason: str = ""
) -> Decision:
    """The step of a locked match, written like any other; nobody's scope is asked, as both sides have spoken.

    `actor` stands in columns that need a person: whoever wrote it down, or else whoever follows the pair. The trail
    names `by` alone, and nobody for a guest without an account.
    """
    Match.objects.filter(pk=match.pk).update(**changes, revision=F("revision") + 1)
    before = {name: _plain(getattr(match, name)) for name in changes}
    for name, value in changes.items():
        setattr(match, name, value)
    match.revision += 1
    decision = as_decision(match, kind, before, by=actor, step=Step(), reason=reason, told={"talk": key})
    decision.save(force_insert=True)
    record("洽谈结果计入匹配", match, by=by, changes=trail_of(decision))
    return decision


def _plain(value):
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _open(match: Match, talk: Talk, owner: User, actor: User, by: User | None) -> FollowUp:
    now = timezone.now()
    status = State.INTENT if talk.wants else State.TALKS
    row = FollowUp.objects.create(
        match=match, owner=owner, status=status, opened_at=now, agreed_at=now, next_on=_next_day(talk)
    )
    Willingness.objects.bulk_create(
        Willingness(follow_up=row, side=side, due_on=talk.met_on, **_said_at_table(actor)) for side in Side
    )
    _note(row, talk, by)
    record("洽谈后跟进", row, by=by, changes={"status": [None, status], "owner": [None, str(owner)]})
    telling_after.followed(row, by)
    return row


def _go_on(row: FollowUp, talk: Talk, actor: User, by: User | None) -> None:
    """A locked follow-up after its sides have met."""
    target = State.INTENT if talk.wants else row.status if row.status in FollowUp.FOLLOWED else State.TALKS
    if row.status == State.DEAL or (row.status == target and row.steps.filter(note=_words(talk)).exists()):
        return
    if row.status in FollowUp.FOLLOWED:
        next_on = talk.next_on if talk.next_on and talk.next_on > timezone.localdate() else row.next_on
        FollowUp.objects.filter(pk=row.pk).update(status=target, next_on=next_on)
        row.refresh_from_db()
        _note(row, talk, by)
        record("洽谈后跟进", row, by=by, changes={"status": [row.status, target]})
        return
    before = row.status
    row.sides.exclude(status=Willingness.Status.WILLING).update(
        **_said_at_table(actor), reason="", note="", is_reason_shared=False, contact=None
    )
    FollowUp.objects.filter(pk=row.pk).update(
        status=target,
        agreed_at=timezone.now(),
        next_on=_next_day(talk),
        closed_reason="",
        closed_note="",
        closed_at=None,
    )
    row.refresh_from_db()
    _note(row, talk, by)
    record("洽谈后跟进", row, by=by, changes={"status": [before, target]})
    asking.share_contacts(row, by=by)
    telling_after.followed(row, by)


def _said_at_table(actor: User) -> dict:
    """Both sat at the table and want to go on; nobody named a contact by that, so none is shown."""
    return {
        "status": Willingness.Status.WILLING,
        "is_at_table": True,
        "answered_by": actor,
        "answered_at": timezone.now(),
    }


def _note(row: FollowUp, talk: Talk, by: User | None) -> None:
    FollowUpStep.objects.create(follow_up=row, status=row.status, note=_words(talk), next_on=row.next_on, by=by)


def _words(talk: Talk) -> str:
    words = _("%(month)s 月 %(day)s 日洽谈：%(what)s") % {
        "month": talk.met_on.month,
        "day": talk.met_on.day,
        "what": _("有意向") if talk.wants else _("继续谈"),
    }
    return f"{words}。{talk.note}"[:1000] if talk.note else words


def _next_day(talk: Talk) -> date:
    """The day both named, or the first check."""
    tomorrow = timezone.localdate() + timedelta(days=1)
    wanted = talk.next_on or talk.met_on + timedelta(days=DAYS_TO_FIRST_STEP)
    return max(wanted, tomorrow)
