"""The table of an institution's achievements: filters, order, columns, counts, views, cells, bulk edit, export."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import Contact
from achievements.models import Achievement, IntellectualProperty
from favourites.models import Favourite
from portfolio.models import BulkEdit, DailyViews
from subscriptions.models import SavedView
from tests import factories
from tests.portal.form_posts import next_messages

pytestmark = pytest.mark.django_db
LIST, EXPORT, BULK = (reverse(name) for name in ("my_achievements", "achievements_export", "achievements_bulk"))


@pytest.fixture
def here():
    return factories.institution()


@pytest.fixture
def officer(here):
    return factories.institution_officer(here)


@pytest.fixture
def office(client, officer):
    client.force_login(officer)
    return client


def titles(response) -> list[str]:
    return [row["record"].title for row in response.context["rows"]]


def cell_url(row, cell: str) -> str:
    return f"{reverse('achievement_cell', args=[row.public_id])}?cell={cell}"


def seen(client, row, cell: str) -> str:
    return client.get(cell_url(row, cell)).context["form"].initial["seen"]


def aged(row, days: int) -> Achievement:
    Achievement.objects.filter(pk=row.pk).update(updated_at=timezone.now() - timedelta(days=days))
    return row


@pytest.mark.long
def test_each_filter_and_order_and_they_work_together(office, officer, here):
    today = timezone.localdate()
    liked = factories.achievement(
        institution=here, title="甲被收藏", college="化工学院", stage="mature", created_by=officer
    )
    old = aged(factories.achievement(institution=here, title="乙很旧", expires_on=today + timedelta(days=9)), 100)
    matched = factories.achievement(institution=here, title="丙有匹配", price_min_wan=5)
    IntellectualProperty.objects.create(achievement=matched, kind="invention", number="ZL202010000853.6")
    factories.match(achievement=matched, status="accepted", reviewed_by=officer, reviewed_at=timezone.now())
    for _ in range(2):
        Favourite.objects.create(user=factories.firm_officer(), achievement=liked)
    DailyViews.objects.create(achievement=old, day=today, number=1)
    expected = {
        "q=ZL202010000853": ["丙有匹配"],
        "college=化工学院": ["甲被收藏"],
        "stage=mature": ["甲被收藏"],
        "fresh=stale": ["乙很旧"],
        "fresh=expiring": ["乙很旧"],
        "interest=some&sort=-interest": ["甲被收藏", "乙很旧"],
        "interest=none": ["丙有匹配"],
        "interest=unmatched&sort=title": ["乙很旧", "甲被收藏"],
        "author=me": ["甲被收藏"],
        "sort=-matches": ["丙有匹配", "甲被收藏", "乙很旧"],
        "sort=interest": ["丙有匹配", "乙很旧", "甲被收藏"],
        "sort=-price": ["丙有匹配", "甲被收藏", "乙很旧"],
        "fresh=stale&interest=some&status=registered&sort=-deals&cols=gaps&cols=lead": ["乙很旧"],
        "interest=some&college=化工学院&sort=-interest&rows=50": ["甲被收藏"],
    }
    assert {query: titles(office.get(f"{LIST}?{query}")) for query in expected} == expected
    row = next(row for row in office.get(LIST).context["rows"] if row["record"] == liked)
    assert (row["counts"].favourites, row["counts"].interest, row["counts"].change) == (2, 2, 2)


@pytest.mark.long
def test_odd_parameters_do_no_harm(office, here):
    factories.achievement(institution=here)
    for query in (
        "sort=-pk",
        "sort=password",
        "cols=x&cols=" + "y" * 999,
        "fresh=1&interest=2",
        "rows=99999",
        "stage=\0",
    ):
        assert len(titles(office.get(f"{LIST}?{query}"))) == 1, query


def test_numbers_are_counted_in_a_fixed_number_of_queries(office, officer, here):
    costs = []
    for number in (1, 4):
        for _ in range(number):
            row = factories.achievement(institution=here)
            factories.match(achievement=row, status="accepted", reviewed_by=officer, reviewed_at=timezone.now())
            Favourite.objects.create(user=factories.firm_officer(), achievement=row)
        with CaptureQueriesContext(connection) as queries:
            office.get(f"{LIST}?sort=-interest&cols=gaps&cols=matches&cols=interest&cols=deals")
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 45


def test_a_view_is_saved_with_columns_and_order_opened_and_removed_by_its_owner_only(office, here):
    office.post(
        reverse("achievement_view_save"), {"name": "快到期", "fresh": "expiring", "sort": "-deals", "cols": "gaps"}
    )
    view = SavedView.objects.get()
    assert (view.page, view.query) == ("my_achievements", "fresh=expiring&sort=-deals&cols=gaps")
    assert "快到期" in office.get(LIST).text
    remove = reverse("achievement_view_remove", args=[view.public_id])
    office.force_login(factories.institution_officer(here))
    assert "快到期" not in office.get(LIST).text and office.post(remove).status_code == 404
    office.force_login(view.user)
    office.post(remove)
    assert not SavedView.objects.exists()


def test_the_export_has_the_rows_columns_and_order_of_the_view(office, here):
    for number, title in enumerate(("=cmd()|' /C calc'!A1", "乙项", "丙项"), start=1):
        factories.achievement(institution=here, title=title, price_min_wan=number, college=f"学院{number}")
    factories.achievement(institution=factories.institution("大连海事大学"), title="别家的")
    book = load_workbook(BytesIO(office.get(f"{EXPORT}?sort=-price&cols=college&cols=price").content))
    rows = [row for row in book.active.values if any(row)]
    header = next(at for at, row in enumerate(rows) if row[0] == "成果名称")
    assert rows[header][:4] == ("成果名称", "入库编号", "学院", "意向价格")
    assert [row[2] for row in rows[header + 1 : header + 4]] == ["学院3", "学院2", "学院1"]
    assert rows[header + 3][0].startswith("'=") and "别家的" not in str(rows)


def test_a_cell_of_a_registered_achievement_changes_at_once_or_waits_for_the_city(office, here):
    row = factories.achievement(institution=here, maturity_level=4)
    sent = {"college": "化工学院", "seen": seen(office, row, "college")}
    assert "已保存" in next_messages(office.post(cell_url(row, "college"), sent))
    stale = office.post(cell_url(row, "college"), sent | {"college": "机械学院"})
    assert stale.status_code == 422 and "同事改过" in stale.text
    part = office.post(
        cell_url(row, "stage"),
        {"stage": "mature", "maturity_level": "8", "seen": seen(office, row, "stage")},
        headers={"X-Cell": "1"},
    )
    assert "等市科技局核对" in part.text and "<html" not in part.text
    # a second reviewed cell joins the change that waits
    office.post(cell_url(row, "stage"), {"stage": "middle", "maturity_level": "9", "seen": seen(office, row, "stage")})
    row.refresh_from_db()
    assert (row.college, row.maturity_level, row.stage) == ("化工学院", 4, "middle")
    assert row.revisions.pending().get().after == {"maturity_level": 9}


@pytest.mark.parametrize(
    ("cell", "values"),
    [
        ("price", {"price_min_wan": "50", "price_max_wan": "5"}),
        ("price", {"price_min_wan": "面议"}),
        ("stage", {"stage": "x"}),
        ("lead_person", {"lead_person": ""}),
        ("college", {"college": "电话13904110001"}),
        ("college", {"college": "机密★"}),
    ],
)
def test_bad_cells_are_refused_with_what_was_typed(office, here, cell, values):
    row = factories.achievement(institution=here, registered=False)
    response = office.post(cell_url(row, cell), values | {"seen": seen(office, row, cell)})
    before = Achievement.objects.get(pk=row.pk)
    assert response.status_code == 422 and next(iter(values.values())) in response.text
    assert before.updated_at == row.updated_at


def test_cells_of_what_is_not_editable_or_foreign_stay(office, here):
    waiting = factories.achievement(institution=here, registered=False, status="city_review")
    response = office.post(cell_url(waiting, "college"), {"college": "甲", "seen": seen(office, waiting, "college")})
    assert response.status_code == 422 and "不能修改" in response.text
    foreign = factories.achievement(institution=factories.institution("大连海事大学"))
    assert office.post(cell_url(foreign, "college"), {"college": "甲"}).status_code == 404
    assert set(Achievement.objects.values_list("college", flat=True)) == {""}


def test_many_are_changed_after_a_preview_and_the_change_is_undone_except_where_it_was_changed_since(office, here):
    rows = [factories.achievement(institution=here, college=f"原{number}") for number in range(3)]
    unfit = factories.achievement(institution=here, registered=False, status="city_review", college="原")
    sent = {"field": "college", "chosen": [row.public_id for row in (*rows, unfit)], "college": "新学院"}
    shown = office.post(BULK, sent | {"step": "preview"}).text
    assert "会改 3 项" in shown and "<del>原0</del>" in shown and "待市科技局审核”，不能修改" in shown
    assert not BulkEdit.objects.exists()
    messages = next_messages(office.post(BULK, sent | {"step": "save"}))
    assert "已修改 3 项" in messages and unfit.title in messages
    edit = BulkEdit.objects.get()
    Achievement.objects.filter(pk=rows[0].pk).update(college="又改过")
    undo = reverse("bulk_edit_undo", args=[edit.public_id])
    assert "2 项恢复" in next_messages(office.post(undo))
    assert "已经撤销过" in next_messages(office.post(undo))
    names = Achievement.objects.order_by("pk").values_list("college", flat=True)
    assert list(names) == ["又改过", "原1", "原2", "原"]


def test_bulk_values_are_validated_and_a_contact_is_of_the_own_institution(office, here):
    row = factories.achievement(institution=here, price_min_wan=Decimal(7), price_negotiable=False)
    there = factories.institution("大连海事大学")
    foreign = Contact.objects.create(organisation=there, name="外人", phone="13904110001", consented_at=timezone.now())
    own = Contact.objects.create(organisation=here, name="自己人", phone="13904110002", consented_at=timezone.now())
    base = {"chosen": [row.public_id], "step": "save"}
    assert office.post(BULK, base | {"field": "contact", "contact": foreign.pk}).status_code == 422
    assert office.post(BULK, base | {"field": "price", "price_min_wan": "-1"}).status_code in (302, 422)
    assert office.post(BULK, base | {"field": "summary", "summary": "x"}).status_code == 404
    theirs = factories.achievement(institution=there)
    both = base | {"field": "contact", "contact": own.pk, "chosen": [row.public_id, theirs.public_id]}
    assert office.post(BULK, both).status_code == 404
    office.post(BULK, base | {"field": "contact", "contact": own.pk})
    office.post(BULK, base | {"field": "price", "price_min_wan": "", "price_max_wan": ""})
    row.refresh_from_db()
    assert (row.contact, row.price_min_wan, row.price_negotiable) == (own, None, True)
    assert "13904110002" not in office.post(BULK, {"field": "contact", "chosen": [row.public_id]}).text
