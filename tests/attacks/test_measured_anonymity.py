"""Attacks on the anonymity of firms: what leads to a firm in its text, in its alias, and beside other public data."""

import json
import re
from contextlib import suppress
from copy import deepcopy
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation
from accounts.services.organisations import note_new_names
from demands.admin.demands import StaffDemandForm
from demands.models import Demand, DemandIndicator, ExposureConsent
from demands.services.anonymity import check_anonymity, confirm_exposure
from demands.services.editing import create_demand, update_demand
from demands.services.exposure import ExposureCheck
from demands.services.publication import publish_demand, publish_demands
from demands.services.renaming import check_renamed_firm
from demands.services.review import submit_demand
from matching.models import SimilarDemand
from notices.models import Notice
from taxonomy.models import Industry
from tests import factories
from tests.kept_rows import kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.long]
Detail = Demand.Detail
NAME = "大连溯光数控机床有限公司"


@pytest.fixture(scope="module")
def kept(django_db_setup, django_db_blocker):
    """(a firm among eight of its district and industry, its officer, an officer of the district)."""
    with kept_rows(django_db_blocker):
        firm = a_firm_among_eight()
        yield firm, factories.firm_officer(firm), factories.district_officer("jinpu")


@pytest.fixture
def copied(db, kept):
    """Each test changes objects of its own."""
    return deepcopy(kept)


@pytest.fixture
def firm(copied):
    return copied[0]


@pytest.fixture
def officer(copied):
    return copied[1]


@pytest.fixture
def district(copied):
    return copied[2]


def a_firm_among_eight() -> Organisation:
    equipment, region = Industry.objects.get(slug="equipment"), factories.region("jinpu")
    others = Organisation.objects.bulk_create(
        Organisation(kind="firm", name=f"大连第{number}家样本机械厂", stat_region=region) for number in range(7)
    )
    values = {"industry": equipment, "problem": "别的内容", "status": "published", "published_at": timezone.now()}
    Demand.objects.bulk_create(Demand(firm=other, title=f"{other.name}的需求", **values) for other in others)
    return factories.organisation(
        "firm",
        NAME,
        short_name="溯光机床",
        website="https://www.suguangcnc.com",
        stat_region=factories.region("jinpu"),
        credit_code="91210213MA0DEM004F",
    )


def anonymous(firm, by, **fields):
    values = {
        "title": "早晚尺寸跑偏，求热补偿",
        "kind": "problem",
        "problem": "开机干的第一件和下午干的差三四丝。",
        "industry": Industry.objects.get(slug="equipment"),
        "is_anonymous": True,
    } | fields
    return create_demand(firm=firm, by=by, values=values)


def published(firm, officer, district, **fields):
    demand = anonymous(firm, officer, **fields)
    if ExposureCheck().assess(demand).needs_consent:
        confirm_exposure(demand, by=officer)
    submit_demand(demand, by=officer)
    publish_demand(demand, by=district)
    return demand


# --- Attack 5: what leads to the firm in its text --------------------------------------------------------------------
LEADS = (
    "网站www.suguangcnc.com上有照片",
    "网站 suguangcnc 上有照片",
    "厂址在金州区龙湾路88号",
    "代码91210213 MA0DEM004F",
    "suguang 的机床",
    "Su Guang 机床",
    "DLSGSKJC 的老毛病",
    "速光机床的老毛病",
    "溯*光的老毛病",
    "溯🙂光的老毛病",
    "氵朔光的老毛病",
    "床机光溯的老毛病",
)


def test_what_leads_to_the_firm_is_not_published_without_its_yes(firm, officer, district):
    not_refused = []
    for number, text in enumerate(LEADS):
        demand = anonymous(firm, officer, title=f"早晚尺寸跑偏，第{number}次", problem=f"开机后{text}")
        Demand.objects.filter(pk=demand.pk).update(status="district_review")
        with suppress(ValidationError):
            publish_demand(demand, by=district)
            not_refused.append(text)
    assert not_refused == []
    assert not Demand.objects.published().filter(firm=firm).exists()


