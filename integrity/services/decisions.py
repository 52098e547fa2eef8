"""The decision about a case, and what it does in the figures."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from audit.models import AuditRecord
from audit.transitions import transition
from deals.models import Contract, Deal, FigureEffect, Payment
from integrity.effects import FigureChange, figure_changes
from integrity.models import Case, CaseDecision, CaseRow
from integrity.permissions import require_handler
from integrity.services import notifications
from integrity.services.explanations import withdraw_pending

Outcome = Case.Outcome
LEAST_REASON = 6
MOST_REASON = 500


@dataclass(frozen=True)
class Verdict:
    """What an officer decides. rows: the rows of the case that RELATED or EXCLUDED falls on."""

    outcome: str
    reason: str
    rows: Collection[int] = ()
    correction: str = ""


@transaction.atomic
def decide_case(case: Case, verdict: Verdict, *, revision: int, by: User) -> CaseDecision:
    """→ 已决定; also a second time, which replaces the earlier decision and its effects.

    Raises PermissionDenied for who may not handle the case (an author or party of it), ValidationError for missing
    reasons or rows, for 已改正 without a correction in the trail, and for a case that has changed since it was read.
    """
    require_handler(case, by)
    rows = list(case.rows.select_related("figure_effect"))
    _check(case, verdict, rows)
    effects = effects_of(verdict.outcome, rows, verdict.rows)
    changes = figure_changes(effects, figure_day(case))
    before = case.outcome
    transition(
        case,
        when={"revision": revision, "status__in": [*Case.UNDECIDED, Case.Status.DECIDED]},
        values={
            "status": Case.Status.DECIDED,
            "outcome": verdict.outcome,
            "decided_hash": case.facts_hash,
            "revision": revision + 1,
        },
        refusal="这条线索刚有变化，请看过最新的内容再决定。",
        action="决定诚信线索",
        by=by,
        changes={"outcome": [before or None, verdict.outcome], "reason": [None, verdict.reason.strip()]},
    )
    for row, effect in effects:
        _set_effect(row, effect)
    decision = CaseDecision(
        case=case,
        outcome=verdict.outcome,
        reason=verdict.reason.strip(),
        correction=verdict.correction.strip(),
        facts_hash=case.facts_hash,
        effects=[[row.pk, effect] for row, effect in effects if effect],
        figures=[[row.label, row.before, row.after] for row in changes if row.is_changed],
        by=by,
    )
    decision.full_clean(exclude=["case"])
    decision.save(force_insert=True)
    withdraw_pending(case, by=by)
    notifications.case_decided(case, case.explanations.filter(withdrawn_at=None))
    return decision


def effects_of(outcome: str, rows: Collection[CaseRow], chosen: Collection[int]) -> list[tuple[CaseRow, str]]:
    """[(row, effect)]. Only contracts can be shown as 其中关联; deals have no effect of their own."""
    return [(row, _effect(outcome, row) if row.pk in chosen else "") for row in rows]


def _effect(outcome: str, row: CaseRow) -> str:
    if outcome == Outcome.EXCLUDED and row.deal_id is None:
        return str(FigureEffect.Effect.EXCLUDED)
    if outcome == Outcome.RELATED and row.contract_id is not None:
        return str(FigureEffect.Effect.RELATED)
    return ""


def _set_effect(row: CaseRow, effect: str) -> None:
    if row.figure_effect is not None:
        FigureEffect.objects.filter(pk=row.figure_effect.pk).update(effect=effect, decided_at=timezone.now())
    elif effect:
        row.figure_effect = FigureEffect.objects.create(
            contract_id=row.contract_id, payment_id=row.payment_id, effect=effect
        )
        row.save(update_fields=["figure_effect"])


def expected_changes(case: Case, outcome: str, chosen: Collection[int]) -> list[FigureChange]:
    """The figures of the year of the case, now and if it were decided so."""
    rows = list(case.rows.select_related("figure_effect"))
    return figure_changes(effects_of(outcome, rows, chosen), figure_day(case))


def figure_day(case: Case) -> date:
    """A day of the year whose figures the case touches: of the latest contract or payment."""
    contracts = Contract.objects.filter(pk__in=case.rows.values("contract"), registered_on__isnull=False)
    payments = Payment.objects.filter(pk__in=case.rows.values("payment"))
    days = [
        contracts.order_by("-registered_on").values_list("registered_on", flat=True).first(),
        payments.order_by("-received_on").values_list("received_on", flat=True).first(),
    ]
    return max((day for day in days if day), default=timezone.localdate())


def corrections_of(case: Case) -> list[AuditRecord]:
    """What the trail tells of the contracts and deals of the case since it was first seen, latest first.

    A struck payment stands in the trail of its deal.
    """
    contracts = case.rows.exclude(contract=None).values_list("contract_id", flat=True)
    deals = Deal.objects.filter(Q(pk__in=case.rows.values("deal")) | Q(payments__in=case.rows.values("payment")))
    about = Q(object_type=Contract._meta.label_lower, object_id__in=[str(pk) for pk in contracts])
    about |= Q(object_type=Deal._meta.label_lower, object_id__in=[str(pk) for pk in deals.values_list("pk", flat=True)])
    records = AuditRecord.objects.filter(about, at__gt=case.seen_at).exclude(changes={})
    return list(records.order_by("-pk")[:20])


def _check(case: Case, verdict: Verdict, rows: list[CaseRow]) -> None:
    if verdict.outcome not in Outcome.values:
        raise ValidationError("请选择决定。")
    length = len(verdict.reason.strip())
    if not LEAST_REASON <= length <= MOST_REASON:
        raise ValidationError(
            "理由现在有 %(length)d 个字，请写 %(least)d 到 %(most)d 个字。"
            % {"length": length, "least": LEAST_REASON, "most": MOST_REASON}
        )
    effects = effects_of(verdict.outcome, rows, verdict.rows)
    if verdict.outcome in (Outcome.RELATED, Outcome.EXCLUDED) and not any(effect for _row, effect in effects):
        what = "合同" if verdict.outcome == Outcome.RELATED else "合同或到账"
        raise ValidationError("请选择这个决定针对哪些%(what)s。" % {"what": what})
    if verdict.outcome == Outcome.CORRECTED and not corrections_of(case):
        raise ValidationError("发现线索以后，这些合同和成交项目还没有更正的记录。请先更正，或改选其他决定。")
