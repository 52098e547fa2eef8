"""What the walk finds of confirmations, and what each role gets there."""

import hashlib
from datetime import timedelta
from types import SimpleNamespace

from django.utils import timezone

from accounts.models import Role
from accounts.services.members import add_member
from deals.models import Confirmation
from tests import factories as make


def plant(world, side, *, mine: bool) -> None:
    """What the buyer of a deal outside the platform is asked: for itself, the staff of its district and the city."""
    tag = "甲" if mine else "乙"
    knowers = ("firm", "district", "city", "auditor") if mine else ("city", "auditor")
    deal = make.deal(
        is_confirmed=False,
        name=world.secret(f"场外成交{tag}", *knowers),
        buyer=side.firm if mine else make.firm(f"大连场外{tag}有限公司", region_code=side.region.code),
        seller=make.institution(f"大连场外{tag}大学"),
        made_by=world.users["city"],
    )
    side.confirmation = Confirmation.objects.create(
        subject="deals.deal",
        subject_id=deal.pk,
        matter="intent",
        role="buyer",
        organisation=deal.buyer,
        title=deal.name,
        facts=[["项目", deal.name]],
        facts_hash=deal.facts_hash,
        asked_by=world.users["city"],
    )
    _plant_link(world, side, tag, mine)


def _plant_link(world, side, tag: str, mine: bool) -> None:
    """Whoever opens the link of a firm reads what the firm is asked, so that this holds no secret."""
    firm = make.firm(f"大连凭链接{tag}有限公司", region_code=side.region.code)
    if mine:
        add_member(world.users["firm"], firm, Role.FIRM, by=None)
    deal = make.deal(is_confirmed=False, name=f"凭链接的成交{tag}", buyer=firm, seller=side.institution)
    Confirmation.objects.create(
        subject="deals.deal",
        subject_id=deal.pk,
        matter="intent",
        role="buyer",
        organisation=firm,
        title=deal.name,
        facts=[["项目", deal.name]],
        facts_hash=deal.facts_hash,
        link_hash=hashlib.sha256(token(mine).encode()).hexdigest(),
        link_expires_at=timezone.now() + timedelta(days=1),
    )


def token(mine: bool) -> str:
    return "own-link" if mine else "foreign-link"


def tokens(_world) -> dict:
    return {kind: SimpleNamespace(public_id=token(kind == "own")) for kind in ("own", "foreign")}


NAMED = {"link token": tokens}
"""Rows that are no rows: tokens in addresses."""


PAGES: dict = {
    "confirm/record/<str:token>/": {  # whoever has the link and is not signed in for somebody else
        "about": "link token",
        "data": lambda world, kind: {"action": "confirm", "confirm-person": "示例人"},
        "GET own": "200 403 403 200 403 403 403 403 403",
        "GET foreign": "200 403 403 403 403 403 403 403 403",
        "POST own": "200! 403 403 200! 403 403 403 403 403",
        "POST foreign": "200! 403 403 403 403 403 403 403 403",
    },
    "workbench/confirmations/": {
        "GET": "login 200 200 200 200 200 200 200 200",
        "POST": "login 405 405 405 405 405 405 405 405",
    },
    "workbench/confirmations/<public_id:public_id>/": {
        "about": "confirmation",
        "data": lambda world, kind: {"action": "confirm"},
        "GET own": "login 404 404 200 200 200 404 200 404",
        "GET foreign": "login 404 404 404 404 200 404 200 404",
        "POST own": "login 404 404 away! 403 403 404 403 404",  # only the firm itself answers
        "POST foreign": "login 404 404 404 404 away 404 403 404",
    },
}
