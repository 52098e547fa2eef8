"""Who comes to a round, as far as each party agreed to be seen: names of units, never of people."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from demands.models import Demand
from rounds.models import FeaturedAchievement, Party

MOST_TOPICS = 3


@dataclass
class ParticipantRow:
    """A party with what it offers or needs: titles that the public may read."""

    party: Party
    is_own: bool
    is_other_side: bool
    topics: list[str] = field(default_factory=list)


def shown_parties(reader: Party, q: str = "") -> QuerySet[Party]:
    """Coming parties of the reader's round that let the others see them, those of the other side first."""
    parties = reader.docking_round.parties.coming().filter(shows_name=True).select_related("organisation")
    if q:
        parties = parties.filter(Q(organisation__name__icontains=q) | Q(team__icontains=q))
    by_side = "-side" if reader.side == Party.Side.FIRM else "side"
    return parties.order_by(by_side, "organisation__name", "team", "pk")


def participant_rows(reader: Party, parties) -> list[ParticipantRow]:
    """Rows for a page, in a fixed number of queries. An anonymous demand is not shown beside the name of its firm."""
    parties = list(parties)
    organisations = {party.organisation_id for party in parties}
    topics: defaultdict[int, list[str]] = defaultdict(list)
    demands = Demand.objects.open().filter(firm__in=organisations, is_anonymous=False)
    for firm, title in demands.order_by("-published_at", "-pk").values_list("firm", "title"):
        topics[firm].append(title)
    features = FeaturedAchievement.objects.filter(
        docking_round=reader.docking_round_id, achievement__institution__in=organisations
    )
    named = features.order_by("rank", "pk").values_list("achievement__institution", "achievement__title")
    for institution, title in named:
        topics[institution].append(title)
    return [
        ParticipantRow(
            party, party.pk == reader.pk, party.side != reader.side, topics[party.organisation_id][:MOST_TOPICS]
        )
        for party in parties
    ]
