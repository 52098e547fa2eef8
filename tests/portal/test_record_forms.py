"""Forms of achievements and demands: saved, submitted, refused, stale. Typed values are never lost."""

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
def institution_officer():
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


def draft(institution_officer, **fields) -> Achievement:
    return factories.achievement(
        registered=False, institution_id=next(iter(institution_officer.scope.institution_ids)), **fields
    )


def own_demand(officer, **fields) -> Demand:
    return factories.demand(published=False, firm_id=firm_of(officer), **fields)


def edit_url(item) -> str:
    return reverse(f"{item._meta.model_name}_edit", args=[item.public_id])


def opened(client, item) -> dict:
    """The data of the unchanged form of a record."""
    response = client.get(edit_url(item))
    assert response.status_code == 200
    return controls(response)


def contact() -> dict:
    return {"contact_name": "示例人", "contact_phone": "0411-84700000"}


# --- New ---------------------------------------------------------------------------------------------------------
def test_institution_officer_saves_a_draft(as_user, institution_officer):
    response = as_user(institution_officer).post(reverse(NEW_ACHIEVEMENT), filled(institution_officer) | {"save": "1"})
    created = Achievement.objects.get()
    assert (response["Location"], created.status, created.created_by) == (
        edit_url(created),
        "draft",
        institution_officer,
    )
    assert "已保存" in next_messages(response)
    assert [str(record) for record in created.indicators.all()] == ["循环寿命 ≥ 2000 次"]


def test_institution_officer_submits_a_new_achievement(as_user, institution_officer):
    response = as_user(institution_officer).post(
        reverse(NEW_ACHIEVEMENT), filled(institution_officer) | {"submit": "1"}
    )
    assert (response["Location"], Achievement.objects.get().status) == (reverse("my_achievements"), "city_review")


def test_firm_officer_submits_a_new_demand(as_user, firm_officer):
    sent = FILLED | {"firm": firm_of(firm_officer), "submit": "1"}
    response = as_user(firm_officer).post(reverse(NEW_DEMAND), sent)
    created = Demand.objects.get()
    assert (response["Location"], created.status) == (reverse("my_demands"), "district_review")


def test_a_demand_that_says_too_little_is_stored_with_a_hint(as_user, firm_officer):
    sent = {field: value for field, value in FILLED.items() if not field.startswith("indicators-")}
    sent |= {"indicators-TOTAL_FORMS": "0", "indicators-INITIAL_FORMS": "0", "keywords": "", "submit": "1"}
    sent |= {"firm": firm_of(firm_officer), "title": "求合作", "problem": "想合作。"}
    response = as_user(firm_officer).post(reverse(NEW_DEMAND), sent)
    assert Demand.objects.get().status == "district_review"
    assert "请补充：要解决的问题、对象或材料、指标数值" in next_messages(response)


def test_a_full_demand_gets_no_hint(as_user, firm_officer):
    words = {"problem": "铝合金壁板焊接以后总是翘曲，火工校正既费时又容易损伤母材。", "goal": "变形不超过3 mm"}
    response = as_user(firm_officer).post(reverse(NEW_DEMAND), FILLED | words | {"firm": firm_of(firm_officer)})
    assert Demand.objects.exists()
    assert "请补充" not in next_messages(response)


def test_second_identical_submission_is_refused(as_user, firm_officer):
    client, sent = as_user(firm_officer), FILLED | {"firm": firm_of(firm_officer), "submit": "1"}
    client.post(reverse(NEW_DEMAND), sent)
    again = client.post(reverse(NEW_DEMAND), sent)
    assert (again.status_code, Demand.objects.count()) == (422, 1)
    assert "该企业已有同名需求" in again.content.decode()


def test_district_officer_creates_a_demand_of_an_own_firm(as_user):
    officer, firm = factories.district_officer(), factories.firm()
    response = as_user(officer).post(reverse(NEW_DEMAND), FILLED | {"firm": firm.pk, "submit": "1"})
    created = Demand.objects.get()
    assert (created.status, response["Location"]) == ("district_review", edit_url(created))


