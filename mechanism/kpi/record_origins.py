"""The matches that the records behind a figure come from, at most a few for each record."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from accounts.models import User
from deals.models import Deal
from matching.models import Match
from rounds.models import Meeting

MAX_MATCHES = 3


def matches_of(model_name: str, rows: list, user: User) -> dict[int, list[Match]]:
    """{pk of the row: matches visible to the user}. The number of SQL queries does not depend on the rows."""
    match_ids = MATCH_IDS[model_name](rows) if model_name in MATCH_IDS else {}
    all_ids = {match for ids in match_ids.values() for match in ids}
    visible = Match.objects.visible_to(user).select_related("achievement", "demand", "follow_up").in_bulk(all_ids)
    return {
        row: [visible[match] for match in dict.fromkeys(ids) if match in visible][:MAX_MATCHES]
        for row, ids in match_ids.items()
    }


def _of_deals(rows: list, deal_of: Callable) -> dict[int, list[int]]:
    deals = Deal.objects.filter(pk__in={deal_of(row) for row in rows}, follow_up__isnull=False)
    matches = dict(deals.values_list("pk", "follow_up__match"))
    return {row.pk: [matches[deal_of(row)]] for row in rows if deal_of(row) in matches}


def _of_achievements(rows: list, achievements: dict[int, Iterable[int]]) -> dict[int, list[int]]:
    """Accepted matches of the achievements of each row; agreed matches first, then by score."""
    wanted = {achievement for ids in achievements.values() for achievement in ids}
    by_achievement = defaultdict(list)
    accepted = Match.objects.accepted().filter(achievement__in=wanted).order_by("-follow_up__agreed_at", "-score", "pk")
    for pk, achievement in accepted.values_list("pk", "achievement"):
        by_achievement[achievement].append(pk)
    return {
        row.pk: [pk for achievement in achievements.get(row.pk, ()) for pk in by_achievement[achievement]]
        for row in rows
    }


def _achievement_ids(rows: list) -> dict[int, list[int]]:
    return {row.pk: [row.achievement_id] for row in rows if row.achievement_id}


def _of_funds(rows: list) -> dict[int, list[int]]:
    invested = {
        row.pk: [investment.achievement_id for investment in row.investments.all() if investment.achievement_id]
        for row in rows
    }
    return _of_achievements(rows, invested)


def _of_agencies(rows: list) -> dict[int, list[int]]:
    """Matches whose deals the agency served, then matches that its brokers took on."""
    matches = defaultdict(list)
    agencies = {row.pk for row in rows}
    deals = Deal.objects.filter(agency__in=agencies, follow_up__isnull=False).order_by("-stage_on", "pk")
    for agency, match in deals.values_list("agency", "follow_up__match"):
        matches[agency].append(match)
    taken = Match.objects.filter(broker_requests__broker__agency__in=agencies, broker_requests__status="taken")
    for agency, match in taken.order_by("pk").values_list("broker_requests__broker__agency", "pk"):
        matches[agency].append(match)
    return matches


def _of_parties(rows: list) -> dict[int, list[int]]:
    matches = defaultdict(list)
    meetings = Meeting.objects.filter(firm_party__in=[row.pk for row in rows], match__isnull=False).order_by("pk")
    for party, match in meetings.values_list("firm_party", "match"):
        matches[party].append(match)
    return matches


def _of_rounds(rows: list) -> dict[int, list[int]]:
    matches = defaultdict(list)
    proposed = Match.objects.accepted().filter(first_run__docking_round__in=[row.pk for row in rows])
    for docking_round, match in proposed.order_by("-score", "pk").values_list("first_run__docking_round", "pk"):
        matches[docking_round].append(match)
    return matches


MATCH_IDS: dict[str, Callable[[list], dict[int, list[int]]]] = {
    "contract": lambda rows: _of_deals(rows, lambda row: row.deal_id),
    "payment": lambda rows: _of_deals(rows, lambda row: row.deal_id),
    "deal": lambda rows: _of_deals(rows, lambda row: row.pk),
    "fund": _of_funds,
    "agency": _of_agencies,
    "achievement": lambda rows: _of_achievements(rows, {row.pk: [row.pk] for row in rows}),
    "dockinground": _of_rounds,
    "featuredachievement": lambda rows: _of_achievements(rows, {row.pk: [row.achievement_id] for row in rows}),
    "party": _of_parties,
    "meeting": lambda rows: {row.pk: [row.match_id] for row in rows if row.match_id},
    "followup": lambda rows: {row.pk: [row.match_id] for row in rows},
    "approach": lambda rows: {row.pk: [row.match_id] for row in rows if row.match_id},
    "match": lambda rows: {row.pk: [row.pk] for row in rows},
    "venture": lambda rows: _of_achievements(rows, {row.pk: [row.achievement_id] for row in rows}),
    "investment": lambda rows: _of_achievements(rows, _achievement_ids(rows)),
    "baserequest": lambda rows: _of_achievements(rows, _achievement_ids(rows)),
}
"""{model name: function rows → {pk of the row: ids of its matches}}; records of other models come from no match."""
