import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from achievements.admin import achievement_badge
from achievements.models import Achievement
from achievements.services.attachments import add_attachment
from audit.models import AuditRecord
from tests import factories
from tests.achievements import uploads

pytestmark = [pytest.mark.django_db, pytest.mark.long]
LIST = "admin:achievements_achievement_changelist"
Status = Achievement.Status


@pytest.fixture
def city(client):
    user = factories.city_officer()
    client.force_login(user)
    return user


def full(**fields):
    row = factories.achievement(**fields)
    row.indicators.create(name="循环寿命", value="2000", unit="次")
    row.completers.create(name="甲")
    row.intellectual_property.create(kind="invention", number="ZL202210000000.1")
    add_attachment(row, content=uploads.PDF, name="检测报告.pdf", by=factories.city_officer())
    return row


def change_url(row):
    return reverse("admin:achievements_achievement_change", args=[row.pk])


def do(client, action, rows, **data):
    return client.post(
        reverse(LIST), {"action": action, "_selected_action": [row.pk for row in rows], "index": 0} | data, follow=True
    )


def step(client, row, name, **data):
    url = reverse(f"admin:achievements_achievement_{name}", args=[row.pk])
    return client.post(url, {"_form_submitted": "1"} | data)


def posted(client, row):
    """The data that the unchanged change form posts."""
    response = client.get(change_url(row))
    data = {}
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.initial_forms]
    for form in forms:
        for field in form:
            value = field.value()
            if value is not None and value is not False and not field.field.disabled:
                data[field.html_name] = value
    return data


def test_list_and_form_queries_do_not_grow_with_rows(client, city):
    costs = []
    for made in (1, 2):
        rows = [full() for _ in range(made)]
        client.get(change_url(rows[0]))  # content types are read once
        with CaptureQueriesContext(connection) as listed:
            assert client.get(reverse(LIST)).status_code == 200
        with CaptureQueriesContext(connection) as opened:
            assert client.get(change_url(rows[0])).status_code == 200
        costs.append((len(listed), len(opened)))
    assert costs[0] == costs[1]


def test_the_list_can_be_searched_and_filtered(client, city):
    row, other = full(title="热泵机组变频控制"), factories.achievement(title="海参育苗")
    page = client.get(reverse(LIST), {"q": "变频"}).content.decode()
    assert row.title in page
    assert other.title not in page
    page = client.get(reverse(LIST), {"status__exact": "city_review"}).content.decode()
    assert row.title not in page


def test_bulk_registration(client, city):
    waiting = [factories.achievement(registered=False, status=Status.CITY_REVIEW) for _ in range(2)]
    page = do(client, "register_all", [*waiting, factories.achievement(registered=False)]).content.decode()
    assert "已登记入库 2 项" in page
    assert "1 项的状态不允许" in page
    assert Achievement.objects.registered().count() == 2


def test_bulk_return_requires_a_reason(client, city):
    row = factories.achievement(registered=False, status=Status.CITY_REVIEW)
    assert "reason" in do(client, "send_back_all", [row]).content.decode()
    row.refresh_from_db()
    assert row.status == Status.CITY_REVIEW
    do(client, "send_back_all", [row], _form_submitted="1", reason="请补充指标")
    row.refresh_from_db()
    assert (row.status, row.status_reason) == (Status.DRAFT, "请补充指标")


@pytest.mark.parametrize(
    ("action", "target", "data"),
    [
        ("feature_all", Status.FEATURED, {}),
        ("pause_all", Status.PAUSED, {"_form_submitted": "1", "reason": "暂停"}),
        ("withdraw_all", Status.WITHDRAWN, {"_form_submitted": "1", "reason": "失效"}),
    ],
)
def test_other_bulk_actions(client, city, action, target, data):
    row = factories.achievement()
    do(client, action, [row], **data)
    row.refresh_from_db()
    assert row.status == target


def test_bulk_export(client, city):
    response = do(client, "export", [factories.achievement()])
    assert response["Content-Disposition"].startswith("attachment")
    assert response.content.startswith(b"PK")