@pytest.mark.parametrize("name", [NEW_ACHIEVEMENT, NEW_DEMAND])
@pytest.mark.parametrize("make", [factories.auditor, factories.sysadmin, factories.user])
def test_other_roles_get_no_form(as_user, name, make):
    client = as_user(make())
    assert client.get(reverse(name)).status_code == client.post(reverse(name), {}).status_code == 403


@pytest.mark.parametrize("kind", ["achievement", "demand"])
def test_record_of_a_foreign_owner_is_refused(as_user, institution_officer, firm_officer, kind):
    if kind == "achievement":
        sent, user = (
            filled(institution_officer) | {"institution": factories.institution("大连海事大学").pk},
            institution_officer,
        )
    else:
        sent, user = FILLED | {"firm": factories.firm().pk}, firm_officer
    response = as_user(user).post(reverse(f"{kind}_new"), sent)
    assert response.status_code == 422
    assert not (Achievement.objects.exists() or Demand.objects.exists())


# --- Errors ------------------------------------------------------------------------------------------------------
def test_error_summary_links_to_the_controls(as_user, institution_officer):
    wrong = {"summary": "", "indicators-0-value": "", "expires_on": "明年", "title": "已经打好的名称"}
    response = as_user(institution_officer).post(reverse(NEW_ACHIEVEMENT), filled(institution_officer) | wrong)
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
def test_too_long_title_is_a_form_error(as_user, firm_officer, text):
    response = as_user(firm_officer).post(reverse(NEW_DEMAND), FILLED | {"firm": firm_of(firm_officer), "title": text})
    assert response.status_code == 422
    assert [error.anchor for error in response.context["errors"]] == ["id_title"]


def test_form_without_formset_data_is_refused(as_user, firm_officer):
    sent = {name: value for name, value in FILLED.items() if not name.startswith("indicators-")}
    response = as_user(firm_officer).post(reverse(NEW_DEMAND), sent | {"firm": firm_of(firm_officer)})
    assert response.status_code == 422
    assert not Demand.objects.exists()


def test_typed_markup_is_escaped(as_user, institution_officer):
    html = (
        as_user(institution_officer)
        .post(reverse(NEW_ACHIEVEMENT), {"title": "<script>alert(1)</script>"})
        .content.decode()
    )
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


# --- Extra rows --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("prefix", ["indicators", "completers", "intellectual_property"])
def test_extra_row_keeps_values_without_validation(as_user, institution_officer, prefix):
    sent = filled(institution_officer) | {"title": "", "lead_person": "打了一半", "another": prefix}
    response = as_user(institution_officer).post(reverse(NEW_ACHIEVEMENT), sent)
    html = response.content.decode()
    assert response.status_code == 200
    values = controls(response)
    assert int(values[f"{prefix}-TOTAL_FORMS"]) == filled(institution_officer)[f"{prefix}-TOTAL_FORMS"] + 1
    assert (values["lead_person"], values["indicators-0-name"]) == ("打了一半", "循环寿命")
    assert 'class="err"' not in html
    assert not Achievement.objects.exists()


@pytest.mark.parametrize("button", ["another", "save"])
def test_achievement_form_renders_at_most_a_hundred_rows(as_user, institution_officer, button):
    sent = filled(institution_officer) | {"completers-TOTAL_FORMS": "999999999999", button: "completers"}
    response = as_user(institution_officer).post(reverse(NEW_ACHIEVEMENT), sent)
    assert response.status_code == (200 if button == "another" else 422)
    assert len(response.context["form"].formsets["completers"].forms) == 100
    assert not Achievement.objects.exists()


@pytest.mark.parametrize("name", FORMSETS)
def test_achievement_formsets_have_an_absolute_maximum(name):
    assert FORMSETS[name].absolute_max == 100


@pytest.mark.parametrize("button", ["another", "save"])
def test_demand_form_renders_at_most_sixty_rows(as_user, firm_officer, button):
    sent = FILLED | {"firm": firm_of(firm_officer), "indicators-TOTAL_FORMS": "1000", button: "indicators"}
    response = as_user(firm_officer).post(reverse(NEW_DEMAND), sent)
    assert response.status_code == (200 if button == "another" else 422)
    assert len(response.context["form"].formset.forms) == 60
    assert not Demand.objects.exists()


