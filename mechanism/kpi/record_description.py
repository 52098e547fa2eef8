"""What is shown of a record behind a figure, whatever its model."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Model
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from demands.masking import public_text
from demands.models import Demand
from matching.models import Match


@dataclass(frozen=True)
class RecordLink:
    what: str
    text: str
    url: str = ""


@dataclass(frozen=True)
class RecordDescription:
    """One record. `amount` in 万元, None if the figure counts rows; `in_numerator` is None unless it is a rate.

    part_wan: what of the amount is in the chosen part, for a part with an amount of its own such as 未到账.
    """

    title: str
    url: str = ""
    organisations: str = ""
    region: str = ""
    day: date | None = None
    amount: Decimal | None = None
    note: str = ""
    in_numerator: bool | None = None
    origin_links: list[RecordLink] = field(default_factory=list)
    part_wan: Decimal | None = None


def record_url(record: Model, user: User) -> str:
    """The page on which this user can open a record: in the admin, or the follow-up or deal page. Empty if none."""
    meta = record._meta
    if meta.model_name == "match" and not user.has_perm("matching.view_match"):
        follow_up = getattr(record, "follow_up", None)
        return reverse("follow_up", args=[follow_up.public_id]) if follow_up else ""
    if not user.has_perm(f"{meta.app_label}.view_{meta.model_name}"):
        return reverse("deal", args=[record.public_id]) if meta.model_name == "deal" else ""
    try:
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[record.pk])
    except NoReverseMatch:
        return ""


def match_links(matches: list[Match], user: User) -> list[RecordLink]:
    return [
        RecordLink("匹配", f"{match.achievement.title} × {_demand_title(match.demand, user)}", record_url(match, user))
        for match in matches
    ]


def _demand_title(demand: Demand, user: User) -> str:
    """The title as entered for staff, its public form for everybody else."""
    return demand.title if user.has_perm("matching.view_match") else public_text(demand, "title")