@pytest.mark.parametrize("text", ["溯光机床", "溯 光", "溯·光", "溯光機床", "溯​光"])
def test_no_yes_permits_the_name_itself(firm, officer, text):
    demand = anonymous(firm, officer, problem=f"我们{text}的老毛病")
    with pytest.raises(ValidationError, match="认出企业"):
        confirm_exposure(demand, by=officer)
    with pytest.raises(ValidationError, match="认出企业"):
        submit_demand(demand, by=officer)


@pytest.mark.parametrize(
    "text", ["138-0411-2233", "微信 sgjc2020", "ＱＱ：１２３４５６７８", "zhang(at)qq.com", "0411-84708000"]
)
def test_contacts_are_refused_in_the_form(client, firm, officer, text):
    client.force_login(officer)
    page = client.post(reverse("demand_new"), form_fields(firm, problem=f"请联系{text}"))
    assert page.status_code == 422 and "不能有个人信息" in page.text
    assert not Demand.objects.filter(firm=firm).exists()


def form_fields(firm, **fields):
    return {
        "firm": firm.pk,
        "title": "早晚尺寸跑偏",
        "kind": "problem",
        "problem": "差三四丝",
        "is_anonymous": "on",
        "contact_name": "示例人",
        "contact_phone": "0411-84708000",
        "indicators-TOTAL_FORMS": "0",
        "indicators-INITIAL_FORMS": "0",
    } | fields


# --- The firm's own yes ----------------------------------------------------------------------------------------------
RISKY = {"problem": "厂址在金州区龙湾路88号，开机后差三四丝。"}


def test_nobody_consents_for_the_firm(firm, officer, district):
    demand = anonymous(firm, officer, **RISKY)
    for stranger in (district, factories.city_officer(), factories.firm_officer(), factories.institution_officer()):
        with pytest.raises(PermissionDenied):
            confirm_exposure(demand, by=stranger)
    assert not ExposureConsent.objects.exists()


def test_without_consent_the_demand_goes_back_to_the_firm_which_hears_of_it(firm, officer, district):
    demand = anonymous(firm, officer, **RISKY)
    Demand.objects.filter(pk=demand.pk).update(status="district_review")
    with pytest.raises(ValidationError, match="已退回企业，企业已收到消息"):
        publish_demand(demand, by=district)
    demand.refresh_from_db()
    assert demand.status == Demand.Status.DRAFT and "地址" in demand.status_reason
    assert Notice.objects.filter(recipient=officer, path=reverse("demand_edit", args=[demand.public_id])).count() == 1
    confirm_exposure(demand, by=officer)
    submit_demand(demand, by=officer)
    publish_demand(demand, by=district)
    assert Demand.objects.published().filter(pk=demand.pk).exists()


def test_a_firm_without_users_cannot_be_asked_and_is_not_published(firm, officer, district):
    type(officer).objects.filter(pk=officer.pk).update(is_active=False)
    demand = anonymous(firm, district, **RISKY)
    Demand.objects.filter(pk=demand.pk).update(status="district_review")
    with pytest.raises(ValidationError, match="还没有可用的账号"):
        publish_demand(demand, by=district)
    demand.refresh_from_db()
    assert demand.status == Demand.Status.DISTRICT_REVIEW


@pytest.mark.parametrize("change", [{"problem": RISKY["problem"] + "另请打听。"}, {"chosen_detail": Detail.NOTHING}])
def test_a_later_change_asks_again(firm, officer, district, change):
    demand = anonymous(firm, officer, **RISKY)
    confirm_exposure(demand, by=officer)
    update_demand(demand, by=district, values=change)
    Demand.objects.filter(pk=demand.pk).update(status="district_review")
    with pytest.raises(ValidationError, match="已退回企业"):
        publish_demand(demand, by=district)


def test_a_published_text_gets_no_address_without_the_firms_yes(client, firm, officer, district):
    """By the form's service and by the admin, also in an indicator."""
    demand = published(firm, officer, district)
    with pytest.raises(ValidationError, match="需要企业先确认"):
        update_demand(demand, by=district, values=RISKY)
    with pytest.raises(ValidationError, match="需要企业先确认"):
        update_demand(
            demand, by=district, values={}, indicators=[{"name": "漂移", "value": "10", "condition": "suguang台架"}]
        )
    demand.refresh_from_db()
    demand.problem = RISKY["problem"]
    with pytest.raises(ValidationError, match="需要企业先确认"):
        check_anonymity(demand, [])
    update_demand(demand, by=district, values={"problem": "开机干的第一件差三四丝。"})


