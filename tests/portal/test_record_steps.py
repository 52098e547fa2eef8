"""The owner's list: search, filters, export, and steps with ticked records, which are asked about before they run."""

from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from achievements.models import Achievement
from demands.models import Demand
from tests import factories
from tests.portal.form_posts import next_messages

pytestmark = pytest.mark.django_db
LIST, STEPS, EXPORT = (reverse(name) for name in ("my_achievements", "achievement_steps", "achievements_export"))


@pytest.fixture
def here():
    return factories.institution()


@pytest.fixture
def office(client, here):
    client.force_login(factories.institution_officer(here))
    return client


def states(*rows) -> list[str]:
    return [type(row).objects.get(pk=row.pk).status for row in rows]


def titles(response) -> list[str]:
    return [row["record"].title for row in response.context["rows"]]


@pytest.mark.long
def test_the_list_is_searched_and_filtered_and_the_links_keep_it(office, here):
    wanted = factories.achievement(institution=here, title="铝合金搅拌摩擦焊", lead_person="示例人")
    factories.achievement(institution=here, title="铝合金熔炼", registered=False)
    factories.achievement(institution=factories.institution("大连海事大学"), title="铝合金搅拌别家的")
    assert titles(office.get(LIST, {"q": "铝合金 搅拌"})) == [wanted.title]
    assert titles(office.get(LIST, {"q": wanted.registry_number})) == [wanted.title]
    assert titles(office.get(LIST, {"q": "铝合金", "status": "draft"})) == ["铝合金熔炼"]
    assert titles(office.get(LIST, {"q": "铝合金", "industry": "materials", "status": "registered"})) == [wanted.title]
    page = office.get(LIST, {"q": "铝合金"})
    assert "?status=draft&amp;q=%E9%93%9D" in page.text and "提交全部草稿" not in page.text
    for odd in ({"q": "\0' OR 1=1 --" + "长" * 9999}, {"industry": "没有"}, {"owner": "x" * 99, "page": "-1"}):
        assert office.get(LIST, odd).status_code == 200
    assert "没有这个状态" in office.get(LIST, {"q": "没有这样的词"}).text


def test_the_number_of_queries_does_not_grow_with_the_rows(office, here, django_assert_max_num_queries):
    factories.achievement(institution=here)
    office.get(LIST)
    with django_assert_max_num_queries(60) as of_one:
        office.get(LIST)
    for _ in range(3):
        factories.achievement(institution=here)
    with django_assert_max_num_queries(60) as of_four:
        office.get(LIST)
    assert len(of_one) == len(of_four)


def test_the_export_holds_what_the_list_shows_and_nothing_of_others(office, here):
    factories.achievement(institution=here, title="铝合金搅拌摩擦焊")
    factories.achievement(institution=here, title="别的成果")
    factories.achievement(institution=factories.institution("大连海事大学"), title="铝合金别家的")
    book = load_workbook(BytesIO(office.get(EXPORT, {"q": "铝合金"}).content))
    cells = [str(cell) for row in book.active.values for cell in row]
    assert "铝合金搅拌摩擦焊" in cells
    assert not {"别的成果", "铝合金别家的"} & set(cells)


def test_submitting_all_drafts_asks_first_and_leaves_out_those_of_colleagues_that_are_not_ticked(client, here):
    me, colleague = factories.institution_officer(here), factories.institution_officer(here, name="同事乙")
    client.force_login(me)
    mine = factories.achievement(institution=here, registered=False, created_by=me)
    theirs = [factories.achievement(institution=here, registered=False, created_by=colleague) for _ in range(2)]
    imported = factories.achievement(institution=here, registered=False, created_by=factories.city_officer())
    asked = client.post(reverse("achievements_submit"), {"all": "draft"})
    assert "提交审核 2 项成果？" in asked.text and "同事乙 2 项" in asked.text
    assert all(row.title in asked.text for row in theirs)
    assert states(mine, imported, *theirs) == ["draft"] * 4
    sent = {"all": "draft", "confirmed": "1", "also": [theirs[0].public_id]}
    client.post(reverse("achievements_submit"), sent)
    assert states(mine, imported, *theirs) == ["city_review", "city_review", "city_review", "draft"]
    client.post(reverse("achievements_submit"), sent | {"also": []})
    assert states(theirs[1]) == ["draft"]


