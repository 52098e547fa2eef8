from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from brokers.models import Agency, Broker
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def directory():
    """Listed, unverified and inactive agencies; certified, expired and inactive brokers, and one with a user."""
    city, now, today = factories.city_officer(), timezone.now(), timezone.localdate()
    agencies = {}
    for name, verified, active in (("listed", True, True), ("new", False, True), ("off", True, False)):
        agencies[name] = Agency.objects.create(
            organisation=factories.organisation("agency", f"机构 {name}", is_active=active),
            kind="transfer",
            verified_at=now if verified else None,
            verified_by=city if verified else None,
        )
    member = factories.user("broker", agencies["new"].organisation)
    brokers = {
        name: Broker.objects.create(name=name, level="junior", certificate_number=name, **fields)
        for name, fields in {
            "certified": {},
            "last day": {"expires_on": today},
            "run out": {"expires_on": today - timedelta(days=1)},
            "stopped": {"is_active": False},
            "member": {"user": member, "expires_on": today - timedelta(days=1)},
        }.items()
    }
    return {"agencies": agencies, "brokers": brokers, "member": member}


EVERYBODY = ({"listed"}, {"certified", "last day"})
ALL = ({"listed", "new", "off"}, {"certified", "last day", "run out", "stopped", "member"})


@pytest.mark.parametrize(
    ("role", "agencies", "brokers"),
    [
        ("anonymous", *EVERYBODY),
        ("user", *EVERYBODY),
        ("firm_officer", *EVERYBODY),
        ("institution_officer", *EVERYBODY),
        ("member", {"listed", "new"}, {"certified", "last day", "member"}),
        ("district_officer", {"listed"}, ALL[1]),
        ("city_officer", *ALL),
        ("auditor", *ALL),
    ],
)
def test_visible_agencies_and_brokers_per_role(role, agencies, brokers, directory):
    special = {"anonymous": AnonymousUser, "member": lambda: directory["member"]}
    user = special[role]() if role in special else getattr(factories, role)()
    shown = {name for name, entry in directory["agencies"].items() if Agency.objects.visible_to(user).contains(entry)}
    assert shown == agencies
    shown = {name for name, entry in directory["brokers"].items() if Broker.objects.visible_to(user).contains(entry)}
    assert shown == brokers