def test_staff_do_not_name_an_anonymous_firm(firm, officer, district):
    demand = anonymous(firm, officer)
    with pytest.raises(ValidationError, match="只有企业自己"):
        update_demand(demand, by=district, values={"is_anonymous": False})
    form = StaffDemandForm({"is_anonymous": ""}, instance=demand)
    assert "只有企业自己" in str(form.errors["is_anonymous"])
    assert not update_demand(demand, by=officer, values={"is_anonymous": False}).is_anonymous


def test_a_search_does_not_list_what_was_entered_together(client, firm, officer, district):
    """Within equal relevance by day and random id, not by moment and key."""
    rows = [factories.demand(title=f"同一批的需求{number}") for number in range(6)]
    page = client.get(reverse("demand_list"), {"q": "同一批"}).text
    shown = sorted((row.public_id for row in rows), key=page.index)
    assert shown == sorted(shown)


def test_a_yes_does_not_hold_when_fewer_firms_fit_than_it_said(firm, officer, district):
    demand = anonymous(firm, officer, chosen_detail=Detail.INDUSTRY)
    Organisation.objects.firms().exclude(pk=firm.pk).filter(name__contains="样本机械厂").update(is_active=False)
    for number in range(3):
        other = factories.firm(f"大连再{number}家样本厂")
        factories.demand(firm=other, industry=demand.industry, title=f"另一家的需求{number}", problem="别的内容")
    demand.refresh_from_db()
    assert confirm_exposure(demand, by=officer).fit.count == 4
    Organisation.objects.filter(name__startswith="大连再").update(is_active=False)
    Demand.objects.filter(pk=demand.pk).update(status="district_review")
    with pytest.raises(ValidationError, match="1 家符合"):
        publish_demand(demand, by=district)


def test_a_box_ticked_for_another_text_is_no_consent(client, firm, officer):
    """The hidden hash of one text beside another: somebody changes the text after the box was shown."""
    client.force_login(officer)
    fields = form_fields(firm, **RISKY)
    shown = client.post(reverse("demand_exposure"), fields).text
    digest = re.search(r'name="exposure_shown"\s+value="(\w+)"', shown).group(1)
    ticked = {"exposure_confirmed": "1", "exposure_shown": digest, "submit": "1"}
    client.post(reverse("demand_new"), fields | ticked | {"problem": RISKY["problem"] + "又及"})
    demand = Demand.objects.get(firm=firm)
    assert demand.status == Demand.Status.DRAFT and not demand.exposure_consents.exists()
    edit = reverse("demand_edit", args=[demand.public_id])
    seen = client.get(edit).context["form"]["seen_at"].value()
    client.post(edit, fields | ticked | {"seen_at": seen})
    demand.refresh_from_db()
    assert demand.status == Demand.Status.DISTRICT_REVIEW
    assert demand.exposure_consents.get().by == officer


def test_a_district_ticking_the_box_consents_to_nothing(client, firm, officer, district):
    demand = anonymous(firm, officer, **RISKY)
    client.force_login(district)
    edit = reverse("demand_edit", args=[demand.public_id])
    page = client.get(edit)
    assert "专员不能代为确认" in page.text and 'name="exposure_confirmed"' not in page.text
    digest = ExposureCheck().assess(demand).text_hash
    fields = form_fields(firm, **RISKY) | {
        "seen_at": page.context["form"]["seen_at"].value(),
        "industry": demand.industry_id,
    }
    client.post(edit, fields | {"title": demand.title, "exposure_confirmed": "1", "exposure_shown": digest})
    assert not ExposureConsent.objects.exists()


def test_proposals_keep_what_was_typed_and_work_without_scripts(client, firm, officer):
    client.force_login(officer)
    fields = form_fields(firm, goal="零件尺寸稳定", **RISKY) | {"title": "速光机床早晚尺寸跑偏", "budget": "三百"}
    page = client.post(reverse("demand_new"), fields | {"fix": json.dumps(["title", "速光机床", "本企业"])})
    assert page.status_code == 200 and not Demand.objects.filter(firm=firm).exists()
    form = page.context["form"]
    assert (form["title"].value(), form["goal"].value(), form["budget"].value()) == (
        "本企业早晚尺寸跑偏", "零件尺寸稳定", "三百",
    )  # fmt: skip
    for bad in ("", "[]", "{}", '["firm", "1", "2"]', '["detail", "x", ""]', "[1, 2, 3]"):
        assert client.post(reverse("demand_new"), fields | {"fix": bad}).status_code == 200


