"""`python -m backups.page_walk`: visit the main pages of this database and print what went wrong as one line of JSON.

`rehearse` runs it on restored data. Every visitor is a user of that database, signed in without a password.
"""

import json
import logging
import sys
from typing import Any

import django

PUBLIC = ("/", "/achievements/", "/demands/", "/search/?q=材料", "/agencies/", "/rounds/", "/api/v1/achievements/")
"""Everybody gets 200 here."""
SIGNED_IN = ("/workbench/",)


def walk() -> dict[str, Any]:
    """`{"visitors": n, "pages": n, "problems": [sentence]}`"""
    from django.test import Client

    pages, problems = 0, []
    visitors = _visitors()
    for title, user in visitors:
        client = Client(raise_request_exception=False, headers={"host": "localhost"})
        if user:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        for address in [*PUBLIC, *_records(), *(SIGNED_IN if user else ())]:
            response = client.get(address, follow=True)
            pages += 1
            if response.status_code != 200 or _is_login(response):
                problems.append(f"{title}打开 {address} 得到 {response.status_code}")
    return {"visitors": len(visitors), "pages": pages, "problems": problems}


def _visitors() -> list[tuple[str, Any]]:
    """Nobody, and the first active user of each role that somebody has."""
    from accounts.models import Role, User

    active = User.objects.filter(is_active=True).order_by("pk")
    users = {title: active.filter(memberships__role=role).first() for role, title in Role.choices}
    return [("公众", None), *((title, user) for title, user in users.items() if user)]


def _is_login(response: Any) -> bool:
    return any("/login/" in target for target, _ in response.redirect_chain)


def _records() -> list[str]:
    """The pages of the newest public achievement and demand."""
    from django.apps import apps
    from django.contrib.auth.models import AnonymousUser
    from django.urls import reverse

    addresses = []
    for label, route in (("achievements.Achievement", "achievement_detail"), ("demands.Demand", "demand_detail")):
        record = apps.get_model(label).objects.visible_to(AnonymousUser()).order_by("-pk").first()
        if record:
            addresses.append(reverse(route, args=[record.public_id]))
    return addresses


def main() -> int:
    django.setup()
    logging.disable(logging.CRITICAL)
    print(json.dumps(walk(), ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