def test_demand_form_gets_an_extra_row(as_user, firm_officer):
    response = as_user(firm_officer).post(reverse(NEW_DEMAND), FILLED | {"another": "indicators"})
    assert (response.status_code, controls(response)["indicators-TOTAL_FORMS"]) == (200, "3")


# --- Change ------------------------------------------------------------------------------------------------------
def test_unchanged_form_is_accepted_and_changes_nothing(as_user, institution_officer):
    record = draft(institution_officer)
    client = as_user(institution_officer)
    response = client.post(edit_url(record), opened(client, record) | contact())
    assert response.status_code == 302
    stored = Achievement.objects.get()
    assert (stored.title, stored.summary, stored.status) == (record.title, record.summary, "draft")


def test_returned_demand_is_changed_and_submitted_again(as_user, firm_officer):
    record = own_demand(firm_officer, status_reason="请写明指标的单位")
    client = as_user(firm_officer)
    assert "退回原因：请写明指标的单位" in client.get(edit_url(record)).content.decode()
    sent = opened(client, record) | contact() | {"problem": "主轴温升 40 度后精度下降。", "submit": "1"}
    client.post(edit_url(record), sent)
    record.refresh_from_db()
    assert (record.problem, record.status, record.status_reason) == (
        "主轴温升 40 度后精度下降。",
        "district_review",
        "",
    )


@pytest.mark.parametrize("kind", ["achievement", "demand"])
def test_foreign_records_are_404(as_user, institution_officer, firm_officer, kind):
    if kind == "achievement":
        user, foreign = institution_officer, factories.achievement(institution=factories.institution("大连海事大学"))
    else:
        user, foreign = firm_officer, factories.demand()
    client = as_user(user)
    assert client.get(reverse(f"{kind}_detail", args=[foreign.public_id])).status_code == 200  # public
    assert client.get(edit_url(foreign)).status_code == client.post(edit_url(foreign), {}).status_code == 404


def test_district_officer_edits_demands_of_own_firms_only(as_user):
    client = as_user(factories.district_officer())
    assert client.get(edit_url(factories.demand(published=False))).status_code == 200
    elsewhere = factories.demand(firm=factories.firm(region_code="gaoxin"))
    assert client.get(edit_url(elsewhere)).status_code == 404


def test_registered_achievement_keeps_title_and_institution(as_user, institution_officer):
    record = draft(institution_officer)
    record = factories.achievement(institution=record.institution)
    client = as_user(institution_officer)
    html = client.get(edit_url(record)).content.decode()
    assert record.registry_number in html
    assert "不能更改名称和第一完成单位" in html
    assert 'name="submit"' not in html
    sent = opened(client, record) | contact() | {"title": "换一个名称", "lead_person": "示例人乙"}
    assert client.post(edit_url(record), sent).status_code == 302
    stored = Achievement.objects.get(pk=record.pk)
    assert (stored.title, stored.lead_person, stored.status) == (record.title, "示例人乙", "registered")


def test_record_under_review_is_shown_without_a_form(as_user, institution_officer):
    record = draft(institution_officer, status="city_review")
    client = as_user(institution_officer)
    html = client.get(edit_url(record)).content.decode()
    assert "现在是“待市科技局审核”，您不能修改" in html
    assert 'name="title"' not in html
    response = client.post(
        edit_url(record), filled(institution_officer) | {"seen": record.updated_at.isoformat(), "title": "偷偷改"}
    )
    assert response.status_code == 422
    assert "不能修改" in response.content.decode()
    assert Achievement.objects.get().title == record.title


def test_auditor_reads_and_cannot_change(as_user, institution_officer):
    record = draft(institution_officer)
    client = as_user(factories.auditor())
    assert 'name="title"' not in client.get(edit_url(record)).content.decode()
    sent = filled(institution_officer) | {"seen": record.updated_at.isoformat(), "institution": record.institution_id}
    assert client.post(edit_url(record), sent).status_code in {403, 422}
    assert Achievement.objects.get().title == record.title