# --- Attack 6: the alias and what stands beside it -------------------------------------------------------------------
def test_two_needs_of_one_firm_have_nothing_in_common(firm, officer, district):
    needs = [
        published(firm, officer, district, title=f"第{number}项", problem=f"事情{number}。") for number in "甲乙丙"
    ]
    codes = {re.search(r"代号(\S+)）", need.public_alias).group(1) for need in needs}
    assert len(codes) == 3 and not any(code in NAME for code in codes)


def test_a_typed_alias_is_not_taken(client, firm, officer):
    client.force_login(officer)
    client.post(reverse("demand_new"), form_fields(firm, public_alias="某溯光企业"))
    assert "代号" in Demand.objects.get(firm=firm).public_alias


def test_what_the_alias_hides_is_nowhere(client, firm, officer, district):
    """The district is hidden: no page, API answer, filter, facet, order or suggestion gives it back."""
    demand = published(firm, officer, district, chosen_detail=Detail.NOTHING, applied_industry="C34 通用设备制造业")
    factories.agency("某区服务机构").regions.add(firm.stat_region)
    detail = client.get(reverse("demand_detail", args=[demand.public_id])).text
    answer = client.get(f"/api/v1/demands/{demand.public_id}/").json()
    listed = [row for row in client.get("/api/v1/demands/").json()["results"] if row["id"] == demand.public_id]
    assert "金普新区" not in detail and "某区服务机构" not in detail and "高端装备" not in detail
    assert answer["region"] is None and answer["industry"] is None and answer["applied_industry"] == ""
    assert listed[0]["region"] is None
    assert answer["published_at"].endswith("00:00:00+08:00") and answer["updated_at"].endswith("00:00:00+08:00")
    for query in ("region=jinpu", "industry=equipment", "q=C34"):
        for address in (reverse("demand_list"), "/api/v1/demands/"):
            assert demand.public_id not in client.get(f"{address}?{query}").text, (address, query)
    page = client.get(reverse("demand_list"))
    regions = next(view for view in page.context["results"].facets if view.facet.name == "region")
    assert sum(option.count for option in regions.options) == Demand.objects.published().count() - 1
    exported = client_export(factories.auditor(), demand)
    assert exported


def client_export(user, demand):
    from demands.services.exporting import export_demands

    return export_demands(Demand.objects.filter(pk=demand.pk), by=user)


def test_published_together_is_not_listed_together(client, firm, officer, district):
    """A district publishes its demands at once: equal times and neighbours in a list would tell which are its own."""
    hidden = [
        anonymous(firm, officer, title=f"第{n}项", problem=f"事情{n}。", chosen_detail=Detail.NOTHING) for n in "甲乙"
    ]
    Demand.objects.filter(pk__in=[need.pk for need in hidden]).update(status="district_review")
    named = [factories.demand(published=False, status="district_review") for _ in range(3)]
    publish_demands(Demand.objects.filter(pk__in=[need.pk for need in hidden + named]), by=district)
    rows = client.get("/api/v1/demands/").json()["results"]
    today = [row["id"] for row in rows]
    assert today == sorted(today), "within a day by the random id"
    sitemap = client.get("/sitemap.xml").text
    places = [sitemap.index(public_id) for public_id in sorted(today)]
    assert places == sorted(places)


def test_similar_needs_do_not_link_a_firms_own(client, firm, officer, district):
    demand = published(firm, officer, district)
    named = factories.demand(firm=firm, title="溯光自己的另一项")
    for item, other in ((demand, named), (named, demand)):
        SimilarDemand.objects.create(item=item, other=other, place=1, score=90, made_at=timezone.now())
        page = client.get(reverse("demand_detail", args=[item.public_id])).text
        assert other.title not in page


