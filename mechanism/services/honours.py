"""From contracts to an honour: count, publicise, hear objections, release. Nobody is chosen by hand."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from audit.services import record
from brokers.models import Agency, Broker
from deals.models import Contract, Deal
from mechanism.honours import Claim, Rule, Standing, standings
from mechanism.models import Candidate, Honour, Objection, RelatedParties
from mechanism.services.tracing import contracts_to_name
from mechanism.services.work import check_city

OBJECTION_DAYS = 7
"""A list is open to objections for at least so many days."""
Status = Honour.Status


def count_candidates(honour: Honour, *, as_of: date) -> list[Standing]:
    """Every broker (agency) that a registered contract of the period names, best first, as the rule counts on that day.

    `candidate` and `contract` of what comes back are primary keys. Excluded are contracts and candidates against whom
    an objection of this honour was upheld.
    """
    contracts = list(_contracts(honour))
    upheld = Objection.objects.filter(candidate__honour=honour, status=Objection.Status.UPHELD, is_own=False)
    bad_contracts = set(upheld.exclude(contract=None).values_list("contract", flat=True))
    out = set(upheld.filter(contract=None).values_list(f"candidate__{honour.kind}", flat=True))
    claims = list(_claims(honour, contracts, bad_contracts, as_of))
    related = RelatedParties.objects.filter(Q(ended_on=None) | Q(ended_on__gt=honour.first_on))
    rule = Rule(honour.cap_per_pair_wan, honour.settled_days, honour.least_pairs, honour.is_received_only)
    found = standings(
        rule,
        claims,
        first=honour.first_on,
        last=honour.last_on,
        as_of=as_of,
        related=[(f"o{one}", f"o{other}") for one, other in related.values_list("one", "other")],
        own=_own_organisations(honour, {claim.candidate for claim in claims}),
    )
    return [one for one in found if one.candidate not in out]


@transaction.atomic
def publicise_honour(honour: Honour, *, objections_until: date, by) -> None:
    """公示: freeze the list as it is counted today. Raises ValidationError without candidates, or for too few days."""
    check_city(by)
    row = _locked(honour, Status.DRAFT)
    today = timezone.localdate()
    if objections_until < today + timedelta(days=OBJECTION_DAYS):
        raise ValidationError(_("公示至少 %(days)d 天，请选择更晚的日期。") % {"days": OBJECTION_DAYS})
    if row.last_on > today:
        raise ValidationError(_("评选期还没有结束，请在 %(day)s 以后公示。") % {"day": row.last_on})
    _write_list(row, today)
    if not row.candidates.filter(is_proposed=True).exists():
        raise ValidationError(_("没有符合评选办法的候选，请先查看逐项计算的原因。"))
    Honour.objects.filter(pk=row.pk).update(status=Status.PUBLICISED, as_of=today, objections_until=objections_until)
    record(_("公示表彰名单"), row, by=by, changes={"objections_until": [None, str(objections_until)]})
    honour.refresh_from_db()


@transaction.atomic
def object_to(candidate: Candidate, *, text: str, by, contract: Contract | None = None) -> Objection:
    """提出异议, by anybody who is signed in, until the last day. Against one contract only if they see it or it is of
    their own count. Raises ValidationError."""
    honour = Honour.objects.select_for_update().get(pk=candidate.honour_id)
    if honour.status != Status.PUBLICISED or timezone.localdate() > honour.objections_until:
        raise ValidationError(_("这份名单不在异议受理期内。"))
    if len(text.strip()) < 10:
        raise ValidationError(_("请写明异议的事实和理由，不少于 10 个字。"))
    is_own = Candidate.objects.of(by).filter(pk=candidate.pk).exists()
    if contract and not contracts_to_name([candidate], by=by).filter(pk=contract.pk).exists():
        raise ValidationError(_("这份合同不在该候选的计算里，或者不在您能看到的范围内。"))
    try:
        with transaction.atomic():
            made = Objection.objects.create(
                candidate=candidate, contract=contract, text=text.strip()[:1000], made_by=by, is_own=is_own
            )
    except IntegrityError as error:
        raise ValidationError(_("您的异议还在处理中，请等待答复。")) from error
    record(_("提出表彰异议"), made, by=by)
    return made


@transaction.atomic
def answer_objection(objection: Objection, *, upheld: bool, answer: str, by) -> None:
    """成立 or 不成立, with words. Raises ValidationError without them, or where it was answered."""
    check_city(by)
    if not answer.strip():
        raise ValidationError(_("请写明处理意见。"))
    status = Objection.Status.UPHELD if upheld else Objection.Status.DISMISSED
    done = Objection.objects.filter(
        pk=objection.pk, status=Objection.Status.OPEN, candidate__honour__status=Status.PUBLICISED
    ).update(status=status, answer=answer.strip()[:1000], answered_by=by, answered_at=timezone.now())
    objection.refresh_from_db()
    if not done:
        raise ValidationError(_("这项异议已经处理过。"))
    record(_("处理表彰异议"), objection, by=by, changes={"status": ["open", status]})


@transaction.atomic
def release_honour(honour: Honour, *, by) -> list[str]:
    """公布: counted once more, with what was upheld and what was cancelled since; the list that comes of it stands.

    Returns in words what moved since it was publicised. Raises ValidationError before the last day of objections,
    while one waits for an answer, and where somebody new would move up who never stood open to objections.
    """
    check_city(by)
    row = _locked(honour, Status.PUBLICISED)
    if timezone.localdate() <= row.objections_until:
        raise ValidationError(_("%(day)s 以前还在受理异议，请之后再公布。") % {"day": row.objections_until})
    if waiting := Objection.objects.filter(candidate__honour=row, status=Objection.Status.OPEN).count():
        raise ValidationError(_("还有 %(count)d 项异议没有处理，请先处理。") % {"count": waiting})
    before = {_who(one): one for one in row.candidates.all()}
    after = {one.candidate: one for one in count_candidates(row, as_of=row.as_of)}
    if strangers := set(after) - set(before):
        raise ValidationError(
            _("公示以后多出 %(count)d 个候选（补充确认或更正登记），请取消后重新公示。") % {"count": len(strangers)}
        )
    moved = [_moved(before[who], after.get(who)) for who in before if _differs(before[who], after.get(who))]
    _write_list(row, row.as_of)
    Honour.objects.filter(pk=row.pk).update(status=Status.RELEASED, released_at=timezone.now())
    record(_("公布表彰名单"), row, by=by, changes={"moved": [None, len(moved)]})
    honour.refresh_from_db()
    return moved


@transaction.atomic
def cancel_honour(honour: Honour, *, reason: str, by) -> None:
    """取消, before it is released. Raises ValidationError without a reason."""
    check_city(by)
    row = _locked(honour, Status.DRAFT, Status.PUBLICISED)
    if not reason.strip():
        raise ValidationError(_("取消评选请说明原因。"))
    Honour.objects.filter(pk=row.pk).update(status=Status.CANCELLED, cancelled_reason=reason.strip()[:200])
    record(_("取消表彰评选"), row, by=by, changes={"status": [row.status, Status.CANCELLED]})
    honour.refresh_from_db()


# --- Counting --------------------------------------------------------------------------------------------------------
def _contracts(honour: Honour):
    """Contracts that name a candidate of this kind, of the period or cancelled since, in a fixed order."""
    rows = Contract.objects.filter(registered_on__range=(honour.first_on, honour.last_on))
    rows = rows.filter(broker__isnull=False) if honour.kind == Honour.Kind.BROKER else rows.filter(
        Q(agency__isnull=False) | Q(broker__agency__isnull=False)
    )  # fmt: skip
    return rows.select_related("broker").order_by("registered_on", "pk")


def _claims(honour: Honour, contracts: list[Contract], objected: set, as_of: date) -> Iterator[Claim]:
    received = _received(contracts, as_of)
    for one in contracts:
        is_broker = honour.kind == Honour.Kind.BROKER
        yield Claim(
            contract=one.pk,
            candidate=one.broker_id if is_broker else one.agency_id or one.broker.agency_id,
            seller=(one.seller_id and f"o{one.seller_id}") or one.seller_name or None,
            buyer=(one.buyer_id and f"o{one.buyer_id}") or one.buyer_name or None,
            value_wan=one.tech_amount_wan or Decimal(0),
            received_wan=received[one.pk],
            registered_on=one.registered_on,
            is_registered=one.status == Contract.Status.REGISTERED,
            confirmed=_is_confirmed(one),
            objected=one.pk in objected,
        )


def _is_confirmed(contract: Contract) -> bool:
    """By both sides; where it names a broker, the broker's part too."""
    about_broker = (contract.seller_confirmed_broker_at, contract.buyer_confirmed_broker_at)
    return contract.is_confirmed and (contract.broker_id is None or None not in about_broker)


