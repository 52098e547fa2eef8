"""What a published answer to an obstacle must not contain: the name of any firm, in any form that is recognised."""

from collections.abc import Iterator

from django.db.models import F, Q, Value
from django.db.models.functions import Length, StrIndex

from accounts.models import Organisation
from demands.disguises import find_disguises
from demands.masking import find_firm_mention, mask_firm, names_of_firm
from mechanism.models import Obstacle

SHORTEST = 3
"""Characters of a short name that is looked for in the texts; two characters are ordinary words too often."""


def find_names(obstacle: Obstacle, text: str) -> list[str]:
    """Mentions in `text` of who raised the obstacle, of the firms of its record, and of any firm of the registry.

    The firms that this obstacle is about are also found in disguise (by sound, in Latin letters, split).
    """
    finds = []
    for organisation in organisations_of(obstacle):
        names = names_of_firm(organisation)
        if mention := find_firm_mention(text, names):
            finds.append(mention)
        finds += [disguise.excerpt for disguise in find_disguises(text, names, organisation.website)]
    others = Organisation.objects.filter(kind__in=[Organisation.Kind.FIRM, Organisation.Kind.AGENCY])
    others = others.annotate(
        at=StrIndex(Value(text), F("name")), short_at=StrIndex(Value(text), F("short_name")), size=Length("short_name")
    ).filter(Q(at__gt=0) | Q(short_at__gt=0, size__gte=SHORTEST))
    finds += [row.name if row.at else row.short_name for row in others[:5]]
    return list(dict.fromkeys(finds))


def masked_text(obstacle: Obstacle) -> str:
    """What was raised, as a proposal for publication: the names of those concerned are masked."""
    text = obstacle.text
    for organisation in organisations_of(obstacle):
        text = mask_firm(text, names_of_firm(organisation))
    return text[:500]


def organisations_of(obstacle: Obstacle) -> Iterator[Organisation]:
    """Who raised the obstacle, and the firms and institutions of the record that it is about."""
    seen: set[int] = set()
    for organisation in _organisations_of(obstacle):
        if organisation is not None and organisation.pk not in seen:
            seen.add(organisation.pk)
            yield organisation


def _organisations_of(obstacle: Obstacle) -> Iterator[Organisation | None]:
    office_kinds = {Organisation.Kind.CITY, Organisation.Kind.BUREAU, Organisation.Kind.DISTRICT}
    if obstacle.organisation.kind not in office_kinds:
        yield obstacle.organisation
    if follow_up := obstacle.follow_up:
        yield from (follow_up.match.demand.firm, follow_up.match.achievement.institution)
    if deal := obstacle.deal:
        yield from (deal.buyer, deal.seller)
    if request := obstacle.base_request:
        yield request.organisation
