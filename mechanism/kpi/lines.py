"""The rows behind a figure in words, each with the way back: contract → deal → meeting → match."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.scope import scope_of
from deals.models import Deal
from demands.masking import public_text
from matching.models import Match
from mechanism.kpi.figure import Figure
from rounds.models import Meeting

MOST_MATCHES = 3


@dataclass(frozen=True)
class Link:
    what: str
    text: str
    url: str = ""


@dataclass(frozen=True)
class RowLine:
    """`amount` in 万元, None where the figure counts rows. `is_part`: whether it is in a rate's numerator."""

    title: str
    url: str = ""
    who: str = ""
    region: str = ""
    day: date | None = None
    amount: Decimal | None = None
    note: str = ""
    is_part: bool | None = None
    way_back: list[Link] = field(default_factory=list)


RELATED = {
    "contract": ("seller_region", "buyer_region", "deal__meeting__docking_round", "agency__organisation"),
    "payment": ("deal__buyer__stat_region", "deal__seller", "deal__meeting__docking_round"),
    "fund": (),
    "agency": ("organisation__stat_region",),
    "achievement": ("institution__stat_region",),
    "dockinground": ("host__stat_region",),
    "feature": ("docking_round", "achievement__institution__stat_region"),
    "party": ("organisation__stat_region", "docking_round"),
    "meeting": ("firm_party__organisation__stat_region", "office_party__organisation", "docking_round"),
    "followup": ("match__demand__firm__stat_region", "match__achievement__institution"),
    "deal": ("buyer__stat_region", "seller", "meeting__docking_round"),
}


MANY = {"fund": ("investments__achievement", "investments__firm")}


def ordered(figure: Figure, rows: QuerySet) -> QuerySet:
    """The rows as a page shows them: the newest first, with what their lines need."""
    name = figure.model._meta.model_name
    rows = rows.select_related(*RELATED[name]).prefetch_related(*MANY.get(name, ()))
    return rows.order_by(f"-{figure.day}", "-pk")


def lines(figure: Figure, rows: Iterable, user) -> list[RowLine]:
    """A line for each of these rows (a page of them). Few questions, however many rows."""
    rows = list(rows)
    name = figure.model._meta.model_name
    matches = _matches(name, rows, user)
    return [WORDED[name](row, figure, user, matches.get(row.pk, [])) for row in rows]


def page_of(obj, user) -> str:
    """Where this user can open a record: staff in the admin, both sides follow-up and deal. Empty where nowhere."""
    meta = obj._meta
    if meta.model_name == "match" and not user.has_perm("matching.view_match"):
        found = getattr(obj, "follow_up", None)
        return reverse("follow_up", args=[found.public_id]) if found else ""
    if not user.has_perm(f"{meta.app_label}.view_{meta.model_name}"):
        return reverse("deal", args=[obj.public_id]) if meta.model_name == "deal" else ""
    try:
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[obj.pk])
    except NoReverseMatch:
        return ""


# --- The way back --------------------------------------------------------------------------------------------------
def _matches(name: str, rows: list, user) -> dict[int, list[Match]]:
    """{row: the matches it came from}, of those this user may see; for what has many, the first few."""
    pairs = PAIRS[name](rows)
    ids = {match for found in pairs.values() for match in found}
    seen = Match.objects.visible_to(user).select_related("achievement", "demand", "follow_up").in_bulk(ids)
    return {
        row: [seen[match] for match in dict.fromkeys(found) if match in seen][:MOST_MATCHES]
        for row, found in pairs.items()
    }


def _of_deals(rows: list, deal_of: Callable) -> dict[int, list[int]]:
    deals = dict(
        Deal.objects.filter(pk__in={deal_of(row) for row in rows}, follow_up__isnull=False).values_list(
            "pk", "follow_up__match"
        )
    )
    return {row.pk: [deals[deal_of(row)]] for row in rows if deal_of(row) in deals}


def _accepted_of(rows: list, achievements: dict[int, Iterable[int]]) -> dict[int, list[int]]:
    """Accepted matches of the achievements that a row stands for, those that went furthest first."""
    wanted = {achievement for found in achievements.values() for achievement in found}
    of_achievement = defaultdict(list)
    accepted = Match.objects.accepted().filter(achievement__in=wanted).order_by("-follow_up__agreed_at", "-score", "pk")
    for pk, achievement in accepted.values_list("pk", "achievement"):
        of_achievement[achievement].append(pk)
    return {row.pk: [pk for one in achievements.get(row.pk, ()) for pk in of_achievement[one]] for row in rows}