def _received(contracts: list[Contract], as_of: date) -> dict[int, Decimal]:
    """Of each contract the money that came in for its deal by that day, given to the deal's contracts in turn."""
    deals = {one.deal_id for one in contracts if one.deal_id}
    sums = Deal.objects.filter(pk__in=deals).annotate(
        came=Sum("payments__amount_wan", filter=Q(payments__received_on__lte=as_of))
    )
    left = {pk: came or Decimal(0) for pk, came in sums.values_list("pk", "came")}
    found: dict[int, Decimal] = defaultdict(Decimal)
    for one in contracts:
        if one.deal_id and one.status == Contract.Status.REGISTERED:
            found[one.pk] = min(left[one.deal_id], one.tech_amount_wan or Decimal(0))
            left[one.deal_id] -= found[one.pk]
    return found


def _own_organisations(honour: Honour, candidates: set) -> dict[int, set[str]]:
    """Of each candidate the organisations it is, belongs to or speaks for."""
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
    whose: dict[int, set[int]] = defaultdict(set)
    for pk, user in people:
        whose[user].add(pk)
    for user, organisation in Membership.objects.filter(user__in=whose).values_list("user", "organisation"):
        for pk in whose[user]:
            own[pk].add(f"o{organisation}")
    return own


# --- The list as it was shown ----------------------------------------------------------------------------------------
def _write_list(honour: Honour, as_of: date) -> None:
    found = count_candidates(honour, as_of=as_of)
    contracts = dict(Contract.objects.filter(pk__in=_named(found)).values_list("pk", "public_id"))
    old = {_who(one): one for one in honour.candidates.select_for_update()}
    honour.candidates.update(rank=1000 + F("rank"))  # out of the way: ranks are unique
    for number, one in enumerate([*found, *(old[who] for who in set(old) - {one.candidate for one in found})], start=1):
        fields = {"rank": number, "is_proposed": False, "points": Decimal(0), "pairs": 0, "lines": []}
        who = _who(one) if isinstance(one, Candidate) else one.candidate
        if isinstance(one, Standing):
            fields |= {
                "points": one.points,
                "pairs": one.pairs,
                "is_proposed": one.qualifies and number <= honour.places,
            }
            fields["lines"] = [
                {"contract": contracts[line.contract], "counted_wan": str(line.counted_wan), "why": line.why}
                for line in one.lines
            ]
        Candidate.objects.update_or_create(honour=honour, **{f"{honour.kind}_id": who}, defaults=fields)


def _named(found: list[Standing]) -> list[int]:
    return [line.contract for one in found for line in one.lines]


def _who(candidate: Candidate) -> int:
    return candidate.broker_id or candidate.agency_id


def _differs(before: Candidate, after: Standing | None) -> bool:
    return after is None or before.points != after.points or before.pairs != after.pairs


def _moved(before: Candidate, after: Standing | None) -> str:
    if after is None:
        return _("%(who)s：异议成立，不再是候选") % {"who": before.name}
    return _("%(who)s：%(before)s 分变为 %(after)s 分") % {
        "who": before.name,
        "before": before.points,
        "after": after.points,
    }


def _locked(honour: Honour, *states: str) -> Honour:
    row = Honour.objects.select_for_update().get(pk=honour.pk)
    if row.status not in states:
        raise ValidationError(
            _("“%(honour)s”现在是“%(state)s”，不能这样做。") % {"honour": row, "state": row.get_status_display()}
        )
    return row