@pytest.mark.parametrize(
    ("step", "before", "after", "reason"),
    [
        ("recall", "city_review", "draft", ""),
        ("pause", "registered", "paused", "正在独家洽谈"),
        ("resume", "paused", "registered", ""),
        ("withdraw", "docking", "withdrawn", "专利已终止"),
        ("delete", "draft", "withdrawn", ""),
        ("renew", "registered", "registered", ""),
        ("submit", "draft", "city_review", ""),
    ],
)
def test_a_step_is_asked_about_and_then_taken_with_each_ticked_record(office, here, step, before, after, reason):
    is_registered = before in {"registered", "paused", "docking"}
    rows = [
        factories.achievement(
            institution=here,
            registered=is_registered,
            status=before,
            status_reason="洽谈" if before == "paused" else "",
        )
        for _ in range(2)
    ]
    left = factories.achievement(institution=here, registered=is_registered, status=before, status_reason="留着")
    sent = {"step": step, "chosen": [row.public_id for row in rows]}
    asked = office.post(STEPS, sent)
    assert asked.status_code == 200 and all(row.title in asked.text for row in rows)
    assert states(*rows) == [before] * 2
    response = office.post(STEPS, sent | {"confirmed": "1", "reason": reason})
    assert "2 项成果" in next_messages(response)
    assert states(*rows, left) == [after, after, before]
    if step == "renew":
        assert Achievement.objects.filter(expires_on=None).count() == 1


def test_what_does_not_fit_is_named_and_the_rest_is_done(office, here):
    fits = factories.achievement(institution=here)
    unfit = factories.achievement(institution=here, status="transferred")
    sent = {"step": "pause", "chosen": [fits.public_id, unfit.public_id]}
    assert "1 项现在是“已转化”" in office.post(STEPS, sent).text
    without_reason = office.post(STEPS, sent | {"confirmed": "1", "reason": " \u200b"})
    assert without_reason.status_code == 422 and "请写明为什么暂停" in without_reason.text
    messages = next_messages(office.post(STEPS, sent | {"confirmed": "1", "reason": "独家洽谈"}))
    assert "已暂停 1 项成果" in messages and f"“{unfit.title}”" in messages
    assert states(fits, unfit) == ["paused", "transferred"]


def test_foreign_records_unknown_steps_and_too_many_are_refused(office, here):
    own = factories.achievement(institution=here)
    foreign = factories.achievement(institution=factories.institution("大连海事大学"))
    both = {"step": "withdraw", "confirmed": "1", "reason": "不要了", "chosen": [own.public_id, foreign.public_id]}
    assert office.post(STEPS, both).status_code == 404
    assert office.post(STEPS, {"step": "destroy", "chosen": [own.public_id]}).status_code == 404
    assert "请先勾选" in next_messages(office.post(STEPS, {"step": "pause"}))
    assert states(own, foreign) == ["registered"] * 2
    office.force_login(factories.city_officer())
    assert office.post(STEPS, both).status_code == 404  # not on a list of their own


def test_a_registered_achievement_cannot_be_deleted_as_a_draft(office, here):
    row = factories.achievement(institution=here, status="draft")
    messages = next_messages(office.post(STEPS, {"step": "delete", "confirmed": "1", "chosen": [row.public_id]}))
    assert "有入库编号" in messages and states(row) == ["draft"]


def test_a_firm_recalls_what_it_has_sent(client):
    row = factories.demand(published=False, status="district_review")
    client.force_login(factories.firm_officer(row.firm))
    client.post(reverse("demand_steps"), {"step": "recall", "confirmed": "1", "chosen": [row.public_id]})
    assert states(row) == ["draft"] and Demand.objects.ready_to_submit().contains(row)
