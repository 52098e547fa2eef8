"""Texts for the records behind the figures of the nine tasks."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.names import knows_name, name_for
from demands.masking import public_text
from matching.models import Match
from mechanism.kpi.definitions import FigureDefinition
from mechanism.kpi.record_description import RecordDescription, match_links, record_url

SELECT_RELATED = {
    "organisation": ("stat_region",),
    "demand": ("firm__stat_region",),
    "match": ("demand__firm__stat_region", "achievement__institution", "follow_up"),
    "policy": (),
    "broker": ("agency__organisation",),
    "venture": ("region", "achievement__institution", "organisation"),
    "investment": ("fund", "firm", "achievement"),
    "base": ("region", "organisation"),
    "baserequest": ("base", "organisation", "achievement"),
    "obstacle": ("kind", "organisation", "solver"),
    "subsidybudget": ("policy",),
    "subsidyapplication": ("organisation__stat_region", "call"),
    "subsidypayout": ("application__organisation__stat_region",),
    "subsidyrecovery": ("payout__application__organisation__stat_region",),
}


def _describe_organisation(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    day = timezone.localdate(getattr(row, figure.date_field))
    return RecordDescription(row.name, record_url(row, user), "", str(row.stat_region or ""), day)


def _describe_demand(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    is_known = knows_name(row.firm, user, row)
    return RecordDescription(
        row.title if is_known else public_text(row, "title"),
        reverse("demand_detail", args=[row.public_id]),
        name_for(row.firm, user, row),
        str((row.firm.stat_region if is_known else row.public_region) or ""),
        timezone.localdate(row.published_at),
        note=row.get_status_display(),
    )


def _describe_match(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    firm = row.demand.firm
    region = firm.stat_region if knows_name(firm, user, row) else row.demand.public_region
    return RecordDescription(
        row.achievement.title,
        record_url(row, user),
        f"{row.achievement.institution.name} × {name_for(firm, user, row)}",
        str(region or ""),
        timezone.localdate(row.reviewed_at),
        origin_links=match_links(matches, user),
    )


def _describe_policy(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    url = reverse("policy_detail", args=[row.public_id])
    return RecordDescription(row.title, url, row.issuer, "", row.valid_from, note=row.number)


def _describe_broker(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    day, agency = timezone.localdate(row.created_at), str(row.agency or "")
    return RecordDescription(row.name, record_url(row, user), agency, "", day, note=row.get_level_display())


def _describe_venture(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    return RecordDescription(
        row.name,
        record_url(row, user),
        row.achievement.institution.name,
        str(row.region),
        row.founded_on,
        row.jobs if figure.amount_field else None,
        row.get_stage_display(),
        origin_links=match_links(matches, user),
    )


def _describe_investment(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    title = str(row.firm or row.target or row.achievement)
    origin = match_links(matches, user)
    url, amount = record_url(row.fund, user), row.amount_wan if figure.amount_field else None
    return RecordDescription(title, url, str(row.fund), "", row.invested_on, amount, row.note, origin_links=origin)


def _describe_base(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    url, day = reverse("base_detail", args=[row.public_id]), timezone.localdate(row.created_at)
    operator = row.organisation.name if row.organisation else row.operator  # who counts has confirmed
    return RecordDescription(row.name, url, operator, str(row.region or ""), day, note=row.get_kind_display())


def _describe_base_request(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    return RecordDescription(
        str(row.base),
        record_url(row, user),
        row.organisation.name,
        "",
        timezone.localdate(row.asked_at),
        note=row.get_status_display(),
        origin_links=match_links(matches, user),
    )


def _describe_obstacle(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    url, day = reverse("obstacle", args=[row.public_id]), timezone.localdate(row.raised_at)
    return RecordDescription(str(row), url, row.organisation.name, "", day, note=row.get_status_display())


def _describe_budget(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    url = reverse("policy_detail", args=[row.policy.public_id])
    return RecordDescription(str(row), url, row.policy.issuer, "", row.counts_on, row.amount_wan, row.basis)


def _describe_grant(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    day = timezone.localdate(row.decided_at)
    return _describe_subsidy(row, user, day, row.granted_wan, str(row.get_status_display()))


def _describe_payout(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    amount = getattr(row, figure.amount_field)
    note = row.voucher if amount == row.amount_wan else f"{row.voucher}，拨付 {row.amount_wan:,.2f} 万元，其余已收回"
    return _describe_subsidy(row.application, user, row.paid_on, amount, note)


def _describe_recovery(row, figure: FigureDefinition, user: User, matches: list[Match]) -> RecordDescription:
    return _describe_subsidy(row.payout.application, user, row.received_on, row.amount_wan, row.reason)


def _describe_subsidy(row, user: User, day: date, amount: Decimal, note: str) -> RecordDescription:
    """An application with a day, an amount and a note of its grant, of a payout or of a recovery."""
    may_open = user.has_perm("mechanism.view_subsidyapplication")
    url = reverse("admin:mechanism_subsidy_page", args=[row.public_id]) if may_open else ""
    region = str(row.organisation.stat_region or "")
    return RecordDescription(str(row), url, row.organisation.name, region, day, amount, note)


DESCRIBE: dict[str, Callable[..., RecordDescription]] = {
    "organisation": _describe_organisation,
    "demand": _describe_demand,
    "match": _describe_match,
    "policy": _describe_policy,
    "broker": _describe_broker,
    "venture": _describe_venture,
    "investment": _describe_investment,
    "base": _describe_base,
    "baserequest": _describe_base_request,
    "obstacle": _describe_obstacle,
    "subsidybudget": _describe_budget,
    "subsidyapplication": _describe_grant,
    "subsidypayout": _describe_payout,
    "subsidyrecovery": _describe_recovery,
}
