"""Pages of follow-ups: visibility before and after both sides are willing, and every form."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Contact, Role
from matching.models import FollowUp, SideResponse
from matching.services.broker_requests import answer_broker_request, ask_broker
from matching.services.review import accept_match
from matching.services.side_responses import answer_unwilling
from tests import factories as make
from tests.browser_client import readable

pytestmark = pytest.mark.django_db
SECRET = "大连藏龙虎轴承有限公司"


@pytest.fixture
def district(db):
    return make.district_officer("jinpu", name="王专员")


@pytest.fixture
def follow_up(district):
    firm = make.firm(SECRET)
    demand = make.demand(
        firm=firm,
        title="轴承保持架减磨",
        problem="我们藏龙虎的保持架磨损快。",
        is_anonymous=True,
        public_alias="金普新区某轴承企业",
        contact=Contact.objects.create(organisation=firm, name="欧阳某", phone="13804110001"),
    )
    offered = make.achievement()
    offered.contact = Contact.objects.create(organisation=offered.institution, name="司徒某", phone="13904110002")
    offered.save()
    match = make.match(demand=demand, achievement=offered)
    accept_match(match, by=district)
    return match.follow_up


@pytest.fixture
def institution_officer(follow_up):
    return make.institution_officer(follow_up.match.achievement.institution)


@pytest.fixture
def firm_officer(follow_up):
    return make.firm_officer(follow_up.match.demand.firm)


@pytest.fixture
def at(client, follow_up):
    """`at(user)` reads the page; `at(user, "answer", side=…)` submits a form and reads the next page."""

    def visit(user, action="", status=200, **fields):
        client.force_login(user)
        name = f"follow_up_{action}" if action else "follow_up"
        address = reverse(name, args=[follow_up.public_id])
        response = client.post(address, fields, follow=True) if action else client.get(address)
        assert response.status_code == status, response.status_code
        follow_up.refresh_from_db()
        return readable(response)

    return visit


def willing(follow_up, side, **fields):
    row = follow_up.responses.get(side=side)
    item = follow_up.match.demand if side == "firm" else follow_up.match.achievement
    prefix = f"willing-{row.side}-"
    values = {"contact": item.contact_id, "consents": "on"} | fields
    return {"side": side, "answer": "willing"} | {prefix + name: value for name, value in values.items()}


def agree(at, follow_up, institution_officer, firm_officer):
    at(institution_officer, "answer", **willing(follow_up, "office"))
    at(firm_officer, "answer", **willing(follow_up, "firm"))
    assert follow_up.status == "talks"


@pytest.mark.long
def test_follow_up_from_answers_to_intent(at, follow_up, institution_officer, firm_officer, district):
    assert "您是否愿意与对方对接" in at(institution_officer)
    assert "已记下：愿意对接" in at(institution_officer, "answer", **willing(follow_up, "office"))
    page = at(firm_officer)
    assert "已答复" in page and "愿意</span>" not in page.split("双方意愿</h2>")[1]
    at(firm_officer, "answer", **willing(follow_up, "firm"))
    assert follow_up.status == "talks"
    page = at(institution_officer, "contact", side="firm")
    assert "欧阳某" in page and "13804110001" in page and SECRET in page
    assert "司徒某" in at(firm_officer, "contact", side="office")
    tomorrow = timezone.localdate() + timedelta(days=1)
    fields = {"note-note": "双方签了意向书", "note-becomes": "intent", "note-next_on": tomorrow.isoformat()}
    assert "已记录进展" in at(district, "step", step="note", **fields)
    assert follow_up.status == "talks"
    for user, side in ((institution_officer, "office"), (firm_officer, "firm")):
        page = at(user)
        assert "跟进人记录双方已达成意向，请您单位确认" in page
        answer = {"request": follow_up.requests.open().get(side=side).pk, f"confirm-{side}-answer": "yes"}
        assert "已收到您单位的答复" in at(user, "confirm", **answer)
    assert follow_up.status == "intent"


@pytest.mark.long
def test_anonymous_firm_is_masked_for_the_institution_until_both_agree(
    client, at, follow_up, institution_officer, firm_officer
):
    client.force_login(institution_officer)
    for turn in range(2):
        for name in ("workbench", "follow_ups", "my_matches"):
            page = readable(client.get(reverse(name)))
            assert "金普新区某轴承企业" in page and "藏龙虎" not in page, name
        page = at(institution_officer)
        assert "金普新区某轴承企业" in page and "藏龙虎" not in page
        if not turn:
            at(institution_officer, "answer", **willing(follow_up, "office"))
    at(firm_officer, "answer", **willing(follow_up, "firm"))
    assert SECRET in at(institution_officer)


@pytest.mark.long
def test_reason_of_a_refusal_is_hidden_from_the_other_side_unless_shared(
    at, follow_up, institution_officer, firm_officer, district
):
    fields = {"unwilling-office-reason": "timing", "unwilling-office-note": "团队今年排满"}
    at(institution_officer, "answer", side="office", answer="unwilling", **fields)
    assert follow_up.status == "closed"
    page = at(firm_officer)
    assert "不愿意" in page and "排满" not in page and "没有时间" not in page
    assert "团队今年排满" in at(district) and "团队今年排满" in at(institution_officer)
    SideResponse.objects.filter(side="office").update(is_reason_shared=True)
    assert "团队今年排满" in at(firm_officer)


def test_shared_reason_masks_the_anonymous_firm(at, follow_up, institution_officer, firm_officer):
    note = "藏龙虎今年没有预算"
    answer_unwilling(
        follow_up.responses.get(side="firm"), reason="timing", note=note, share_reason=True, by=firm_officer
    )
    page = at(institution_officer)
    assert "今年没有预算" in page and "藏龙虎" not in page


@pytest.mark.long
def test_inquiry_is_visible_to_the_side_and_staff_only(at, follow_up, institution_officer, firm_officer, district):
    fields = {"side": "office", "answer": "more", "more-office-text": "年用量大约多少？"}
    assert "问题已发给工作人员" in at(institution_officer, "answer", **fields)
    assert "年用量" not in at(firm_officer)
    inquiry = follow_up.responses.get(side="office").inquiries.get()
    reply = {"inquiry": inquiry.pk, f"reply-{inquiry.pk}-text": "每年约十吨"}
    at(firm_officer, "reply", status=403, **reply)
    at(district, "reply", **reply)
    assert "每年约十吨" in at(institution_officer) and "每年约十吨" not in at(firm_officer)


@pytest.mark.long
def test_telephone_answer_is_labelled(at, follow_up, district, institution_officer):
    fields = willing(follow_up, "firm") | {"willing-firm-spoken_with": "钱经理"}
    at(district, "answer", **fields)
    assert "钱经理电话答复，由王专员记录" in at(district)
    refused = at(district, "answer", status=422, **willing(follow_up, "office"))
    assert "还没有保存" in refused


def test_new_contact_can_be_entered(at, follow_up, institution_officer):
    fields = willing(follow_up, "office", contact="new", name="慕容某", phone="请打总机")
    assert "还没有保存" in at(institution_officer, "answer", status=422, **fields)
    at(institution_officer, "answer", **willing(follow_up, "office", contact="new", name="慕容某", phone="13904110009"))
    assert follow_up.responses.get(side="office").contact.name == "慕容某"


def test_contact_of_another_organisation_is_refused(at, follow_up, institution_officer):
    fields = willing(follow_up, "office", contact=follow_up.match.demand.contact_id)
    at(institution_officer, "answer", status=422, **fields)
    assert follow_up.responses.get(side="office").status == "asked"


@pytest.mark.long
def test_broker_sees_no_firm_name_before_both_agree(at, follow_up, institution_officer, firm_officer, district):
    person = make.user(Role.BROKER, make.organisation("agency"))
    request = ask_broker(follow_up.match, broker=make.broker(user=person), by=district)
    answer_broker_request(request, accept=True, by=person)
    assert "藏龙虎" not in at(person)
    agree(at, follow_up, institution_officer, firm_officer)
    assert SECRET in at(person)
    assert "欧阳某" in at(person, "contact", side="firm")


@pytest.mark.parametrize("show", ["", "mine", "asking", "overdue", "nonsense"])
def test_list_query_count_is_constant(client, district, show):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("follow_ups"), {"show": show}).status_code == 200
        return len(queries)

    def one_more():
        match = make.match()
        accept_match(match, by=district)
        SideResponse.objects.update(due_on=timezone.localdate() - timedelta(days=1))

    client.force_login(district)
    one_more()
    first = count()
    for _ in range(3):
        one_more()
    assert count() == first


def test_staff_filter_the_list_by_owner_and_region(client, follow_up, district):
    other = make.match(demand=make.demand(firm=make.firm(region_code="gaoxin")))
    colleague = make.district_officer("gaoxin")
    accept_match(other, by=colleague)
    client.force_login(make.city_officer())
    for query, title in (
        ({"owner": district.pk}, follow_up.match.achievement.title),
        ({"region": "gaoxin"}, other.achievement.title),
    ):
        rows = client.get(reverse("follow_ups"), query).context["rows"]
        assert [row["follow_up"].match.achievement.title for row in rows] == [title]
    client.force_login(district)
    assert other.achievement.title not in readable(client.get(reverse("follow_ups"), {"region": "gaoxin"}))


def test_follow_ups_awaiting_the_user(client, follow_up, institution_officer, district):
    client.force_login(institution_officer)
    assert "有 1 条匹配等您答复是否愿意对接" in readable(client.get(reverse("workbench")))
    SideResponse.objects.update(due_on=timezone.localdate() - timedelta(days=1))
    client.force_login(district)
    assert client.get(reverse("follow_ups"), {"show": "mine"}).context["page"].paginator.count == 1
    assert FollowUp.objects.overdue().count() == 1
