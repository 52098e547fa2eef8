"""The pages of 我们能做: the form keeps what was typed, the firm compares, officers see both kinds as ready pairs."""

import pytest
from django.urls import reverse

from achievements.models import Indicator
from demands.models import Demand, DemandIndicator
from enquiries.models import Approach
from enquiries.ready_pairs import narrow, ready_approaches
from enquiries.services.answers import answer_demand
from enquiries.services.thread import post_message
from matching.desk_tabs import tabs_of
from tests import factories as make

pytestmark = pytest.mark.django_db
TEXT = "我们做过同样工况的表面包覆，可以先打样。"


@pytest.fixture
def officer(client):
    officer = make.institution_officer()
    client.force_login(officer)
    return officer


def post(client, demand, **values):
    return client.post(reverse("demand_answer", args=[demand.public_id]), {"item": "free", "text": TEXT} | values)


def page(response) -> str:
    return response.content.decode()


def test_the_form_offers_own_items_best_first_searches_without_losing_the_text_and_sends(client, officer):
    fits = make.achievement(title="轴承滚道激光淬火", summary="轴承滚道表面淬火，提高疲劳寿命。")
    other = make.achievement(title="海带多糖提取", summary="从海带中提取多糖。")
    make.achievement(title="外校的淬火", institution=make.institution("大连海事大学"))
    demand = make.demand(title="轴承滚道疲劳剥落", problem="轴承滚道疲劳剥落快，想做表面淬火。")
    html = page(client.get(reverse("demand_answer", args=[demand.public_id])))
    assert fits.title in html and "外校的淬火" not in html
    html = page(post(client, demand, q="海带", find="1"))
    assert other.title in html and TEXT in html and not Approach.objects.exists()
    response = post(client, demand, item=fits.public_id, price_min_wan="20", price_max_wan="50")
    approach = Approach.objects.get()
    assert response.url == reverse("approach", args=[approach.public_id])
    assert (approach.achievement, approach.offer.price_text) == (fits, "20–50 万元")


@pytest.mark.long
def test_what_is_refused_stays_on_the_page_with_a_plain_sentence(client, officer):
    demand = make.demand()
    hostile = "<script>alert(1)</script>"
    foreign = make.achievement(institution=make.institution("大连海事大学"))
    for values, sentence in (
        ({"text": hostile * 5_000}, "最多 1000 个字"),
        ({"item": foreign.public_id, "method": hostile}, "另选一项"),
        ({"price_min_wan": "五十"}, "请填数字"),
        ({"price_min_wan": "50", "price_max_wan": "20"}, "低于下限"),
        ({"strength": "微信同号 13904110001"}, "手机"),
    ):
        response = post(client, demand, **values)
        assert response.status_code == 422 and sentence in page(response), values
        assert hostile not in page(response) and (TEXT in page(response) or "text" in values)
    Demand.objects.filter(pk=demand.pk).update(status="closed", status_reason="另有安排")
    response = post(client, demand)
    assert response.status_code == 422 and "暂停或关闭" in page(response) and TEXT in page(response)
    assert demand.title not in page(response)  # it is not public any more
    assert client.get(reverse("demand_detail", args=[demand.public_id])).status_code == 404
    never = make.demand(published=False)
    assert post(client, never).status_code == 404
    assert not Approach.objects.exists()


def test_a_reason_beside_an_item_does_not_tell_the_district_of_an_anonymous_firm(client, officer):
    institution = make.institution()
    institution.stat_region = make.region()
    institution.save(update_fields=["stat_region"])
    make.achievement(title="轴承滚道激光淬火", summary="轴承滚道表面淬火。")
    fields = {"title": "轴承滚道疲劳剥落", "problem": "轴承滚道疲劳剥落，想做表面淬火。"}
    named, hidden = make.demand(**fields), make.demand(**fields, is_anonymous=True, public_alias="某企业（代号云帆）")
    district = f"同在{make.region().name}"
    assert district in page(client.get(reverse("demand_answer", args=[named.public_id])))
    assert district not in page(client.get(reverse("demand_answer", args=[hidden.public_id])))


