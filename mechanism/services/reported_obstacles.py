"""堵点 that a firm, an institution or an agency tells an office by telephone, written down by the office."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from core.plain_text import clean_required_text

PARTIES = (Organisation.Kind.FIRM, Organisation.Kind.INSTITUTION, Organisation.Kind.AGENCY)
LATEST_NEWS = timedelta(days=90)


@dataclass(frozen=True)
class ReportedBy:
    """`office`: that writes it down; `by`: who told the office; `on`: when."""

    office: Organisation
    by: str
    on: date


def offices_writing_down(user: User) -> list[Organisation]:
    """The offices for which the user may write down what others tell: the city's and those of districts."""
    scope = user.scope
    kinds = {Organisation.Kind.CITY: scope.is_city, Organisation.Kind.DISTRICT: scope.is_district}
    rows = Membership.objects.active().filter(user=user).select_related("organisation").order_by("organisation__name")
    return list(
        {
            row.organisation_id: row.organisation for row in rows if kinds.get(Organisation.Kind(row.organisation.kind))
        }.values()
    )


def find_party(words: str, user: User) -> Organisation:
    """The organisation with this full name or credit code, for district officers one of their region.

    Raises ValidationError.
    """
    rows = Organisation.objects.filter(kind__in=PARTIES, is_active=True)
    rows = rows if user.scope.is_city else rows.filter(stat_region__in=user.scope.region_ids)
    party = rows.filter(Q(name=words) | Q(credit_code=words)).first() if words else None
    if party is None:
        where = "平台上" if user.scope.is_city else "本区市县"
        raise ValidationError(
            f"{where}没有“{words[:60]}”。请写单位全称或 18 位统一社会信用代码；没有注册的单位请先在“单位”里录入。"
        )
    return party


def check_reported(reported: ReportedBy, party: Organisation, by: User) -> ReportedBy:
    """The same, with its text cleaned. Raises PermissionDenied, ValidationError."""
    if reported.office not in offices_writing_down(by):
        raise PermissionDenied("您不能代替别的单位记下堵点。")
    if find_party(party.name, by) != party:
        raise PermissionDenied("您不能代替这个单位提出堵点。")
    today = timezone.localdate()
    if not today - LATEST_NEWS <= reported.on <= today:
        raise ValidationError(f"“反映日期”填了 {reported.on}，应在最近 {LATEST_NEWS.days} 天以内。")
    return ReportedBy(
        reported.office, clean_required_text(reported.by, "请写明是谁反映的，例如“生产部王经理”。", 60), reported.on
    )
