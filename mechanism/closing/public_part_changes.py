"""Parts of the public turnover from one version to the next.

Few contracts are in a part. If a month adds the contract of one firm, the difference of two published sums is the sum
of this firm: then the part stays as it was published, until enough firms stand behind what came and went since.
"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.db.models import Q

from deals.models import Contract, FigureEffect, Payment
from deals.models.confirmation import Confirmation
from mechanism.kpi.definitions import UNPAID
from mechanism.kpi.disclosure_control import PublishedContracts
from mechanism.kpi.public_parts import PublicPart
from mechanism.kpi.public_report import entries_of, part_entries
from mechanism.kpi.query_scope import FigureScope
from mechanism.models import FigureVersion, FrozenRow

UNCHANGED = "本期变动涉及的单位太少，沿用先前公布的数"


def parts_to_publish(
    parts: list[PublicPart], before: list[PublicPart], previous: FigureVersion, scope: FigureScope
) -> list[PublicPart]:
    """`before`: the parts as published with `previous`."""
    earlier = {part.key: part for part in before}
    return [_publish(part, earlier.get(part.key), previous, scope) for part in parts]


def _publish(part: PublicPart, earlier: PublicPart | None, previous: FigureVersion, scope: FigureScope) -> PublicPart:
    if earlier is None or not earlier.text or earlier.text == part.text:
        return part
    source = FigureVersion.objects.filter(public_id=earlier.source).first() if earlier.source else previous
    if source is not None and part.text and _is_safe_since(part.key, source, scope):
        return part
    return replace(earlier, note=UNCHANGED, source=earlier.source or previous.public_id)


def _is_safe_since(key: str, source: FigureVersion, scope: FigureScope) -> bool:
    """Whether enough firms are behind the contracts that came into the part or left it since a version."""
    if key != UNPAID:
        return _is_safe(_changed_since(key, source, scope))
    paid, perhaps = _paid_since(source.checked_at), _perhaps_paid()
    if not paid:
        return not perhaps  # new contracts alone: what they add to the unpaid sum they add to the turnover
    return _is_safe(paid) and _is_safe(paid | perhaps)


def _is_safe(contract_ids: set[int]) -> bool:
    contracts = PublishedContracts(entries_of(contract_ids))
    return contracts.is_safe(contracts.all_ids)


def _changed_since(key: str, source: FigureVersion, scope: FigureScope) -> set[int]:
    """Contracts that came into the part, left it, or have another amount."""
    frozen = FrozenRow.objects.filter(version=source, row_set="turnover", **{f"facts__part {key}": True})
    then = {pk: Decimal(str(amount or 0)) for pk, amount in frozen.values_list("object_id", "facts__amount_wan")}
    now = {row.entry.pk: row.entry.amount for row in part_entries(scope) if key in row.parts}
    return {pk for pk in then.keys() | now.keys() if then.get(pk) != now.get(pk)}


def _paid_since(moment: datetime) -> set[int]:
    """Contracts of the deals whose payments came to count or ceased to since a moment."""
    confirmations = Confirmation.objects.filter(subject="deals.payment")
    confirmations = confirmations.filter(Q(confirmed_at__gt=moment) | Q(objected_at__gt=moment))
    decided = FigureEffect.objects.filter(decided_at__gt=moment, payment__isnull=False)
    return _contracts_of(
        Q(checked_at__gt=moment)
        | Q(struck_at__gt=moment)
        | Q(pk__in=confirmations.values("subject_id"))
        | Q(pk__in=decided.values("payment"))
    )


def _perhaps_paid() -> set[int]:
    """When an objection to a payment was decided is not recorded: it may have been since then."""
    decided = Confirmation.objects.filter(subject="deals.payment").exclude(decision="")
    return _contracts_of(Q(pk__in=decided.values("subject_id")))


def _contracts_of(payments: Q) -> set[int]:
    deals = Payment.objects.filter(payments).values("deal")
    return set(Contract.objects.filter(deal__in=deals).values_list("pk", flat=True))
