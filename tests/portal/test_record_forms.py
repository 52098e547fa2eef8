"""The forms of the workbench: kept, handed in, refused, stale; nothing typed is lost, nothing foreign is touched."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from achievements.forms import FORMSETS
from achievements.models import Achievement, Attachment
from achievements.services.attachments import add_attachment
from achievements.services.editing import update_achievement
from demands.models import Demand
from tests import factories
from tests.achievements.test_forms import filled
from tests.demands.test_forms import FILLED
from tests.portal.form_posts import controls, next_messages

pytestmark = pytest.mark.django_db

NEW_ACHIEVEMENT, NEW_DEMAND = "achievement_new", "demand_new"


@pytest.fixture
def office():
    return factories.institution_officer()


@pytest.fixture
def firm_officer():
    return factories.firm_officer()


@pytest.fixture
def as_user(client):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


def firm_of(officer) -> int:
    return next(iter(officer.scope.firm_ids))


def draft(office, **fields) -> Achievement:
    return factories.achievement(registered=False, institution_id=next(iter(office.scope.institution_ids)), **fields)


def own_demand(officer, **fields) -> Demand:
    return factories.demand(published=False, firm_id=firm_of(officer), **fields)


def edit_url(item) -> str:
    return reverse(f"{item._meta.model_name}_edit", args=[item.public_id])


def opened(client, item) -> dict:
    """The controls of the item's form as they come with the page."""
    response = client.get(edit_url(item))
    assert response.status_code == 200
    return controls(response)


def contact() -> dict:
    return {"contact_name": "示例人", "contact_phone": "0411-84700000"}


# --- New ---------------------------------------------------------------------------------------------------------
def test_an_office_keeps_a_draft(as_user, office):
    response = as_user(office).post(reverse(NEW_ACHIEVEMENT), filled(office) | {"save": "1"})
    made = Achievement.objects.get()
    assert (response["Location"], made.status, made.created_by) == (edit_url(made), "draft", office)
    assert "已保存" in next_messages(response)
    assert [str(one) for one in made.indicators.all()] == ["循环寿命 ≥ 2000 次"]


def test_an_office_hands_in_at_once(as_user, office):
    response = as_user(office).post(reverse(NEW_ACHIEVEMENT), filled(office) | {"submit": "1"})
    assert (response["Location"], Achievement.objects.get().status) == (reverse("my_achievements"), "city_review")


def test_a_firm_hands_in_at_once(as_user, firm_officer):
    sent = FILLED | {"firm": firm_of(firm_officer), "submit": "1"}
    response = as_user(firm_officer).post(reverse(NEW_DEMAND), sent)
    made = Demand.objects.get()
    assert (response["Location"], made.status) == (reverse("my_demands"), "district_review")


def test_a_double_click_makes_one(as_user, firm_officer):
    client, sent = as_user(firm_officer), FILLED | {"firm": firm_of(firm_officer), "submit": "1"}
    client.post(reverse(NEW_DEMAND), sent)
    again = client.post(reverse(NEW_DEMAND), sent)
    assert (again.status_code, Demand.objects.count()) == (422, 1)
    assert "该企业已有同名需求" in again.content.decode()


def test_a_district_enters_a_need_of_its_firm_and_goes_on_in_its_form(as_user):
    officer, firm = factories.district_officer(), factories.firm()
    response = as_user(officer).post(reverse(NEW_DEMAND), FILLED | {"firm": firm.pk, "submit": "1"})
    made = Demand.objects.get()
    assert (made.status, response["Location"]) == ("district_review", edit_url(made))


@pytest.mark.parametrize("name", [NEW_ACHIEVEMENT, NEW_DEMAND])
@pytest.mark.parametrize("make", [factories.auditor, factories.sysadmin, factories.user])
def test_who_enters_nothing_gets_no_form(as_user, name, make):
    client = as_user(make())
    assert client.get(reverse(name)).status_code == client.post(reverse(name), {}).status_code == 403


