"""Admin of matches: scope, evidence, decisions, number of queries."""

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Role
from matching.models import BrokerRequest, Match
from tests import factories as make

LIST = reverse("admin:matching_match_changelist")


@pytest.fixture
def match(db):
    return make.match()


def change(match):
    return reverse("admin:matching_match_change", args=[match.pk])


def step(match, name):
    return reverse(f"admin:matching_match_{name}", args=[match.pk])


def messages_of(response):
    return [str(message) for message in response.context["messages"]]


def test_district_sees_only_matches_of_its_own_firms(client, match):
    foreign = make.match(demand=make.demand(firm=make.firm("别区演示企业", region_code="gaoxin")))
    client.force_login(make.district_officer())
    page = client.get(LIST)
    assert list(page.context["cl"].result_list) == [match]
    assert "别区演示企业" not in page.text
    assert client.get(change(foreign)).status_code == 302  # the admin leads back to the index
    client.post(step(foreign, "accept"), {"_form_submitted": "1"})
    client.post(LIST, {"action": "accept_all", "_selected_action": [foreign.pk]})
    foreign.refresh_from_db()
    assert foreign.status == "proposed"


@pytest.mark.parametrize("count", [1, 3])
def test_query_count_of_list_does_not_depend_on_rows(client, db, count, django_assert_num_queries):
    for _ in range(count):
        make.match(demand=make.demand(firm=make.firm()), achievement=make.achievement(institution=make.institution()))
    client.force_login(make.district_officer())
    client.get(LIST)
    with django_assert_num_queries(QUERIES):
        assert len(client.get(LIST).context["cl"].result_list) == count


QUERIES = 17


def test_evidence_is_shown_and_escaped(client, match):
    Match.objects.filter(pk=match.pk).update(shared_terms=["正极材料"], related_terms=["包覆≈涂层"])
    match.demand.title = "<script>alert(1)</script>正极材料"
    match.demand.save()
    client.force_login(make.district_officer())
    page = client.get(change(match)).text
    assert (
        "<mark>正极材料</mark>" in page
        and "包覆≈涂层" in page
        and "成果价格、需求预算面议" in page
        and "与需求名称的相似度" in page
    )
    assert "<script>alert(1)" not in page


def test_verdict_links_to_its_evidence(client, match):
    row = {"name": "耐温", "need": "耐温 ≥ 100℃", "offer": "耐温 ≥ 120℃", "result": "met", "note": "条件不同"}
    fact = {"kind": "indicators", "verdict": "fits", "sentence": "需求列出 1 项指标：1 项满足", "brief": "耐温满足"}
    Match.objects.filter(pk=match.pk).update(facts=[fact | {"rows": [row]}])
    client.force_login(make.district_officer())
    page = client.get(change(match)).text
    assert '<a class="v-fits" href="#ev-indicators">耐温满足</a>' in page and 'id="ev-indicators"' in page
    assert "耐温 ≥ 100℃" in page and "耐温 ≥ 120℃" in page and "条件不同" in page
    assert "耐温满足" in client.get(LIST).text


def test_accept_and_reject_from_the_form(client, match):
    other = make.match()
    client.force_login(make.district_officer())
    client.post(step(match, "accept"), {"_form_submitted": "1"})
    client.post(step(other, "reject"), {"_form_submitted": "1", "reason": "price", "note": "高出一倍"})
    assert [(m.status, m.reject_reason, m.review_note) for m in Match.objects.order_by("pk")] == [
        ("accepted", "", ""),
        ("rejected", "price", "高出一倍"),
    ]


def test_get_request_decides_nothing(client, match):
    client.force_login(make.district_officer())
    client.get(step(match, "accept"))
    match.refresh_from_db()
    assert match.status == "proposed"


def test_rejecting_a_selection_asks_for_the_reason(client, match):
    client.force_login(make.district_officer())
    chosen = {"action": "reject_all", "_selected_action": [match.pk]}
    asked = client.post(LIST, chosen)
    assert asked.status_code == 200 and "退回原因" in asked.text
    match.refresh_from_db()
    assert match.status == "proposed"
    done = client.post(LIST, chosen | {"_form_submitted": "1", "reason": "field"}, follow=True)
    match.refresh_from_db()
    assert (match.status, messages_of(done)) == ("rejected", ["已退回 1 条匹配。"])


def test_second_decision_gets_an_error_message(client, match):
    from matching.services.review import accept_match

    accept_match(match, by=make.district_officer(name="王晓"))
    client.force_login(make.district_officer())
    page = client.post(LIST, {"action": "accept_all", "_selected_action": [match.pk]}, follow=True)
    assert messages_of(page) == [f"{match}：“{match}”已由王晓审核（已采纳），本次操作没有生效。"]


def test_broker_is_asked_from_the_form(client, match):
    from matching.services.review import accept_match

    officer = make.district_officer()
    accept_match(match, by=officer)
    broker = make.broker(user=make.user(Role.BROKER, make.organisation("agency")))
    client.force_login(officer)
    client.post(step(match, "hand_over"), {"_form_submitted": "1", "broker": broker.pk, "note": ""})
    assert BrokerRequest.objects.get().broker == broker


def test_auditor_can_only_read(client, match):
    client.force_login(make.auditor())
    assert client.get(change(match)).status_code == 200
    client.post(step(match, "accept"), {"_form_submitted": "1"})
    client.post(LIST, {"action": "accept_all", "_selected_action": [match.pk]})
    match.refresh_from_db()
    assert match.status == "proposed"


def test_export_has_own_rows_and_watermark(client, match):
    make.match(demand=make.demand(firm=make.firm("别区演示企业", region_code="gaoxin")))
    row = {"name": "耐温", "need": "耐温 ≥ 100℃", "offer": "", "result": "met", "note": ""}
    fact = {"kind": "indicators", "verdict": "fits", "sentence": "1 项满足", "brief": "耐温满足", "rows": [row]}
    Match.objects.filter(pk=match.pk).update(facts=[fact])
    officer = make.district_officer(name="李青")
    client.force_login(officer)
    response = client.post(LIST, {"action": "export", "_selected_action": [m.pk for m in Match.objects.all()]})
    sheet = load_workbook(io.BytesIO(response.content)).active
    text = "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None)
    assert match.demand.title in text and "李青" in text and "别区演示企业" not in text
    assert "耐温满足" in text and "耐温：满足（需求：耐温 ≥ 100℃；成果：未说明）" in text