# --- Stale -------------------------------------------------------------------------------------------------------
def test_stale_achievement_shows_both_versions_and_overwrites_on_second_save(as_user, institution_officer):
    record = draft(institution_officer)
    client = as_user(institution_officer)
    sent = opened(client, record) | contact() | {"summary": "我打的简介。"}
    colleague = factories.institution_officer(record.institution)
    update_achievement(record, {"summary": "同事存的简介。", "scenario": "同事写的场景。"}, by=colleague)
    response = client.post(edit_url(record), sent)
    html = response.content.decode()
    assert response.status_code == 422
    assert "您的修改还没有保存" in html
    assert {(row.label, row.stored, row.typed) for row in response.context["differences"]} == {
        ("成果简介", "同事存的简介。", "我打的简介。"),
        ("应用场景", "同事写的场景。", ""),
    }
    assert controls(response)["summary"] == "我打的简介。"
    assert Achievement.objects.get().summary == "同事存的简介。"
    assert client.post(edit_url(record), controls(response) | contact()).status_code == 302
    assert Achievement.objects.get().summary == "我打的简介。"


def test_stale_demand_keeps_typed_values(as_user, firm_officer):
    record = own_demand(firm_officer)
    client = as_user(firm_officer)
    sent = opened(client, record) | contact() | {"problem": "我打的问题。"}
    Demand.objects.filter(pk=record.pk).update(
        problem="同事存的问题。", updated_at=record.updated_at + timedelta(seconds=1)
    )
    response = client.post(edit_url(record), sent)
    assert response.status_code == 422
    assert controls(response)["problem"] == "我打的问题。"
    assert Demand.objects.get().problem == "同事存的问题。"


def test_second_submission_is_refused_and_changes_nothing(as_user, firm_officer):
    record = own_demand(firm_officer)
    client = as_user(firm_officer)
    sent = opened(client, record) | contact() | {"submit": "1"}
    assert client.post(edit_url(record), sent).status_code == 302
    again = client.post(edit_url(record), sent)
    assert again.status_code == 422
    assert "现在是“待区县初审”，不能修改" in again.content.decode()
    assert Demand.objects.get().status == "district_review"


def test_saved_changes_stay_if_submission_is_refused(as_user, institution_officer, monkeypatch):
    record = factories.achievement(institution=draft(institution_officer).institution)
    client = as_user(institution_officer)
    sent = opened(client, record) | contact() | {"lead_person": "示例人乙", "submit": "1"}
    response = client.post(edit_url(record), sent)
    assert (response["Location"], "现在是“已入库”" in next_messages(response)) == (edit_url(record), True)
    assert Achievement.objects.get(pk=record.pk).lead_person == "示例人乙"


# --- Files -------------------------------------------------------------------------------------------------------
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def test_attachments_are_added_listed_and_removed(as_user, institution_officer):
    record = draft(institution_officer)
    client = as_user(institution_officer)
    upload = SimpleUploadedFile("检测报告.pdf", PDF, "application/pdf")
    client.post(reverse("attachment_add", args=[record.public_id]), {"file": upload})
    attachment = Attachment.objects.get()
    remove = reverse("attachment_remove", args=[attachment.public_id])
    html = client.get(edit_url(record)).content.decode()
    assert "检测报告.pdf" in html
    assert remove in html
    assert client.post(remove)["Location"] == edit_url(record)
    assert "检测报告.pdf" not in client.get(edit_url(record), follow=True).content.decode().split('id="files-h"')[1]


def test_read_only_users_get_no_attachment_buttons(as_user, institution_officer):
    record = draft(institution_officer)
    attachment = add_attachment(record, content=PDF, name="检测报告.pdf", by=institution_officer)
    html = as_user(factories.auditor()).get(edit_url(record)).content.decode()
    assert reverse("attachment_download", args=[attachment.public_id]) in html
    assert reverse("attachment_remove", args=[attachment.public_id]) not in html
    assert 'type="file"' not in html


# --- Cost --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["achievement", "demand"])
def test_form_query_count_is_constant(as_user, institution_officer, firm_officer, kind):
    record, user = (
        (draft(institution_officer), institution_officer)
        if kind == "achievement"
        else (own_demand(firm_officer), firm_officer)
    )
    client, costs = as_user(user), []
    for more in (1, 2):
        for _ in range(more):
            record.indicators.create(name="循环寿命", comparison="ge", value="2000")
            if kind == "achievement":
                record.completers.create(name="甲")
        with CaptureQueriesContext(connection) as queries:
            client.get(edit_url(record))
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 16, costs
