"""Texts for the records behind a figure, with links back to what they come from: contract → deal → meeting → match."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.names import knows_name, name_for
from deals.models import Deal
from demands.masking import identifying_names, mask_firm
from matching.models import Match
from mechanism.kpi import task_records
from mechanism.kpi.definitions import FigureDefinition
from mechanism.kpi.record_description import RecordDescription, RecordLink, match_links, record_url
from mechanism.kpi.record_origins import matches_of
from rounds.models import DockingRound, Meeting

DEMAND_OF_A_DEAL = (
    *("follow_up__match__demand", "follow_up__match__achievement"),
    *("outside_demand", "meeting__match__demand", "meeting__match__achievement", "meeting__match__follow_up"),
)
SELECT_RELATED = {
    "contract": ("seller_region", "buyer_region", "deal__meeting__docking_round", "agency__organisation"),
    "payment": (
        *("deal__buyer__stat_region", "deal__seller", "deal__meeting__docking_round"),
        *(f"deal__{path}" for path in DEMAND_OF_A_DEAL),
    ),
    "fund": (),
    "agency": ("organisation__stat_region",),
    "achievement": ("institution__stat_region",),
    "dockinground": ("host__stat_region",),
    "featuredachievement": ("docking_round", "achievement__institution__stat_region"),
    "party": ("organisation__stat_region", "docking_round"),
    "meeting": (
        *("firm_party__organisation__stat_region", "institution_party__organisation", "docking_round"),
        *("match__demand__firm", "match__achievement", "match__follow_up", "unmatched_demand__firm"),
    ),
    "followup": ("match__demand__firm__stat_region", "match__achievement__institution"),
    "deal": ("buyer__stat_region", "seller", "meeting__docking_round", *DEMAND_OF_A_DEAL),
    "approach": ("firm__stat_region", "institution", "achievement", "demand__firm", "match__follow_up"),
    "challenge": ("demand__firm__stat_region",),
    "bid": ("challenge__demand__firm__stat_region", "lead"),
    **task_records.SELECT_RELATED,
}
PREFETCH_RELATED = {"fund": ("investments__achievement", "investments__firm")}


def model_name(model: type[Model]) -> str:
    return model._meta.model_name or ""


def ordered_records(figure: FigureDefinition, rows: QuerySet) -> QuerySet:
    """Newest first, with the related objects that `describe_records` needs."""
    name = model_name(figure.model)
    rows = rows.select_related(*SELECT_RELATED[name]).prefetch_related(*PREFETCH_RELATED.get(name, ()))
    return rows.order_by(f"-{figure.date_field}", "-pk")


def describe_records(figure: FigureDefinition, rows: Iterable, user: User) -> list[RecordDescription]:
    """The number of SQL queries does not depend on the number of rows."""
    rows = list(rows)
    name = model_name(figure.model)
    matches = matches_of(name, rows, user)
    described = [DESCRIBE[name](row, figure, user, matches.get(row.pk, [])) for row in rows]
    return [
        replace(record, part_wan=getattr(row, "part_wan", None)) for record, row in zip(described, rows, strict=True)
    ]


# --- Links to origins ------------------------------------------------------------------------------------------------
def _deal_links(deal: Deal | None, user: User) -> list[RecordLink]:
    if deal is None:
        return []
    return [RecordLink("成交项目", deal.name, record_url(deal, user)), *_origin_links(deal)]


def _origin_links(deal: Deal) -> list[RecordLink]:
    if deal.origin == Deal.Origin.APPROACH:
        return [RecordLink("来源", str(Deal.Origin.APPROACH.label))]
    if deal.origin == Deal.Origin.CHALLENGE:
        return [RecordLink("来源", str(Deal.Origin.CHALLENGE.label))]
    return [_round_link("洽谈", deal.meeting.docking_round)] if deal.meeting else []


def _round_link(what: str, docking_round: DockingRound) -> RecordLink:
    return RecordLink(what, docking_round.name, reverse("round_detail", args=[docking_round.public_id]))


# --- Descriptions ----------------------------------------------------------------------------------------------------
def _describe_contract(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    by_buyer = figure.dimensions["region"] == "buyer_region"
    region = row.buyer_region if by_buyer else row.seller_region
    amount = getattr(row, figure.amount_field) if figure.amount_field else row.amount_wan
    return RecordDescription(
        row.name,
        record_url(row, user),
        f"{row.seller_name} → {row.buyer_name}",
        str(region or ""),
        row.registered_on,
        amount,
        row.number,
        bool(row.stays) if figure.is_rate else None,
        [*_deal_links(row.deal, user), *match_links(matches, user)],
    )


def _describe_payment(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    deal = row.deal
    parties = f"{deal.seller_label} ← {_buyer_name(deal, user)}"
    region = str(deal.buyer.stat_region or "") if deal.buyer else ""
    origin = [*_deal_links(deal, user), *match_links(matches, user)]
    return RecordDescription(deal.name, "", parties, region, row.received_on, row.amount_wan, row.note, None, origin)


def _describe_fund(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    amount = getattr(row, figure.amount_field) if figure.amount_field else None
    origin = [
        RecordLink("投资", str(investment.firm or investment.target or investment.achievement))
        for investment in row.investments.all()
    ][:3]
    origin += match_links(matches, user)
    note = row.get_kind_display()
    return RecordDescription(
        row.name, record_url(row, user), row.manager, "", row.valid_from, amount, note, None, origin
    )


def _describe_agency(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    organisation, day = row.organisation, timezone.localdate(row.verified_at)
    url = reverse("agency_detail", args=[row.public_id])
    region, note = str(organisation.stat_region or ""), row.get_kind_display()
    origin = match_links(matches, user)
    return RecordDescription(organisation.name, url, "", region, day, None, note, None, origin)


def _describe_achievement(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    institution, day = row.institution, timezone.localdate(row.registered_at)
    url = record_url(row, user) or reverse("achievement_detail", args=[row.public_id])
    region = str(institution.stat_region or "")
    note = f"{row.registry_number} {row.get_status_display()}"
    origin = match_links(matches, user)
    return RecordDescription(row.title, url, institution.name, region, day, None, note, None, origin)


def _describe_round(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    url, day = reverse("round_detail", args=[row.public_id]), timezone.localdate(row.starts_at)
    region = str(row.host.stat_region or "") if row.host else ""
    host, note = str(row.host or ""), row.get_host_kind_display()
    return RecordDescription(row.name, url, host, region, day, None, note, None, match_links(matches, user))


def _describe_feature(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    achievement, institution = row.achievement, row.achievement.institution
    origin = [_round_link("对接活动", row.docking_round), *match_links(matches, user)]
    url = reverse("achievement_detail", args=[achievement.public_id])
    region, day = str(institution.stat_region or ""), timezone.localdate(row.docking_round.starts_at)
    return RecordDescription(achievement.title, url, institution.name, region, day, None, "", None, origin)


def _describe_party(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    origin = [_round_link("对接活动", row.docking_round), *match_links(matches, user)]
    region, day = str(row.organisation.stat_region or ""), timezone.localdate(row.docking_round.starts_at)
    note = "现场报到" if row.is_walk_in else ""
    return RecordDescription(str(row), record_url(row, user), "", region, day, None, note, None, origin)


def _describe_meeting(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    origin = [_round_link("对接活动", row.docking_round), *match_links(matches, user)]
    region = str(row.firm_party.organisation.stat_region or "")
    title = row.pair_for(user, full=True)
    return RecordDescription(title, record_url(row, user), "", region, row.held_on, None, _topic(row), None, origin)


def _topic(meeting: Meeting) -> str:
    """As typed by staff, without the name of an anonymous firm."""
    demand = meeting.demand
    return mask_firm(meeting.topic, identifying_names(demand)) if demand and demand.is_anonymous else meeting.topic


def _describe_follow_up(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    match = row.match
    firm = match.demand.firm
    name = name_for(firm, user, match)
    parties = f"{match.achievement.institution.name} × {name}"
    shown = firm.stat_region if name == firm.name else match.demand.public_region
    region, day = str(shown or ""), timezone.localdate(row.intended_at)
    url, origin = reverse("follow_up", args=[row.public_id]), match_links(matches, user)
    note = row.get_status_display()
    return RecordDescription(match.achievement.title, url, parties, region, day, None, note, None, origin)


def _describe_approach(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    name = name_for(row.firm, user, row)
    region = row.firm.stat_region if knows_name(row.firm, user, row) else ""
    moment = row.sent_at if figure.date_field == "sent_at" else row.match.follow_up.agreed_at
    return RecordDescription(
        str(row),
        reverse("approach", args=[row.public_id]),
        f"{name} × {row.institution.name}",
        str(region or ""),
        timezone.localdate(moment),
        None,
        row.get_status_display(),
        None,
        match_links(matches, user),
    )


def _describe_challenge(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    amount = row.prize_wan if figure.amount_field else None
    moment = row.awarded_at if figure.date_field == "awarded_at" else row.published_at
    url = reverse("challenge_detail", args=[row.public_id])
    region = str(row.demand.firm.stat_region or "")
    note = f"榜单 {row.list_number} {row.state_label}"
    return RecordDescription(
        row.public_title, url, name_for(row.demand.firm, user, row), region, timezone.localdate(moment), amount, note
    )


def _describe_bid(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    call = row.challenge
    url = reverse("challenge_detail", args=[call.public_id])
    region, day = str(call.demand.firm.stat_region or ""), timezone.localdate(call.opened_at)
    return RecordDescription(call.public_title, url, row.lead.name, region, day, note=f"榜单 {call.list_number}")


def _buyer_name(deal: Deal, user: User) -> str:
    return deal.buyer_name or (name_for(deal.buyer, user, deal) if deal.buyer else deal.buyer_label)


def _describe_deal(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    amount = getattr(row, figure.amount_field) if figure.amount_field else None
    parties = f"{row.seller_label} → {_buyer_name(row, user)}"
    region = str(row.buyer.stat_region or "") if row.buyer else ""
    day = row.signed_on if figure.date_field == "signed_on" else timezone.localdate(row.made_at)
    origin = [*_origin_links(row), *match_links(matches, user)]
    note = row.get_stage_display()
    return RecordDescription(row.name, record_url(row, user), parties, region, day, amount, note, None, origin)


DESCRIBE: dict[str, Callable[..., RecordDescription]] = {
    "contract": _describe_contract,
    "payment": _describe_payment,
    "fund": _describe_fund,
    "agency": _describe_agency,
    "achievement": _describe_achievement,
    "dockinground": _describe_round,
    "featuredachievement": _describe_feature,
    "party": _describe_party,
    "meeting": _describe_meeting,
    "followup": _describe_follow_up,
    "deal": _describe_deal,
    "approach": _describe_approach,
    "challenge": _describe_challenge,
    "bid": _describe_bid,
    **task_records.DESCRIBE,
}
