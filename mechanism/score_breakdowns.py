"""How the points of a candidate came about: each contract with its points or the reason why it has none."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.models import User
from deals.models import Contract
from mechanism.models import Candidate


@dataclass(frozen=True)
class BreakdownLine:
    """`counted_wan`: points, as text; `why`: reason for fewer points; `is_visible`: the user may open the contract."""

    contract: Contract
    counted_wan: str
    why: str
    is_visible: bool


@dataclass(frozen=True)
class ScoreBreakdown:
    candidate: Candidate
    lines: list[BreakdownLine]


def score_breakdowns(candidates: Iterable[Candidate], *, by: User) -> list[ScoreBreakdown]:
    """Breakdowns of publicised candidates, for staff or for the candidates themselves. Two SQL queries."""
    candidates = list(candidates)
    contracts = {row.public_id: row for row in Contract.objects.filter(public_id__in=_contract_ids(candidates))}
    pks = [contract.pk for contract in contracts.values()]
    visible = set(Contract.objects.visible_to(by).filter(pk__in=pks).values_list("pk", flat=True))
    breakdowns = []
    for candidate in candidates:
        lines = []
        for line in candidate.lines:
            contract = contracts[line["contract"]]
            lines.append(BreakdownLine(contract, line["counted_wan"], line["why"], contract.pk in visible))
        breakdowns.append(ScoreBreakdown(candidate, lines))
    return breakdowns


def contracts_open_to_objection(candidates: Iterable[Candidate], *, by: User) -> QuerySet[Contract]:
    """Contracts of these candidates that `by` may name in an objection: visible ones, and all of their own score."""
    candidates = list(candidates)
    pks = [candidate.pk for candidate in candidates]
    own = set(Candidate.objects.of(by).filter(pk__in=pks).values_list("pk", flat=True))
    own_contracts = _contract_ids(candidate for candidate in candidates if candidate.pk in own)
    visible = Contract.objects.visible_to(by).values("pk")
    allowed = Q(public_id__in=own_contracts) | Q(pk__in=visible)
    return Contract.objects.filter(allowed, public_id__in=_contract_ids(candidates))


def _contract_ids(candidates: Iterable[Candidate]) -> set[str]:
    return {line["contract"] for candidate in candidates for line in candidate.lines}