@pytest.mark.parametrize("kind", ["achievement", "demand"])
def test_nobody_enters_anything_for_others(as_user, office, firm_officer, kind):
    if kind == "achievement":
        sent, user = filled(office) | {"institution": factories.institution("大连海事大学").pk}, office
    else:
        sent, user = FILLED | {"firm": factories.firm().pk}, firm_officer
    response = as_user(user).post(reverse(f"{kind}_new"), sent)
    assert response.status_code == 422
    assert not (Achievement.objects.exists() or Demand.objects.exists())


# --- What is wrong -----------------------------------------------------------------------------------------------
def test_faults_are_listed_on_top_each_leading_to_its_control(as_user, office):
    wrong = {"summary": "", "indicators-0-value": "", "expires_on": "明年", "title": "已经打好的名称"}
    response = as_user(office).post(reverse(NEW_ACHIEVEMENT), filled(office) | wrong)
    html = response.content.decode()
    assert response.status_code == 422
    anchors = [error.anchor for error in response.context["errors"]]
    assert anchors == ["id_summary", "id_indicators-0-value", "id_expires_on"]
    assert "有 3 处需要修改" in html
    assert all(f'href="#{anchor}"' in html and f'id="{anchor}"' in html for anchor in anchors)
    assert "技术指标第 1 行“" in html
    assert "已经打好的名称" in html
    assert not Achievement.objects.exists()


@pytest.mark.parametrize("text", ["🙂" * 201, "长" * 201])
def test_a_title_too_long_is_refused_in_words(as_user, firm_officer, text):
    response = as_user(firm_officer).post(reverse(NEW_DEMAND), FILLED | {"firm": firm_of(firm_officer), "title": text})
    assert response.status_code == 422
    assert [error.anchor for error in response.context["errors"]] == ["id_title"]


def test_a_form_without_its_rows_is_refused_and_not_a_crash(as_user, firm_officer):
    sent = {name: value for name, value in FILLED.items() if not name.startswith("indicators-")}
    response = as_user(firm_officer).post(reverse(NEW_DEMAND), sent | {"firm": firm_of(firm_officer)})
    assert response.status_code == 422
    assert not Demand.objects.exists()


