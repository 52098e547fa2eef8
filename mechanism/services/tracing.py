"""How a candidate's points came about: each contract with what it counted, or why it did not."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from deals.models import Contract
from mechanism.models import Candidate


@dataclass(frozen=True)
class TracedLine:
    """`counted_wan`: points, as text; `why`: in words why not all of it. `is_seen`: whether the reader may open it."""

    contract: Contract
    counted_wan: str
    why: str
    is_seen: bool


@dataclass(frozen=True)
class Trace:
    candidate: Candidate
    lines: list[TracedLine]


def traces(candidates: Iterable[Candidate], *, by) -> list[Trace]:
    """As the list was shown, for staff or for those whose candidates these are. Two questions, however many."""
    candidates = list(candidates)
    rows = Contract.objects.filter(public_id__in=_named(candidates))
    found = {one.public_id: one for one in rows}
    seen = set(Contract.objects.visible_to(by).filter(pk__in=[one.pk for one in found.values()]).values_list("pk"))
    return [
        Trace(
            one,
            [
                TracedLine(row := found[line["contract"]], line["counted_wan"], line["why"], (row.pk,) in seen)
                for line in one.lines
            ],
        )
        for one in candidates
    ]


def contracts_to_name(candidates: Iterable[Candidate], *, by) -> QuerySet[Contract]:
    """Those of their counts that `by` may name in an objection: what they see, and all of their own count."""
    candidates = list(candidates)
    own = set(Candidate.objects.of(by).filter(pk__in=[one.pk for one in candidates]).values_list("pk", flat=True))
    of_own = _named(one for one in candidates if one.pk in own)
    seen = Contract.objects.visible_to(by).values("pk")
    return Contract.objects.filter(Q(public_id__in=of_own) | Q(pk__in=seen), public_id__in=_named(candidates))


def _named(candidates: Iterable[Candidate]) -> set[str]:
    return {line["contract"] for one in candidates for line in one.lines}
