from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Contact
from demands.forms import DemandForm
from demands.models import Demand
from demands.services.editing import update_demand
from tests import factories

pytestmark = pytest.mark.django_db
FILLED = {
    "title": "主轴热误差补偿",
    "kind": "problem",
    "problem": "主轴温升后精度下降。",
    "transfer_ways": ["joint_development", "service"],
    "budget": "约50万",
    "period": "2026年1月至2027年12月",
    "keywords": "主轴、热误差",
    "contact_name": "示例人",
    "contact_phone": "0411-84700000",
    "indicators-TOTAL_FORMS": "2",
    "indicators-INITIAL_FORMS": "0",
    "indicators-0-name": "定位精度",
    "indicators-0-comparison": "le",
    "indicators-0-value": "5",
    "indicators-0-unit": "μm",
    "indicators-1-comparison": "ge",
}


@pytest.fixture
def firm():
    return factories.firm()


@pytest.fixture
def officer(firm):
    return factories.firm_officer(firm)


def form_of(officer, firm, *, instance=None, **changes):
    data = FILLED | ({} if instance else {"firm": firm.pk}) | changes
    return DemandForm({name: value for name, value in data.items() if value is not None}, by=officer, instance=instance)


def saved(form):
    assert form.is_valid(), (form.errors, form.formset.errors)
    return form.save()


def test_a_valid_form_creates_a_draft(firm, officer):
    demand = saved(form_of(officer, firm))
    demand.refresh_from_db()
    assert (demand.firm, demand.status, demand.created_by) == (firm, Demand.Status.DRAFT, officer)
    assert (demand.budget_min_wan, demand.budget_max_wan, demand.budget_negotiable) == (Decimal(50), Decimal(50), False)
    assert (demand.period_start.isoformat(), demand.period_end.isoformat()) == ("2026-01-01", "2027-12-31")
    assert (demand.keywords, demand.transfer_ways) == (["主轴", "热误差"], ["joint_development", "service"])
    assert [str(row) for row in demand.indicators.all()] == ["定位精度 ≤ 5 μm"]
    assert (demand.contact.name, demand.contact.consented_at) == ("示例人", None)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("面议", "面议"),
        ("", "面议"),
        ("50-100", "50–100 万元"),
        ("５０", "50 万元"),
        ("100万以上", "100 万元起"),
        ("不超过80万元", "80 万元以内"),
    ],
)
def test_budget_input_and_its_text_for_editing(typed, text, firm, officer):
    demand = saved(form_of(officer, firm, budget=typed))
    assert demand.budget_text == text
    again = DemandForm(by=officer, instance=demand)["budget"].value()
    assert saved(form_of(officer, firm, instance=demand, budget=again)).budget_text == text


def test_unreadable_input_is_an_error_and_stays_in_the_field(firm, officer):
    form = form_of(officer, firm, budget="三百", period="明年", contact_phone="12", title="")
    assert not form.is_valid()
    assert "填的是“三百”，认不出金额" in form.errors["budget"][0]
    assert "填的是“明年”，认不出时限" in form.errors["period"][0]
    assert form.errors.keys() == {"budget", "period", "contact_phone", "title"}
    assert form["budget"].value() == "三百"
    assert 'inputmode="numeric"' in str(form["budget"]) and 'type="text"' in str(form["budget"])


def test_service_errors_are_on_the_form(firm, officer):
    saved(form_of(officer, firm))
    form = form_of(officer, firm)
    assert form.is_valid()
    assert form.save() is None
    assert "同名需求" in form.non_field_errors()[0]
    form = form_of(officer, firm, title="另一项", expires_on="2026-01-01", applied_industry="长" * 61)
    assert not form.is_valid()


def test_only_own_firms_are_offered_and_accepted(firm, officer):
    other = factories.firm()
    assert list(DemandForm(by=officer).fields["firm"].queryset) == [firm]
    assert DemandForm(by=officer)["firm"].value() == firm.pk
    assert not form_of(officer, other).is_valid()
    district = factories.district_officer("gaoxin")
    here = factories.firm(region_code="gaoxin")
    assert list(DemandForm(by=district).fields["firm"].queryset) == [here]


def test_a_stored_contact_is_masked_and_kept_if_left_empty(firm, officer):
    demand = saved(form_of(officer, firm))
    form = DemandForm(by=officer, instance=demand)
    page = "".join(
        str(field) + str(field.help_text) for section in form.sections for field in [*section.fields, *section.more]
    )
    assert "0411-84700000" not in page and "示例人" not in page
    assert "示**" in page
    blank = {"contact_name": "", "contact_phone": "", "contact_consents": "on"}
    kept = saved(form_of(officer, firm, instance=demand, **blank))
    assert (kept.contact_id, Contact.objects.count()) == (demand.contact_id, 1)
    assert Contact.objects.get().consented_at is not None
    half = form_of(officer, firm, instance=demand, contact_name="另一人", contact_phone="")
    assert not half.is_valid()
    changed = saved(form_of(officer, firm, instance=demand, contact_name="另一人"))
    assert changed.contact.name == "另一人"


def test_a_stale_form_is_refused(firm, officer):
    demand = saved(form_of(officer, firm))
    seen_at = DemandForm(by=officer, instance=demand)["seen_at"].value()
    update_demand(demand, by=officer, values={"goal": "先存的"})
    stale = form_of(officer, firm, instance=demand, goal="后存的", seen_at=seen_at)
    assert stale.is_valid()
    assert stale.save() is None
    assert "刚被其他人修改" in stale.non_field_errors()[0]
    assert Demand.objects.get().goal == "先存的"


def test_indicators_can_be_added_changed_and_removed(firm, officer):
    demand = saved(form_of(officer, firm))
    form = DemandForm(by=officer, instance=demand)
    assert form.formset.initial[0]["name"] == "定位精度"
    rows = {
        "indicators-INITIAL_FORMS": "1",
        "indicators-TOTAL_FORMS": "3",
        "indicators-0-DELETE": "on",
        "indicators-1-name": "转速",
        "indicators-1-comparison": "between",
        "indicators-1-value": "100",
        "indicators-1-value_to": "200",
        "indicators-1-unit": "r/min",
        "indicators-2-comparison": "ge",
    }
    saved(form_of(officer, firm, instance=demand, **rows))
    assert [str(row) for row in demand.indicators.all()] == ["转速 100–200 r/min"]
    open_range = form_of(officer, firm, instance=demand, **rows | {"indicators-1-value_to": ""})
    assert not open_range.is_valid()
    assert "区间要填上限" in open_range.formset.forms[1].errors["value_to"][0]


def test_the_sections_contain_each_field_once(firm, officer):
    form = DemandForm(by=officer)
    shown = [field.name for section in form.sections for field in [*section.fields, *section.more]]
    hidden = [field.name for field in form.hidden_fields()]
    assert sorted(shown + hidden) == sorted(form.fields)
    assert hidden == ["firm", "seen_at"], "the only firm is nothing to choose"
    assert [section.formset is not None for section in form.sections] == [False, True, False]


def test_only_staff_can_edit_published_demands(firm, officer):
    demand = factories.demand(firm=firm, published_at=timezone.now())
    form = form_of(officer, firm, instance=demand)
    assert form.is_valid()
    assert form.save() is None
    assert "不能修改" in form.non_field_errors()[0]
    assert saved(form_of(factories.district_officer(), firm, instance=demand)).title == "主轴热误差补偿"