def _of_funds(rows: list) -> dict[int, list[int]]:
    invested = {row.pk: [one.achievement_id for one in row.investments.all() if one.achievement_id] for row in rows}
    return _accepted_of(rows, invested)


def _of_agencies(rows: list) -> dict[int, list[int]]:
    """Matches whose deals it saw through, then those its brokers took on."""
    found = defaultdict(list)
    mine = {row.pk for row in rows}
    deals = Deal.objects.filter(agency__in=mine, follow_up__isnull=False).order_by("-stage_on", "pk")
    for agency, match in deals.values_list("agency", "follow_up__match"):
        found[agency].append(match)
    taken = Match.objects.filter(broker_requests__broker__agency__in=mine, broker_requests__status="taken")
    for agency, match in taken.order_by("pk").values_list("broker_requests__broker__agency", "pk"):
        found[agency].append(match)
    return found


def _of_parties(rows: list) -> dict[int, list[int]]:
    found = defaultdict(list)
    held = Meeting.objects.filter(firm_party__in=[row.pk for row in rows], match__isnull=False).order_by("pk")
    for party, match in held.values_list("firm_party", "match"):
        found[party].append(match)
    return found


def _of_rounds(rows: list) -> dict[int, list[int]]:
    found = defaultdict(list)
    proposed = Match.objects.accepted().filter(first_run__docking_round__in=[row.pk for row in rows])
    for docking_round, match in proposed.order_by("-score", "pk").values_list("first_run__docking_round", "pk"):
        found[docking_round].append(match)
    return found


PAIRS: dict[str, Callable] = {
    "contract": lambda rows: _of_deals(rows, lambda row: row.deal_id),
    "payment": lambda rows: _of_deals(rows, lambda row: row.deal_id),
    "deal": lambda rows: _of_deals(rows, lambda row: row.pk),
    "fund": _of_funds,
    "agency": _of_agencies,
    "achievement": lambda rows: _accepted_of(rows, {row.pk: [row.pk] for row in rows}),
    "dockinground": _of_rounds,
    "feature": lambda rows: _accepted_of(rows, {row.pk: [row.achievement_id] for row in rows}),
    "party": _of_parties,
    "meeting": lambda rows: {row.pk: [row.match_id] for row in rows if row.match_id},
    "followup": lambda rows: {row.pk: [row.match_id] for row in rows},
}


def _match_links(matches: list[Match], user) -> list[Link]:
    return [
        Link(_("匹配"), f"{one.achievement.title} × {_need(one.demand, user)}", page_of(one, user)) for one in matches
    ]


def _need(demand, user) -> str:
    """As staff read it; for everybody else as everybody may."""
    return demand.title if user.has_perm("matching.view_match") else public_text(demand, "title")


def _deal_links(deal, user) -> list[Link]:
    if deal is None:
        return []
    links = [Link(_("成交项目"), deal.name, page_of(deal, user))]
    if deal.meeting:
        found = deal.meeting.docking_round
        links.append(Link(_("洽谈"), found.name, reverse("round_detail", args=[found.public_id])))
    return links


# --- The words -----------------------------------------------------------------------------------------------------
def _contract(row, figure, user, matches) -> RowLine:
    by_buyer = figure.ways["region"] == "buyer_region"
    region = row.buyer_region if by_buyer else row.seller_region
    amount = getattr(row, figure.amount) if figure.amount else row.amount_wan
    return RowLine(
        row.name,
        page_of(row, user),
        f"{row.seller_name} → {row.buyer_name}",
        str(region or ""),
        row.registered_on,
        amount,
        row.number,
        bool(row.stays) if figure.is_rate else None,
        [*_deal_links(row.deal, user), *_match_links(matches, user)],
    )


def _payment(row, figure, user, matches) -> RowLine:
    deal = row.deal
    who = f"{deal.seller or _('转让方未填')} ← {deal.buyer or _('受让方未填')}"
    region = str(deal.buyer.stat_region or "") if deal.buyer else ""
    back = [*_deal_links(deal, user), *_match_links(matches, user)]
    return RowLine(deal.name, "", who, region, row.received_on, row.amount_wan, row.note, None, back)


def _fund(row, figure, user, matches) -> RowLine:
    amount = getattr(row, figure.amount)
    back = [Link(_("投资"), str(one.firm or one.target or one.achievement)) for one in row.investments.all()][:3]
    note = row.get_kind_display()
    back += _match_links(matches, user)
    return RowLine(row.name, page_of(row, user), row.manager, "", row.valid_from, amount, note, None, back)


