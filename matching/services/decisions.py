"""The one way a review changes: a conditional UPDATE of the match's own row, a row of the decision, and the trail."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from audit.services import record
from matching.models import Decision, Match
from matching.services.asking import after_verdict

encode = DjangoJSONEncoder().default


@dataclass(frozen=True, slots=True)
class Step:
    """How a step was sent. `key`: made by the sender, so that the same step sent again is done once.

    `revision`: of the match that was on the sender's screen, None for whatever it is now. `open_ms`: how long it was
    on show. `batch`: shared by steps that were taken together.
    """

    key: UUID = field(default_factory=uuid4)
    revision: int | None = None
    open_ms: int | None = None
    batch: UUID | None = None


class Overtaken(ValidationError):
    """A colleague was first; the message says who and what."""


@transaction.atomic
def decide(
    match: Match,
    kind: Decision.Kind,
    changes: dict,
    *,
    by,
    step: Step | None,
    states: Iterable[str] = (Match.Status.PROPOSED,),
    reason: str = "",
    note: str = "",
    told: dict | None = None,
) -> Decision:
    """Change columns of a match (by their `attname`) if it is still as it was seen, and write down who decided what.

    `told` goes into `after` beside the changed columns: names for people, ids of what was sent along. Returns the
    earlier decision when this step was sent before. Raises PermissionDenied outside the own district, Overtaken when
    the match has changed since it was seen.
    """
    if step is None:
        step = Step()  # made just now: nobody sent it before
    elif earlier := sent_before(match, kind, by=by, step=step):
        return earlier
    check_reviewer(match, by)
    if step.revision not in (None, match.revision):
        raise Overtaken(what_happened(match))
    if match.status == Match.Status.PROPOSED and kind != Decision.Kind.TAKE:
        check_not_given_away(match, by)
    # Only this table's own columns in the filter: across a join PostgreSQL would let two opposite decisions both win.
    unchanged = Match.objects.filter(pk=match.pk, revision=match.revision, status__in=states)
    if not unchanged.update(**changes, revision=F("revision") + 1):
        match.refresh_from_db()
        if earlier := sent_before(match, kind, by=by, step=step):  # sent twice at once: the first has just won
            return earlier
        raise Overtaken(what_happened(match))
    before = {name: plain(getattr(match, name)) for name in changes}
    for name, value in changes.items():
        setattr(match, name, value)
    match.revision += 1
    decision = as_decision(match, kind, before, by=by, step=step, reason=reason, note=note, told=told)
    decision.save(force_insert=True)
    record(TRAIL[kind], match, by=by, changes=trail_of(decision))
    after_verdict(match, before.get("status"), by=by)
    return decision


def as_decision(match: Match, kind, before: dict, *, by, step: Step, reason="", note="", told=None) -> Decision:
    """The unsaved row of a step that has just changed `match`; needs `match.run`."""
    return Decision(
        key=step.key,
        batch=step.batch,
        match=match,
        kind=kind,
        by=by,
        open_ms=step.open_ms,
        reason=reason,
        note=note.strip()[:500],
        before=before,
        after={name: plain(getattr(match, name)) for name in before} | (told or {}),
        revision=match.revision,
        run_id=match.run_id,
        engine=match.run.engine,
        score=match.score,
        features={
            "rank": match.rank,
            "parts": match.parts,
            "probability": match.probability,
            "level": match.level,
            "effects": match.effects,
            "facts": {fact["kind"]: fact["verdict"] for fact in match.facts},
        },
    )


TRAIL = {
    **dict.fromkeys(Decision.VERDICTS, "审核匹配"),
    Decision.Kind.BROKER: "委托技术经纪人",
    Decision.Kind.HOLD: "暂缓审核",
    Decision.Kind.ASK: "提问",
    Decision.Kind.GIVE: "交给同事审核",
    Decision.Kind.TAKE: "接手审核",
    Decision.Kind.APPEAL: "请市里复议",
    Decision.Kind.UPHOLD: "维持原审核",
    Decision.Kind.REOPEN: "重新审核",
}
"""What the audit trail calls each kind of step."""


def trail_of(decision: Decision) -> dict:
    """{column: [old, new]} for the audit trail, which knows itself who and when."""
    before, after = decision.before, decision.after
    changed = {name: [old, after[name]] for name, old in before.items() if old != after[name]}
    told = {name: [None, after[name]] for name in after.keys() - before.keys()}
    said = {name: [None, value] for name in ("reason", "note") if (value := getattr(decision, name))}
    found = changed | told | said
    return {name: values for name, values in found.items() if name not in {"reviewed_by_id", "reviewed_at"}}


def sent_before(match: Match, kind, *, by, step: Step) -> Decision | None:
    """The decision that this very step has made already. Raises ValidationError when its key is somebody else's."""
    earlier = Decision.objects.select_related("by").filter(key=step.key).first()
    if earlier and (earlier.by_id, earlier.match_id, earlier.kind) != (by.pk, match.pk, kind):
        raise ValidationError(_("这一步的编号已经用过，请刷新页面后重试。"))
    return earlier


def check_reviewer(match: Match, by) -> None:
    """A district decides for the firms of its own reporting unit, the city for all; an auditor only reads."""
    if not may_review(match, by):
        raise PermissionDenied(_("“%(match)s”不在您负责的区市县。") % {"match": match})


def may_review(match: Match, by) -> bool:
    return by.scope.is_city or match.demand.firm.stat_region_id in by.scope.region_ids


def check_not_given_away(match: Match, by) -> None:
    if match.assigned_to_id not in (None, by.pk):
        raise ValidationError(
            _("“%(match)s”已交给%(who)s，如需代为审核请先接手。") % {"match": match, "who": match.assigned_to}
        )


def what_happened(match: Match) -> str:
    """Who was first and what they did, for whoever came second."""
    if match.status != Match.Status.PROPOSED:
        who, what = match.reviewed_by, match.get_status_display()
        return _("“%(match)s”已由%(who)s审核（%(what)s），本次操作没有生效。") % {
            "match": match, "who": who, "what": what,
        }  # fmt: skip
    last = match.decisions.select_related("by").order_by("-revision").first()
    if last is None:
        return _("“%(match)s”的状态刚被改变，请刷新后再看。") % {"match": match}
    what = _("撤销了%(what)s") % {"what": last.get_kind_display()} if last.undone_at else last.sentence
    return _("“%(match)s”刚由%(who)s%(what)s，本次操作没有生效。") % {"match": match, "who": last.by, "what": what}


def plain(value):
    """As JSON keeps it."""
    return value if value is None or isinstance(value, str | int | float) else encode(value)
