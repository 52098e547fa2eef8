"""What waits for whom: numbers, lists, owners and clocks come from one queryset for each kind of work."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import Role
from core.workdays import add_workdays
from deals.models import Contract, Deal, Instalment
from demands.services.review_deadlines import REVIEW_WORKDAYS
from mechanism.models import Measure, Task
from open_work.sources import Clock, entries_of, open_work_of, summaries_of, summarise
from tests import factories as make

pytestmark = pytest.mark.django_db


def today() -> date:
    return timezone.localdate()


def days_ago(number: int) -> date:
    return today() - timedelta(days=number)


def work_of(user, key):
    return next(work for work in open_work_of(user) if work.key == key)


def numbers(user) -> dict[str, tuple[int, int]]:
    return {summary.work.key: (summary.number, summary.overdue) for summary in summaries_of(user)}


def more_work(number: int) -> None:
    """Work of each kind about firms in 金普新区."""
    for index in range(number):
        firm = make.firm()
        contract = make.contract(status="submitted", number="", registered_on=None, buyer=firm, listed=False)
        make.contract(buyer=firm, doubt=Contract.Doubt.DUPLICATE)
        make.deal(stage="signed", stage_on=days_ago(91), buyer=firm)
        make.deal(stage="signed", stage_on=days_ago(90), buyer=firm)
        Instalment.objects.create(contract=contract, due_on=days_ago(3 + index), amount_wan=Decimal(10))
        make.demand(firm=firm, published=False, status="district_review")
        Measure.objects.create(
            task=Task.objects.order_by("pk")[0], title=f"举措{index}", body="市发展改革委", due_on=days_ago(2)
        )


@pytest.mark.long
def test_the_week_of_the_city_and_of_a_district():
    more_work(2)
    city = numbers(make.city_officer())
    assert city == {
        "demands": (2, 0),
        "contracts-to-register": (2, 0),
        "contracts-to-check": (2, 0),
        "deals-to-register": (2, 2),  # on the ninetieth day there is still time
        "payments-overdue": (2, 2),
        "overdue-measures": (2, 2),
    }
    district = numbers(make.district_officer())
    assert district == {key: city[key] for key in city if key not in ("contracts-to-check", "overdue-measures")}
    assert numbers(make.district_officer("gaoxin")) == {}
    seller = numbers(make.institution_officer())
    assert seller == {key: city[key] for key in ("deals-to-register", "payments-overdue")}
    assert numbers(make.firm_officer(make.firm("大连旁观有限公司"))) == {}


def test_a_registered_contract_ends_the_wait_of_its_deal():
    deal = make.deal(stage="signed", stage_on=days_ago(100))
    rows = Deal.objects.late_to_register()
    assert list(rows) == [deal]
    contract = make.contract(deal=deal, status="submitted", number="", registered_on=None)
    assert list(rows.all()) == [deal]
    Contract.objects.filter(pk=contract.pk).update(status="registered", number="20262102000001", registered_on=today())
    assert list(rows.all()) == []


@pytest.mark.long
def test_every_number_is_that_of_its_list_and_of_its_page(signed_in):
    """The list of a kind, the page that the button opens and the side menu of the admin show the same rows."""
    more_work(3)
    city = make.city_officer()
    client = signed_in(city)
    shown = client.get(reverse("open_work")).text
    for summary in summaries_of(city):
        page = client.get(reverse("open_work_list", args=[summary.work.key]))
        assert page.context["page"].paginator.count == summary.number, summary.work.key
        assert len(page.context["entries"]) == summary.number
        assert summary.work.label in shown and client.get(summary.work.url).status_code == 200
    for key, url, paginator in [
        ("contracts-to-register", f"{reverse('contracts')}?status=submitted", "page"),
        ("deals-to-register", f"{reverse('deals')}?show=signed&late=registration", "page"),
        ("payments-overdue", f"{reverse('payments_due')}?show=overdue", "page"),
        ("contracts-to-check", reverse("contract_worklist"), "page"),
    ]:
        assert work_of(city, key).url == url
        assert client.get(url).context[paginator].paginator.count == numbers(city)[key][0], key
    request = RequestFactory().get("/")
    request.user = city
    for key, badge in [("demands", "demands.admin.demand_badge"), ("matches", "matching.admin.match_badge")]:
        assert (import_string(badge)(request) or 0) == summarise(work_of(city, key)).number


def test_each_row_has_an_owner_and_a_clock():
    broker_user = make.user(Role.BROKER, make.organisation("agency"), name="安知鱼")
    with_broker = make.deal(stage="signed", stage_on=days_ago(100), broker=make.broker(user=broker_user))
    without = make.deal(stage="signed", stage_on=days_ago(95), buyer=make.firm(region_code="gaoxin"))
    work = work_of(make.city_officer(), "deals-to-register")
    first, second = entries_of(work, work.waiting())
    assert (first.title, first.owner, first.since) == (with_broker.name, str(with_broker.broker), days_ago(100))
    assert (first.due_on, first.late_days) == (days_ago(10), 10)
    assert (second.title, second.owner, second.late_days) == (without.name, "高新区", 5)


def test_a_clock_in_working_days_agrees_with_the_day_it_names():
    """What the condition calls late is what the page shows as late, for each day of three weeks."""
    clock = Clock("status_changed_at", workdays=REVIEW_WORKDAYS)
    for number in range(21):
        make.demand(published=False, status="district_review", status_changed_at=timezone.now() - timedelta(number))
    work = work_of(make.city_officer(), "demands")
    entries = entries_of(work, work.waiting())
    late = entries_of(work, work.waiting(overdue_only=True))
    assert [entry.due_on for entry in entries] == [add_workdays(entry.since, REVIEW_WORKDAYS) for entry in entries]
    assert [entry for entry in entries if entry.late_days] == late
    assert summarise(work).overdue == len(late) > 0
    assert clock.is_limited


@pytest.mark.long
def test_a_list_of_200_is_paged_and_costs_as_much_as_one_of_three(signed_in):
    costs = {}
    city = make.city_officer()
    client = signed_in(city)
    for number in (3, 200):
        Deal.objects.bulk_create(
            Deal(name="长" * 120, origin="outside", stage="signed", stage_on=days_ago(100 + row), buyer=make.firm())
            for row in range(number)
        )
        for url in (reverse("open_work"), reverse("open_work_list", args=["deals-to-register"]), reverse("workbench")):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url).status_code == 200
            costs.setdefault(url, []).append(len(queries))
    assert all(first == second <= 50 for first, second in costs.values()), costs
    page = client.get(reverse("open_work_list", args=["deals-to-register"]), {"page": 11})
    assert page.context["page"].number == 11 and len(page.context["entries"]) == 3


def test_an_empty_desk_and_an_unknown_kind(signed_in):
    client = signed_in(make.district_officer())
    assert "没有等着办的事" in client.get(reverse("open_work")).text
    assert "都办完了" in client.get(reverse("open_work_list", args=["contracts-to-register"])).text
    assert client.get(reverse("open_work_list", args=["contracts-to-check"])).status_code == 404  # the city's
    assert client.get(reverse("open_work_list", args=["nothing"])).status_code == 404


def test_an_auditor_looks_and_is_asked_nothing(signed_in):
    more_work(1)
    html = signed_in(make.auditor()).get(reverse("open_work")).text
    assert "待登记的合同" in html and ">登记合同</a>" not in html
