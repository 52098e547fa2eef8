"""Honours: score candidates from contracts, publicise the list, answer objections, release. No manual selection."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import Membership, User
from audit.services import record
from audit.transitions import transition
from brokers.models import Agency, Broker
from deals.models import Contract, Payment
from mechanism.honours import AttributedContract, CandidateScore, ScoringRule, score_candidates
from mechanism.models import Candidate, Honour, Objection, RelatedParties
from mechanism.score_breakdowns import contracts_open_to_objection
from mechanism.services.measures import require_city_staff
from mechanism.work_records import contracts_with_work_record

MIN_OBJECTION_DAYS = 7
Status = Honour.Status


def score_honour(honour: Honour, *, as_of: date) -> list[CandidateScore]:
    """Scores of all brokers (agencies) named by contracts of the period, best first.

    `candidate` and `contract` of the scores are primary keys. Contracts and candidates with an upheld objection of
    this honour are excluded.
    """
    contracts = list(_contracts(honour))
    upheld = Objection.objects.filter(candidate__honour=honour, status=Objection.Status.UPHELD, is_own=False)
    objected_contracts = set(upheld.exclude(contract=None).values_list("contract", flat=True))
    excluded_candidates = set(upheld.filter(contract=None).values_list(f"candidate__{honour.kind}", flat=True))
    attributed = list(_attributed_contracts(honour, contracts, objected_contracts, as_of))
    related = RelatedParties.objects.in_effect(honour.first_on)
    rule = ScoringRule(
        honour.cap_per_pair_wan,
        honour.settled_days,
        honour.least_pairs,
        honour.is_received_only,
        honour.needs_work_record,
    )
    scores = score_candidates(
        rule,
        attributed,
        first=honour.first_on,
        last=honour.last_on,
        as_of=as_of,
        related=[(f"o{first}", f"o{second}") for first, second in related.values_list("one", "other")],
        own=_own_organisations(honour, {item.candidate for item in attributed}),
    )
    return [score for score in scores if score.candidate not in excluded_candidates]


@transaction.atomic
def publicise_honour(honour: Honour, *, objections_until: date, by: User) -> None:
    """公示: store the list as scored today. Raises ValidationError without candidates or for too short a period."""
    require_city_staff(by)
    row = _locked(honour, Status.DRAFT)
    today = timezone.localdate()
    if objections_until < today + timedelta(days=MIN_OBJECTION_DAYS):
        raise ValidationError("公示至少 %(days)d 天，请选择更晚的日期。" % {"days": MIN_OBJECTION_DAYS})
    if row.last_on > today:
        raise ValidationError("评选期还没有结束，请在 %(day)s 以后公示。" % {"day": row.last_on})
    _write_list(row, today)
    if not row.candidates.filter(is_proposed=True).exists():
        raise ValidationError("没有符合评选办法的候选，请先查看逐项计算的原因。")
    Honour.objects.filter(pk=row.pk).update(status=Status.PUBLICISED, as_of=today, objections_until=objections_until)
    record("公示表彰名单", row, by=by, changes={"objections_until": [None, str(objections_until)]})
    honour.refresh_from_db()


@transaction.atomic
def submit_objection(candidate: Candidate, *, text: str, by: User, contract: Contract | None = None) -> Objection:
    """提出异议, by any signed-in user during the objection period.

    A contract can be named if it is visible to the user or part of their own score. Raises ValidationError.
    """
    honour = Honour.objects.select_for_update().get(pk=candidate.honour_id)
    if not honour.is_open_to_objections:
        raise ValidationError("这份名单不在异议受理期内。")
    if len(text.strip()) < 10:
        raise ValidationError("请写明异议的事实和理由，不少于 10 个字。")
    is_own = Candidate.objects.of(by).filter(pk=candidate.pk).exists()
    if contract and not contracts_open_to_objection([candidate], by=by).filter(pk=contract.pk).exists():
        raise ValidationError("这份合同不在该候选的计算里，或者不在您能看到的范围内。")
    try:
        with transaction.atomic():
            objection = Objection.objects.create(
                candidate=candidate, contract=contract, text=text.strip()[:1000], made_by=by, is_own=is_own
            )
    except IntegrityError as error:
        raise ValidationError("您的异议还在处理中，请等待答复。") from error
    record("提出表彰异议", objection, by=by)
    return objection


@transaction.atomic
def answer_objection(objection: Objection, *, upheld: bool, answer: str, by: User) -> None:
    """成立 or 不成立, with an explanation. Raises ValidationError without one, or if it was answered already."""
    require_city_staff(by)
    if not answer.strip():
        raise ValidationError("请写明处理意见。")
    status = Objection.Status.UPHELD if upheld else Objection.Status.DISMISSED
    _locked(objection.candidate.honour, Status.PUBLICISED)
    transition(
        objection,
        when={"status": Objection.Status.OPEN},
        values={"status": status, "answer": answer.strip()[:1000], "answered_by": by, "answered_at": timezone.now()},
        refusal="这项异议已经处理过。",
        action="处理表彰异议",
        by=by,
        changes={"status": [Objection.Status.OPEN, status]},
    )


@transaction.atomic
def release_honour(honour: Honour, *, by: User) -> list[str]:
    """公布: score again, with upheld objections and cancelled contracts, and store the final list.

    Returns the changes since it was publicised, as texts. Raises ValidationError during the objection period, with
    unanswered objections, and for candidates who were not on the publicised list.
    """
    require_city_staff(by)
    row = _locked(honour, Status.PUBLICISED)
    as_of, objections_until = _not_empty(row.as_of), _not_empty(row.objections_until)
    if timezone.localdate() <= objections_until:
        raise ValidationError("%(day)s 以前还在受理异议，请之后再公布。" % {"day": objections_until})
    if waiting := Objection.objects.filter(candidate__honour=row, status=Objection.Status.OPEN).count():
        raise ValidationError("还有 %(count)d 项异议没有处理，请先处理。" % {"count": waiting})
    before = {_candidate_key(candidate): candidate for candidate in row.candidates.all()}
    after = {score.candidate: score for score in score_honour(row, as_of=as_of)}
    if added := set(after) - set(before):
        raise ValidationError(
            "公示以后多出 %(count)d 个候选（补充确认或更正登记），请取消后重新公示。" % {"count": len(added)}
        )
    changes = [
        _change_text(candidate, after.get(key))
        for key, candidate in before.items()
        if _differs(candidate, after.get(key))
    ]
    _write_list(row, as_of)
    Honour.objects.filter(pk=row.pk).update(status=Status.RELEASED, released_at=timezone.now())
    record("公布表彰名单", row, by=by, changes={"moved": [None, len(changes)]})
    honour.refresh_from_db()
    return changes


@transaction.atomic
def cancel_honour(honour: Honour, *, reason: str, by: User) -> None:
    """取消 before the release. Raises ValidationError without a reason."""
    require_city_staff(by)
    row = _locked(honour, Status.DRAFT, Status.PUBLICISED)
    if not reason.strip():
        raise ValidationError("取消评选请说明原因。")
    Honour.objects.filter(pk=row.pk).update(status=Status.CANCELLED, cancelled_reason=reason.strip()[:200])
    record("取消表彰评选", row, by=by, changes={"status": [row.status, Status.CANCELLED]})
    honour.refresh_from_db()


# --- Scoring ---------------------------------------------------------------------------------------------------------
def _contracts(honour: Honour) -> QuerySet[Contract]:
    """Contracts registered in the period that name a candidate of this kind, including cancelled ones."""
    rows = Contract.objects.filter(registered_on__range=(honour.first_on, honour.last_on))
    rows = rows.filter(broker__isnull=False) if honour.kind == Honour.Kind.BROKER else rows.filter(
        Q(agency__isnull=False) | Q(broker__agency__isnull=False)
    )  # fmt: skip
    return rows.select_related("broker", "deal__follow_up").order_by("registered_on", "pk")


def _confirmed_contracts(contracts: list[Contract]) -> set[int]:
    """Primary keys of those confirmed by both parties; if they name a broker, his role by the parties and by himself;
    a named agency by itself."""
    rows = Contract.objects.filter(pk__in=[contract.pk for contract in contracts])
    with_broker, with_agency = rows.broker_confirmed().values("pk"), rows.confirmed_by("agency").values("pk")
    named = rows.confirmed().filter(Q(broker=None) | Q(pk__in=with_broker), Q(agency=None) | Q(pk__in=with_agency))
    return set(named.values_list("pk", flat=True))


def _attributed_contracts(
    honour: Honour, contracts: list[Contract], objected: set[int], as_of: date
) -> Iterator[AttributedContract]:
    """Parties are identified as "o" + pk if they are on the platform, otherwise by name."""
    received, confirmed = _received(contracts, as_of), _confirmed_contracts(contracts)
    recorded = contracts_with_work_record(contracts)
    is_broker = honour.kind == Honour.Kind.BROKER
    for contract in contracts:
        broker_agency = contract.broker.agency_id if contract.broker else None
        yield AttributedContract(
            contract=contract.pk,
            candidate=_not_empty(contract.broker_id if is_broker else contract.agency_id or broker_agency),
            seller=(contract.seller_id and f"o{contract.seller_id}") or contract.seller_name or None,
            buyer=(contract.buyer_id and f"o{contract.buyer_id}") or contract.buyer_name or None,
            value_wan=contract.tech_amount_wan or Decimal(0),
            received_wan=received[contract.pk],
            registered_on=contract.registered_on,
            is_registered=contract.status == Contract.Status.REGISTERED,
            confirmed=contract.pk in confirmed,
            objected=contract.pk in objected,
            has_work_record=contract.pk in recorded,
        )


def _received(contracts: list[Contract], as_of: date) -> dict[int, Decimal]:
    """{contract pk: 万元 received by that day, as payer and payee confirm}, allotted to contracts in order."""
    deals = {contract.deal_id for contract in contracts if contract.deal_id}
    payments = Payment.objects.received().filter(deal__in=deals, received_on__lte=as_of).order_by()
    left = defaultdict(Decimal, payments.values_list("deal").annotate(received=Sum("amount_wan")))
    received_by_contract: dict[int, Decimal] = defaultdict(Decimal)
    for contract in contracts:
        if contract.deal_id and contract.status == Contract.Status.REGISTERED:
            amount = min(left[contract.deal_id], contract.tech_amount_wan or Decimal(0))
            received_by_contract[contract.pk] = amount
            left[contract.deal_id] -= amount
    return received_by_contract


def _own_organisations(honour: Honour, candidates: set[int]) -> dict[int, set[str]]:
    """{candidate pk: keys of the organisations that it is, belongs to or represents}."""
    own: dict[int, set[str]] = defaultdict(set)
    if honour.kind == Honour.Kind.AGENCY:
        for pk, organisation in Agency.objects.filter(pk__in=candidates).values_list("pk", "organisation"):
            own[pk].add(f"o{organisation}")
        people = Broker.objects.filter(agency__in=candidates, user__isnull=False).values_list("agency", "user")
    else:
        rows = Broker.objects.filter(pk__in=candidates)
        for pk, organisation in rows.exclude(agency=None).values_list("pk", "agency__organisation"):
            own[pk].add(f"o{organisation}")
        people = rows.exclude(user=None).values_list("pk", "user")
    candidates_of_user: dict[int, set[int]] = defaultdict(set)
    for pk, user in people:
        candidates_of_user[user].add(pk)
    for user, organisation in Membership.objects.filter(user__in=candidates_of_user).values_list(
        "user", "organisation"
    ):
        for pk in candidates_of_user[user]:
            own[pk].add(f"o{organisation}")
    return own


# --- The stored list -------------------------------------------------------------------------------------------------
def _write_list(honour: Honour, as_of: date) -> None:
    """Store the present scores. Candidates without a score keep a line with zero points at the end of the list."""
    scores = score_honour(honour, as_of=as_of)
    pks = [line.contract for score in scores for line in score.lines]
    public_ids = dict(Contract.objects.filter(pk__in=pks).values_list("pk", "public_id"))
    stored = {_candidate_key(candidate) for candidate in honour.candidates.select_for_update()}
    honour.candidates.update(rank=1000 + F("rank"))  # frees the ranks, which are unique
    for rank, score in enumerate(scores, start=1):
        fields = {
            "rank": rank,
            "points": score.points,
            "pairs": score.pairs,
            "is_proposed": score.qualifies and rank <= honour.places,
            "lines": [
                {"contract": public_ids[line.contract], "counted_wan": str(line.counted_wan), "why": line.why}
                for line in score.lines
            ],
        }
        _store_candidate(honour, score.candidate, fields)
    without_score = stored - {score.candidate for score in scores}
    for rank, key in enumerate(without_score, start=len(scores) + 1):
        fields = {"rank": rank, "is_proposed": False, "points": Decimal(0), "pairs": 0, "lines": []}
        _store_candidate(honour, key, fields)


def _store_candidate(honour: Honour, key: int, fields: dict[str, Any]) -> None:
    lookup: dict[str, Any] = {"honour": honour, f"{honour.kind}_id": key}
    Candidate.objects.update_or_create(**lookup, defaults=fields)


def _candidate_key(candidate: Candidate) -> int:
    return _not_empty(candidate.broker_id or candidate.agency_id)


def _not_empty[T](value: T | None) -> T:
    """A column that may be empty, but not in this row: a constraint or the query excludes that."""
    if value is None:
        raise ValueError("a row without a value that it must have")
    return value


def _differs(before: Candidate, after: CandidateScore | None) -> bool:
    return after is None or before.points != after.points or before.pairs != after.pairs


def _change_text(before: Candidate, after: CandidateScore | None) -> str:
    if after is None:
        return "%(who)s：异议成立，不再是候选" % {"who": before.name}
    return "%(who)s：%(before)s 分变为 %(after)s 分" % {
        "who": before.name,
        "before": before.points,
        "after": after.points,
    }


def _locked(honour: Honour, *states: str) -> Honour:
    row = Honour.objects.select_for_update().get(pk=honour.pk)
    if row.status not in states:
        raise ValidationError(
            "“%(honour)s”现在是“%(state)s”，不能这样做。" % {"honour": row, "state": row.get_status_display()}
        )
    return row