# --- Attack 7: the firm is renamed -----------------------------------------------------------------------------------
def rename(firm, by, **names):
    before = {field: getattr(firm, field) for field in ("name", "short_name", "website")}
    for field, value in names.items():
        setattr(firm, field, value)
    firm.save()
    note_new_names(firm, before, by=by)


def test_a_new_name_is_masked_at_once_and_not_found(client, firm, officer, district):
    demand = published(firm, officer, district, problem="琅屿牌机床早晚尺寸跑偏。", keywords=["琅屿"])
    DemandIndicator.objects.create(demand=demand, name="琅屿机漂移", value="10")
    rename(firm, factories.city_officer(), name="大连琅屿数控机床有限公司", short_name="琅屿机床")
    demand.refresh_from_db()
    assert "琅屿" not in demand.problem + "".join(demand.keywords) + demand.indicators.get().name
    for address in (f"{reverse('demand_list')}?q=琅屿", "/api/v1/demands/?q=琅屿"):
        assert demand.public_id not in client.get(address).text
    assert "琅屿" not in client.get(reverse("demand_detail", args=[demand.public_id])).text
    assert Notice.objects.filter(text__contains="名称变更").values("recipient").count() == 2


def test_a_new_name_in_disguise_takes_the_demand_off_the_page(firm, officer, district):
    demand = published(firm, officer, district, problem="langyu 机床早晚尺寸跑偏。")
    rename(firm, factories.city_officer(), name="大连琅屿数控机床有限公司", short_name="琅屿机床")
    demand.refresh_from_db()
    assert demand.status == Demand.Status.DIAGNOSIS and not Demand.objects.published().filter(pk=demand.pk).exists()


def test_a_yes_does_not_hold_for_a_name_that_came_later(firm, officer, district):
    demand = published(firm, officer, district, problem=f"langyu 机床早晚尺寸跑偏。{RISKY['problem']}")
    rename(firm, factories.city_officer(), name="大连琅屿数控机床有限公司", short_name="琅屿机床")
    demand.refresh_from_db()
    with pytest.raises(ValidationError, match="拼音"):
        publish_demand(demand, by=district)


def test_the_former_name_stays_masked(client, firm, officer, district):
    demand = published(firm, officer, district)
    rename(firm, factories.city_officer(), name="大连琅屿精工有限公司", short_name="琅屿")
    with pytest.raises(ValidationError, match="认出企业"):
        update_demand(demand, by=district, values={"problem": "溯光的老毛病"})
    Demand.objects.filter(pk=demand.pk).update(problem="溯光的老毛病")  # as a faulty import might
    assert "溯光" not in client.get(reverse("demand_detail", args=[demand.public_id])).text


def test_renaming_in_the_admin_runs_the_check(client, firm, officer, district):
    demand = published(firm, officer, district, problem="琅屿牌机床早晚尺寸跑偏。")
    client.force_login(factories.city_officer())
    address = reverse("admin:accounts_organisation_change", args=[firm.pk])
    form = client.get(address).context["adminform"].form
    fields = {name: form[name].value() or "" for name in form.fields} | {"short_name": "琅屿", "is_active": "on"}
    fields["is_local"] = "on"
    total = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    answer = client.post(address, fields | total)
    assert answer.status_code == 302, answer.context and answer.context["errors"]
    firm.refresh_from_db()
    demand.refresh_from_db()
    assert firm.former_names == ["溯光机床"] and "琅屿" not in demand.problem


def test_renaming_a_firm_that_published_nothing_is_quiet(firm):
    check_renamed_firm(firm, by=None)
    assert not Notice.objects.exists()


def test_an_expired_need_is_no_evidence(firm, officer):
    """What the public no longer reads narrows nothing."""
    factories.demand(firm=firm, title="双列圆锥滚子修磨", expires_on=timezone.localdate() - timedelta(days=1))
    demand = anonymous(firm, officer, problem="双列圆锥滚子修磨后有烧伤。")
    assert ExposureCheck().assess(demand).fit.is_enough
    Demand.objects.filter(title="双列圆锥滚子修磨").update(expires_on=None)
    exposure = ExposureCheck().assess(demand)
    assert exposure.fit.count == 1 and exposure.facts[0][0] == "“双列圆锥滚子修磨”" and exposure.without_phrases > 4
