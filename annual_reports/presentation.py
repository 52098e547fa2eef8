"""What the page of a number shows of each of its rows."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from deals.models import Contract, IncomeCase, Payment


@dataclass(frozen=True)
class ReportRow:
    title: str
    url: str
    note: str
    day: date | None
    amount: Decimal | None


def row_of(row: Any, user: User) -> ReportRow:
    """A contract, payment, income case, achievement or landing; its own page as this user may open it."""
    match row:
        case Contract():
            note = "；".join(text for text in (row.number, row.get_kind_display()) if text)
            return ReportRow(
                row.name, reverse("contract", args=[row.public_id]), note, row.registered_on, row.amount_wan
            )
        case Payment():
            return ReportRow(
                row.deal.name, reverse("deal", args=[row.deal.public_id]), row.note, row.received_on, row.amount_wan
            )
        case IncomeCase():
            url = reverse("income_case", args=[row.public_id])
            return ReportRow(
                row.title, url, row.get_way_display(), row.income_on, getattr(row, "reward_wan", row.net_wan)
            )
        case Achievement():
            url = reverse("achievement_detail", args=[row.public_id])
            day = timezone.localdate(row.registered_at) if row.registered_at else None
            return ReportRow(row.title, url, row.registry_number or "", day, None)
    return ReportRow(str(row), reverse("deal", args=[row.deal.public_id]), row.deal.name, row.landed_on, None)