def test_what_was_typed_is_shown_again_as_text(as_user, office):
    html = as_user(office).post(reverse(NEW_ACHIEVEMENT), {"title": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


# --- Another row -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("prefix", ["indicators", "completers", "intellectual_property"])
def test_another_row_keeps_what_was_typed_and_judges_nothing(as_user, office, prefix):
    sent = filled(office) | {"title": "", "lead_person": "打了一半", "another": prefix}
    response = as_user(office).post(reverse(NEW_ACHIEVEMENT), sent)
    html = response.content.decode()
    assert response.status_code == 200
    values = controls(response)
    assert int(values[f"{prefix}-TOTAL_FORMS"]) == filled(office)[f"{prefix}-TOTAL_FORMS"] + 1
    assert (values["lead_person"], values["indicators-0-name"]) == ("打了一半", "循环寿命")
    assert 'class="err"' not in html
    assert not Achievement.objects.exists()


@pytest.mark.parametrize("button", ["another", "save"])
def test_an_achievement_shows_at_most_a_hundred_rows_however_many_are_posted(as_user, office, button):
    sent = filled(office) | {"completers-TOTAL_FORMS": "999999999999", button: "completers"}
    response = as_user(office).post(reverse(NEW_ACHIEVEMENT), sent)
    assert response.status_code == (200 if button == "another" else 422)
    assert len(response.context["form"].formsets["completers"].forms) == 100
    assert not Achievement.objects.exists()


@pytest.mark.parametrize("name", FORMSETS)
def test_each_list_of_rows_of_an_achievement_reads_at_most_a_hundred(name):
    assert FORMSETS[name].absolute_max == 100


@pytest.mark.parametrize("button", ["another", "save"])
def test_a_need_shows_at_most_sixty_rows_however_many_are_posted(as_user, firm_officer, button):
    sent = FILLED | {"firm": firm_of(firm_officer), "indicators-TOTAL_FORMS": "1000", button: "indicators"}
    response = as_user(firm_officer).post(reverse(NEW_DEMAND), sent)
    assert response.status_code == (200 if button == "another" else 422)
    assert len(response.context["form"].formset.forms) == 60
    assert not Demand.objects.exists()


def test_a_need_gets_another_row_too(as_user, firm_officer):
    response = as_user(firm_officer).post(reverse(NEW_DEMAND), FILLED | {"another": "indicators"})
    assert (response.status_code, controls(response)["indicators-TOTAL_FORMS"]) == (200, "3")


# --- Change ------------------------------------------------------------------------------------------------------
def test_the_form_as_it_came_changes_nothing_and_is_accepted(as_user, office):
    one = draft(office)
    client = as_user(office)
    response = client.post(edit_url(one), opened(client, one) | contact())
    assert response.status_code == 302
    stored = Achievement.objects.get()
    assert (stored.title, stored.summary, stored.status) == (one.title, one.summary, "draft")


def test_a_returned_need_is_mended_and_handed_in_again(as_user, firm_officer):
    one = own_demand(firm_officer, status_reason="请写明指标的单位")
    client = as_user(firm_officer)
    assert "退回原因：请写明指标的单位" in client.get(edit_url(one)).content.decode()
    sent = opened(client, one) | contact() | {"problem": "主轴温升 40 度后精度下降。", "submit": "1"}
    client.post(edit_url(one), sent)
    one.refresh_from_db()
    assert (one.problem, one.status, one.status_reason) == ("主轴温升 40 度后精度下降。", "district_review", "")


@pytest.mark.parametrize("kind", ["achievement", "demand"])
def test_foreign_items_are_not_found(as_user, office, firm_officer, kind):
    if kind == "achievement":
        user, foreign = office, factories.achievement(institution=factories.institution("大连海事大学"))
    else:
        user, foreign = firm_officer, factories.demand()
    client = as_user(user)
    assert client.get(reverse(f"{kind}_detail", args=[foreign.public_id])).status_code == 200  # public all the same
    assert client.get(edit_url(foreign)).status_code == client.post(edit_url(foreign), {}).status_code == 404


def test_a_district_changes_needs_of_its_own_firms_only(as_user):
    client = as_user(factories.district_officer())
    assert client.get(edit_url(factories.demand(published=False))).status_code == 200
    elsewhere = factories.demand(firm=factories.firm(region_code="gaoxin"))
    assert client.get(edit_url(elsewhere)).status_code == 404


def test_what_is_registered_keeps_its_title_and_institution(as_user, office):
    one = draft(office)
    one = factories.achievement(institution=one.institution)
    client = as_user(office)
    html = client.get(edit_url(one)).content.decode()
    assert one.registry_number in html
    assert "不能更改名称和第一完成单位" in html
    assert 'name="submit"' not in html
    sent = opened(client, one) | contact() | {"title": "换一个名称", "summary": "补充了新的实验数据。"}
    assert client.post(edit_url(one), sent).status_code == 302
    stored = Achievement.objects.get(pk=one.pk)
    assert (stored.title, stored.summary, stored.status) == (one.title, "补充了新的实验数据。", "registered")


def test_what_is_under_review_is_shown_without_a_form(as_user, office):
    one = draft(office, status="city_review")
    client = as_user(office)
    html = client.get(edit_url(one)).content.decode()
    assert "现在是“待市科技局审核”，您不能修改" in html
    assert 'name="title"' not in html
    response = client.post(edit_url(one), filled(office) | {"seen": one.updated_at.isoformat(), "title": "偷偷改"})
    assert response.status_code == 422
    assert "不能修改" in response.content.decode()
    assert Achievement.objects.get().title == one.title


def test_the_auditor_reads_and_changes_nothing(as_user, office):
    one = draft(office)
    client = as_user(factories.auditor())
    assert 'name="title"' not in client.get(edit_url(one)).content.decode()
    sent = filled(office) | {"seen": one.updated_at.isoformat(), "institution": one.institution_id}
    assert client.post(edit_url(one), sent).status_code in {403, 422}
    assert Achievement.objects.get().title == one.title


# --- Stale -------------------------------------------------------------------------------------------------------
def test_a_stale_achievement_shows_both_and_overwrites_only_when_asked_again(as_user, office):
    one = draft(office)
    client = as_user(office)
    sent = opened(client, one) | contact() | {"summary": "我打的简介。"}
    colleague = factories.institution_officer(one.institution)
    update_achievement(one, {"summary": "同事存的简介。", "scenario": "同事写的场景。"}, by=colleague)
    response = client.post(edit_url(one), sent)
    html = response.content.decode()
    assert response.status_code == 422
    assert "您的修改还没有保存" in html
    assert {(row.label, row.stored, row.typed) for row in response.context["differences"]} == {
        ("成果简介", "同事存的简介。", "我打的简介。"),
        ("应用场景", "同事写的场景。", ""),
    }
    assert controls(response)["summary"] == "我打的简介。"
    assert Achievement.objects.get().summary == "同事存的简介。"
    assert client.post(edit_url(one), controls(response) | contact()).status_code == 302
    assert Achievement.objects.get().summary == "我打的简介。"


def test_a_stale_need_keeps_what_was_typed(as_user, firm_officer):
    one = own_demand(firm_officer)
    client = as_user(firm_officer)
    sent = opened(client, one) | contact() | {"problem": "我打的问题。"}
    Demand.objects.filter(pk=one.pk).update(problem="同事存的问题。", updated_at=one.updated_at + timedelta(seconds=1))
    response = client.post(edit_url(one), sent)
    assert response.status_code == 422
    assert controls(response)["problem"] == "我打的问题。"
    assert Demand.objects.get().problem == "同事存的问题。"


def test_a_second_click_on_submit_is_told_and_changes_nothing(as_user, firm_officer):
    one = own_demand(firm_officer)
    client = as_user(firm_officer)
    sent = opened(client, one) | contact() | {"submit": "1"}
    assert client.post(edit_url(one), sent).status_code == 302
    again = client.post(edit_url(one), sent)
    assert again.status_code == 422
    assert "现在是“待区县初审”，不能修改" in again.content.decode()
    assert Demand.objects.get().status == "district_review"


def test_what_is_saved_stays_saved_when_it_cannot_be_handed_in(as_user, office, monkeypatch):
    one = factories.achievement(institution=draft(office).institution)
    client = as_user(office)
    sent = opened(client, one) | contact() | {"summary": "补充了新的实验数据。", "submit": "1"}
    response = client.post(edit_url(one), sent)
    assert (response["Location"], "现在是“已入库”" in next_messages(response)) == (edit_url(one), True)
    assert Achievement.objects.get(pk=one.pk).summary == "补充了新的实验数据。"


# --- Files -------------------------------------------------------------------------------------------------------
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def test_files_are_added_listed_and_removed_on_the_page(as_user, office):
    one = draft(office)
    client = as_user(office)
    upload = SimpleUploadedFile("检测报告.pdf", PDF, "application/pdf")
    client.post(reverse("attachment_add", args=[one.public_id]), {"file": upload})
    kept = Attachment.objects.get()
    remove = reverse("attachment_remove", args=[kept.public_id])
    html = client.get(edit_url(one)).content.decode()
    assert "检测报告.pdf" in html
    assert remove in html
    assert client.post(remove)["Location"] == edit_url(one)
    assert "检测报告.pdf" not in client.get(edit_url(one), follow=True).content.decode().split("附件</h2>")[1]


def test_whoever_may_not_change_the_item_gets_no_buttons_for_its_files(as_user, office):
    one = draft(office)
    kept = add_attachment(one, content=PDF, name="检测报告.pdf", by=office)
    html = as_user(factories.auditor()).get(edit_url(one)).content.decode()
    assert reverse("attachment_download", args=[kept.public_id]) in html
    assert reverse("attachment_remove", args=[kept.public_id]) not in html
    assert 'type="file"' not in html


# --- Cost --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["achievement", "demand"])
def test_a_form_costs_the_same_for_one_row_and_for_three(as_user, office, firm_officer, kind):
    one, user = (draft(office), office) if kind == "achievement" else (own_demand(firm_officer), firm_officer)
    client, costs = as_user(user), []
    for more in (1, 2):
        for _ in range(more):
            one.indicators.create(name="循环寿命", comparison="ge", value="2000")
            if kind == "achievement":
                one.completers.create(name="甲")
        with CaptureQueriesContext(connection) as queries:
            client.get(edit_url(one))
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 16, costs
