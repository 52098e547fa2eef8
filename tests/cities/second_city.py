"""What the platform says in another city than Dalian, as JSON: `python -m tests.cities.second_city`.

A process of its own, because texts of forms and models are read when they are imported. Everything happens in one
transaction that is rolled back, in the database that DATABASE_URL names.
"""

import io
import json
import re
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import django
from django.db import transaction


def run() -> dict[str, Any]:
    """{name: text, or {path: page}} of what the test asserts."""
    from django.conf import settings
    from django.core.management import call_command
    from django.core.management.base import CommandError

    from accounts.models import Region, User
    from mechanism.models import Target, Task
    from portal.first_accounts import create_first_accounts
    from taxonomy.models import Industry

    answers: dict[str, Any] = {}
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.MFA_REQUIRED_ROLES = []
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "whitenoise" not in name]  # reads all static files
    try:
        call_command("load_city", stdout=io.StringIO())
    except CommandError as error:
        answers["refusal"] = str(error)
    subdivisions = Industry.objects.filter(parent__isnull=False)
    for rows in (Target.objects.all(), Task.objects.all(), subdivisions, Industry.objects.all(), Region.objects.all()):
        rows.delete()
    call_command("load_city", stdout=io.StringIO())
    with tempfile.TemporaryDirectory() as folder:
        logins = Path(folder) / "logins.json"
        answers["accounts"] = create_first_accounts(settings.CITY, logins_file=logins)
        answers["logins"] = json.loads(logins.read_text(encoding="utf-8"))["logins"]
        answers["accounts_again"] = create_first_accounts(settings.CITY, logins_file=logins)
    answers["targets"] = list(Target.objects.order_by("pk").values_list("figure", flat=True))
    answers["tasks"] = Task.objects.count()
    officer = User.objects.get(username="city")
    answers |= _records(officer)
    answers["pages"] = _pages(None) | _pages(officer)
    return answers


def _records(officer: Any) -> dict[str, Any]:
    """An achievement with its number, an anonymous demand, the form of a contract, a digest, a rejection."""
    from django.utils import timezone

    from accounts.models import Organisation, Region, Role, User
    from achievements.models import Achievement
    from achievements.services.registration import register_achievement
    from core.workdays import add_workdays
    from deals.models import Deal
    from deals.registration.form_fields import prefilled_answers
    from deals.registration.numbers import number_problem
    from deals.registration.party_lookup import PartyLookup, without_city
    from demands.masking import public_text
    from demands.models import Demand
    from demands.services.anonymity import AliasDrawer
    from matching.models import Match
    from mechanism.services.evaluations import default_weights
    from notices.models import Notice, NoticeKind
    from notices.services.digests import _values
    from notices.texts.writing import write_text
    from taxonomy.models import Industry
    from tests import factories

    harbour = Region.objects.get(code="379903")
    machines = Industry.objects.get(slug="machines")
    here = {"stat_region": harbour, "reg_region": harbour}
    school = Organisation.objects.create(name="海滨理工大学", kind="institution", **here)
    firm = Organisation.objects.create(name="海滨临港鸿蚝精工蚝业有限公司", kind="firm", **here)
    achievement = Achievement.objects.create(
        title="牡蛎开壳机刀片涂层",
        summary="在刀片表面沉积硬质涂层，提高耐磨寿命。",
        lead_person="示例人",
        form=Achievement.Form.MATERIAL,
        stage=Achievement.Stage.MIDDLE,
        transfer_ways=["licence"],
        non_secret_confirmed=True,
        institution=school,
        industry=machines,
        status=Achievement.Status.CITY_REVIEW,
    )
    register_achievement(achievement, by=officer)
    achievement.refresh_from_db()
    problem = "鸿蚝精工的开壳机刀片每周换两次，想请人帮助提高寿命。"
    demand = Demand(title="开壳机刀片寿命", problem=problem, kind=Demand.Kind.PROBLEM, firm=firm, industry=machines)
    demand.is_anonymous = True
    demand.public_alias = AliasDrawer().alias_of(demand, Demand.Detail.NOTHING)
    demand.status, demand.published_at = Demand.Status.PUBLISHED, timezone.now()
    demand.save()
    deal = Deal(name="刀片涂层许可", seller=school, buyer=firm)
    party = factories.user(Role.FIRM, firm)
    notice = Notice.objects.create(recipient=party, kind=NoticeKind.values[0], text="有一条消息", path="/")
    number = "2026210200000001"
    lookup = PartyLookup()
    stated = ("海东省海滨市青崖县", "临港", "海滨", "辽宁省大连市", "海东省")
    return {
        "registry_number": achievement.registry_number,
        "masked": public_text(demand, "problem"),
        "alias": demand.public_alias,
        "form": prefilled_answers(deal),
        "wrong_number": number_problem(number, rule=None, registered_on=date(2026, 3, 1), is_seller_local=True),
        "places": {place: lookup.stated_place({"buyer_place": place}, "buyer") for place in stated},
        "without_city": without_city("海东省海滨市青崖县"),
        "digest": write_text("notices.digest", _values(User.objects.get(pk=party.pk), [notice])).body,
        "weights": default_weights("applied"),
        "too_early": str(Match.RejectReason.TOO_EARLY.label),
        "after_the_holiday": add_workdays(date(2026, 12, 1), 1).isoformat(),
    }


def _pages(user: Any) -> dict[str, str]:
    """{path: page} of every address without parameters that answers `user` with a page or a file of text."""
    from django.test import Client

    from tests.walk.routes import PARAMETER, address, routes

    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    pages = {}
    for route in routes():
        if PARAMETER.search(route) or re.search(r"logout|static|media|jsi18n|api/v1/(docs|schema)|^__debug__", route):
            continue
        if user is not None and not re.match(r"workbench/|admin/$|admin/\w+/\w+/[a-z-]+/", route):
            continue  # as for everybody, and lists of the admin, whose words are in the forms too
        answer = client.get(address(route))
        kind = answer.headers.get("Content-Type", "")
        if answer.status_code == 200 and not answer.streaming and kind.startswith(("text/", "application/json")):
            pages[f"{user or 'anonymous'} {address(route)}"] = answer.content.decode()
        elif answer.status_code >= 500:
            pages[f"{user or 'anonymous'} {address(route)}"] = f"error {answer.status_code}"
    return pages


if __name__ == "__main__":
    django.setup()
    with transaction.atomic():
        result = run()
        transaction.set_rollback(True)
    json.dump(result, sys.stdout, ensure_ascii=False)