def test_without_the_undertaking_neither_text_nor_reasons_of_a_teaser_are_shown(client, officer):
    make.achievement(title="轴承滚道激光淬火", summary="轴承滚道表面淬火。")
    demand = make.demand(
        title="找表面处理", problem="轴承滚道疲劳剥落，想做表面淬火。", disclosure="teaser", teaser="寻找表面处理办法"
    )
    for html in (page(client.get(reverse("demand_answer", args=[demand.public_id]))), page(post(client, demand))):
        assert reverse("undertaking") in html and "滚道" not in html
    assert TEXT in html and not Approach.objects.exists()


@pytest.mark.long
def test_the_firm_compares_answers_with_its_indicators_and_declines(client, django_assert_max_num_queries):
    firm_user = make.firm_officer()
    demand = make.demand(firm=firm_user.memberships.get().organisation)
    DemandIndicator.objects.create(demand=demand, name="硬度", comparison="ge", value="58", unit="HRC", order=1)
    for number, value in enumerate(("60", "50")):
        officer = make.institution_officer(make.institution(f"比较大学{number}"))
        item = make.achievement(institution=make.institution(f"比较大学{number}"))
        Indicator.objects.create(achievement=item, name="硬度", comparison="ge", value=value, unit="HRC", order=1)
        answer_demand(demand, institution=item.institution, achievement=item, text=TEXT, by=officer)
    free = make.institution_officer(make.institution("方案大学"))
    answer_demand(demand, institution=make.institution("方案大学"), text="硬度可以做到 62 HRC。", by=free)
    client.force_login(firm_user)
    url = reverse("demand_answers", args=[demand.public_id])
    with django_assert_max_num_queries(25):
        html = page(client.get(url))
    assert "满足 1 项，未达 0 项" in html and "满足 0 项，未达 1 项" in html and "方案大学" in html
    assert reverse("demand_answers", args=[demand.public_id]) in page(
        client.get(reverse("demand_detail", args=[demand.public_id]))
    )
    declined = Approach.objects.order_by("pk").first()
    decline = reverse("answer_decline", args=[declined.public_id])
    assert "请选择一个原因" in page(client.post(decline, {"reason": ""}))
    assert client.post(decline, {"reason": "indicator", "note": "硬度差两度"}).url == url
    assert "硬度差两度" in page(client.get(url, {"show": "ended"}))
    client.force_login(free)
    assert client.get(url).status_code == 404  # competitors see only what they sent themselves


def test_ready_pairs_say_whose_turn_it_is_and_stand_in_the_desk(client):
    officer, elsewhere = make.district_officer(), make.district_officer("gaoxin")
    firm_user = make.firm_officer()
    demand = make.demand(firm=firm_user.memberships.get().organisation)
    institution_user = make.institution_officer()
    answer = answer_demand(
        demand, institution=make.institution(), achievement=make.achievement(), text=TEXT, by=institution_user
    )
    enquiry = make.approach(by=firm_user)

    def waiting_for(side):
        return set(narrow(ready_approaches(officer), kind="", wait=side, q=""))

    assert (waiting_for("firm"), waiting_for("office")) == ({answer}, {enquiry})
    post_message(answer, text="要停机多久？", by=firm_user)
    assert (waiting_for("firm"), waiting_for("office")) == (set(), {answer, enquiry})
    post_message(answer, text="半天。", by=institution_user)
    assert waiting_for("firm") == {answer}
    assert not ready_approaches(elsewhere)
    assert [tab.label for tab in tabs_of(officer)] == ["双方主动的 2 对"] and tabs_of(elsewhere) == []
    client.force_login(officer)
    html = page(client.get(reverse("ready_pairs")))
    assert "系统看这一对" in html and answer.achievement.title in html
    note = {"text": "<b>谈完问一下</b>"}
    client.post(reverse("approach_note", args=[answer.public_id]), note)
    assert "&lt;b&gt;谈完问一下" in page(client.get(reverse("approach", args=[answer.public_id])))
    client.force_login(firm_user)
    assert "谈完问一下" not in page(client.get(reverse("approach", args=[answer.public_id])))
