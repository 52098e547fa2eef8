"""The rules of signals as the city changes them, and the shares that it records."""

import pytest
from django.urls import reverse

from audit.models import AuditRecord
from deals.models import Confirmation
from integrity.models import Ownership, SignalRule
from integrity.signals.registry import SIGNALS
from tests import factories as make

pytestmark = pytest.mark.django_db


def test_each_signal_has_a_rule_that_gives_its_defaults():
    limits = SignalRule.objects.all().limits_by_signal()

    assert set(SignalRule.objects.values_list("signal", flat=True)) == set(SIGNALS)
    assert limits == {key: {limit.key: limit.default for limit in signal.thresholds} for key, signal in SIGNALS.items()}


def test_the_city_sets_a_threshold_within_its_bounds(client):
    client.force_login(make.city_officer())
    rule = SignalRule.objects.get(signal="ownership")
    address = reverse("admin:integrity_signalrule_change", args=[rule.pk])
    form = client.get(address).context["adminform"].form
    data = {name: form[name].value() for name in form.fields}

    assert client.post(address, data | {"threshold_least_share": "101"}).status_code == 200
    assert client.post(address, data | {"threshold_least_share": "33.5", "is_active": "on"}).status_code == 302

    assert SignalRule.objects.all().limits_by_signal()["ownership"] == {"least_share": pytest.approx(33.5)}
    [record] = AuditRecord.objects.filter(action="修改核查规则")
    assert record.changes == {"least_share": ["20", "33.5"]}


def test_both_companies_of_a_recorded_share_are_asked(client):
    client.force_login(make.city_officer())
    owner, owned = make.firm(), make.firm()
    values = {"owner": owner.pk, "owned": owned.pk, "share": "51", "source": "公示系统，12月1日查询"}

    answer = client.post(reverse("admin:integrity_ownership_add"), values)

    assert answer.status_code == 302
    asked = Confirmation.objects.of(Ownership.objects.get())
    assert set(asked.values_list("organisation", flat=True)) == {owner.pk, owned.pk}