@pytest.mark.parametrize(
    ("name", "before", "after", "data"),
    [
        ("register", Status.CITY_REVIEW, Status.REGISTERED, {}),
        ("approve", Status.INSTITUTION_REVIEW, Status.CITY_REVIEW, {}),
        ("send_back", Status.CITY_REVIEW, Status.DRAFT, {"reason": "请补充"}),
        ("feature", Status.REGISTERED, Status.FEATURED, {}),
        ("publish", Status.REGISTERED, Status.REGISTERED, {}),
        ("unpublish", Status.REGISTERED, Status.REGISTERED, {"reason": "变更中"}),
        ("renew", Status.REGISTERED, Status.REGISTERED, {}),
        ("transferred", Status.DOCKING, Status.TRANSFERRED, {"reason": "许可，2026 年，50 万元"}),
        ("pause", Status.DOCKING, Status.PAUSED, {"reason": "独家洽谈"}),
        ("reinstate", Status.PAUSED, Status.REGISTERED, {}),
        ("withdraw", Status.DRAFT, Status.WITHDRAWN, {"reason": "重复"}),
    ],
)
def test_each_action_on_the_form(client, city, name, before, after, data):
    registered = before not in {Status.DRAFT, Status.INSTITUTION_REVIEW, Status.CITY_REVIEW}
    row = factories.achievement(registered=registered, status=before, status_reason="原因")
    url = reverse(f"admin:achievements_achievement_{name}", args=[row.pk])
    client.get(url)
    row.refresh_from_db()
    assert row.status == before, "opening the dialog must not change the status"
    offered = client.get(change_url(row)).content.decode()
    assert (url in offered) == (name != "publish"), "a published achievement must not offer publication"
    step(client, row, name, **data)
    row.refresh_from_db()
    assert row.status == after


def test_an_edit_is_saved_by_the_service(client, city):
    row = full(maturity_level=6, maturity_bucket="pilot")
    data = posted(client, row) | {"summary": "补充了检测结果的简介。", "maturity_level": "8", "_continue": "1"}
    data |= {"indicators-0-value": "3000"}
    response = client.post(change_url(row), data, follow=True)
    assert "adminform" in response.context
    assert not response.context["errors"]
    row.refresh_from_db()
    assert (row.summary, row.maturity_bucket) == ("补充了检测结果的简介。", "industrial")
    assert row.indicators.get().value == "3000"
    edits = AuditRecord.objects.filter(action="修改", object_id=row.pk)
    assert sum("summary" in record.changes for record in edits) == 1
    assert sum("indicator" in record.changes for record in edits) == 1


def test_a_secrecy_marking_is_refused_on_the_form(client, city):
    row = full()
    response = client.post(change_url(row), posted(client, row) | {"summary": "机密★ 某材料"})
    assert "涉密" in response.content.decode()
    row.refresh_from_db()
    assert "机密" not in row.summary


def test_the_city_can_create_an_achievement(client, city):
    row = full()
    data = posted(client, row) | {"title": "另一项成果", "institution": row.institution_id}
    data = {name: value for name, value in data.items() if "-" not in name}
    for prefix in ("indicators", "intellectual_property", "completers", "attachments"):
        data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    data |= {"expires_on": ""}
    response = client.post(reverse("admin:achievements_achievement_add"), data, follow=True)
    made = Achievement.objects.filter(title="另一项成果").first()
    assert made, response.context.get("errors")
    assert (made.status, made.created_by) == (Status.DRAFT, city)
    assert AuditRecord.objects.filter(action="新建", object_id=made.pk).count() == 1


def test_a_withdrawn_achievement_cannot_be_edited(client, city):
    row = factories.achievement(status=Status.WITHDRAWN, status_reason="失效")
    response = client.get(change_url(row))
    assert not response.context["has_change_permission"]


def test_the_auditor_can_read_but_not_change(client):
    client.force_login(factories.auditor())
    row = full(status=Status.DOCKING)
    assert client.get(reverse(LIST)).status_code == 200
    assert client.get(change_url(row)).status_code == 200
    do(client, "register_all", [row])
    assert step(client, row, "pause", reason="x").status_code == 403
    row.refresh_from_db()
    assert row.status == Status.DOCKING
    assert do(client, "export", [row]).content.startswith(b"PK")


def test_no_group_has_delete_permission():
    assert not Permission.objects.filter(
        content_type__app_label="achievements", codename__startswith="delete_", group__isnull=False
    ).exists()


def test_the_badge_counts_achievements_to_register(rf, city):
    request = rf.get("/")
    request.user = city
    assert achievement_badge(request) is None
    factories.achievement(registered=False, status=Status.CITY_REVIEW)
    assert achievement_badge(request) == 1
    request.user = factories.auditor()
    assert achievement_badge(request) is None


def test_the_list_links_to_the_import_page(client, city):
    page = client.get(reverse(LIST)).content.decode()
    assert "导入征集表" in page