def _agency(row, figure, user, matches) -> RowLine:
    organisation = row.organisation
    day = timezone.localdate(row.verified_at)
    page = reverse("agency_detail", args=[row.public_id])
    region = str(organisation.stat_region or "")
    links = _match_links(matches, user)
    return RowLine(organisation.name, page, "", region, day, None, row.get_kind_display(), None, links)


def _achievement(row, figure, user, matches) -> RowLine:
    institution, day = row.institution, timezone.localdate(row.registered_at)
    page = page_of(row, user) or reverse("achievement_detail", args=[row.public_id])
    region = str(institution.stat_region or "")
    note = f"{row.registry_number} {row.get_status_display()}"
    return RowLine(row.title, page, institution.name, region, day, None, note, None, _match_links(matches, user))


def _round(row, figure, user, matches) -> RowLine:
    page = reverse("round_detail", args=[row.public_id])
    region = str(row.host.stat_region or "") if row.host else ""
    day, links = timezone.localdate(row.starts_at), _match_links(matches, user)
    return RowLine(row.name, page, str(row.host or ""), region, day, None, row.get_host_kind_display(), None, links)


def _featured(row, figure, user, matches) -> RowLine:
    institution, found = row.achievement.institution, row.docking_round
    back = [Link(_("对接活动"), found.name, reverse("round_detail", args=[found.public_id]))]
    page = reverse("achievement_detail", args=[row.achievement.public_id])
    region, day = str(institution.stat_region or ""), timezone.localdate(found.starts_at)
    back += _match_links(matches, user)
    return RowLine(row.achievement.title, page, institution.name, region, day, None, "", None, back)


def _party(row, figure, user, matches) -> RowLine:
    found = row.docking_round
    back = [Link(_("对接活动"), found.name, reverse("round_detail", args=[found.public_id]))]
    region, day = str(row.organisation.stat_region or ""), timezone.localdate(found.starts_at)
    note = _("现场报到") if row.is_walk_in else ""
    back += _match_links(matches, user)
    return RowLine(str(row), page_of(row, user), "", region, day, None, note, None, back)


def _meeting(row, figure, user, matches) -> RowLine:
    found = row.docking_round
    back = [Link(_("对接活动"), found.name, reverse("round_detail", args=[found.public_id]))]
    region = str(row.firm_party.organisation.stat_region or "")
    back += _match_links(matches, user)
    title = f"{row.firm_party.organisation.name} × {row.office_party.organisation.name}"
    return RowLine(title, page_of(row, user), "", region, row.held_on, None, row.topic, None, back)


def _follow_up(row, figure, user, matches) -> RowLine:
    match = row.match
    who = f"{match.achievement.institution.name} × {_firm(match, user)}"
    region, day = str(match.demand.firm.stat_region or ""), timezone.localdate(row.intended_at)
    page, links = reverse("follow_up", args=[row.public_id]), _match_links(matches, user)
    return RowLine(match.achievement.title, page, who, region, day, None, row.get_status_display(), None, links)


def _firm(match: Match, user) -> str:
    """Staff know the firm; an institution knows it by the name it goes by outside, unless both have agreed."""
    demand, scope = match.demand, scope_of(user)
    knows = scope.sees_all or scope.is_district or not demand.is_anonymous or match.follow_up.is_agreed
    return demand.firm.name if knows else demand.public_firm_name


def _deal(row, figure, user, matches) -> RowLine:
    amount = getattr(row, figure.amount) if figure.amount else None
    who = f"{row.seller or _('转让方未填')} → {row.buyer or _('受让方未填')}"
    region = str(row.buyer.stat_region or "") if row.buyer else ""
    day = row.signed_on if figure.day == "signed_on" else timezone.localdate(row.made_at)
    back = [*_deal_links(row, user)[1:], *_match_links(matches, user)]
    return RowLine(row.name, page_of(row, user), who, region, day, amount, row.get_stage_display(), None, back)


WORDED: dict[str, Callable] = {
    "contract": _contract,
    "payment": _payment,
    "fund": _fund,
    "agency": _agency,
    "achievement": _achievement,
    "dockinground": _round,
    "feature": _featured,
    "party": _party,
    "meeting": _meeting,
    "followup": _follow_up,
    "deal": _deal,
}
