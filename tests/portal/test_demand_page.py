"""The firm's page of its demand: where it stands, who decides until when, what happened, what it can do."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from demands.models import Demand, DemandRevision
from demands.services.review import return_demand, submit_demand
from demands.services.review_deadlines import REMINDER, decide_by
from demands.services.revisions import accept_revision, return_revision
from demands.tasks import resume_and_remind
from enquiries.services.answers import answer_demand
from enquiries.services.closing import end_approach
from portal.demand_history import SENTENCES, history_of
from tests import factories
from tests.portal.form_posts import controls, next_messages

pytestmark = pytest.mark.django_db


@pytest.fixture
def demand():
    firm = factories.firm()
    return factories.demand(firm=firm, problem="原来的问题说明，铝板焊后翘曲。", contact=factories.contact(firm))


@pytest.fixture
def owner(demand):
    return factories.firm_officer(demand.firm, name="示例人")


@pytest.fixture
def district():
    return factories.district_officer("jinpu", name="不该出现的姓名")


@pytest.fixture
def page(client, owner, demand):
    client.force_login(owner)
    return reverse("demand_edit", args=[demand.public_id])


def do(client, demand, action, **fields):
    data = {f"{action}-{name}": value for name, value in fields.items()}
    return client.post(reverse("demand_step", args=[demand.public_id]), {"action": action} | data)


def test_the_first_review_with_its_deadline_and_its_history(client, owner, district):
    row = factories.demand(firm=factories.firm(), published=False)
    mine = factories.firm_officer(row.firm, name="示例人")
    submit_demand(row, by=mine)
    return_demand(row, by=district, reason="请写明批量")
    submit_demand(row, by=mine)
    client.force_login(mine)
    shown = client.get(reverse("demand_edit", args=[row.public_id])).text
    day = decide_by(Demand.objects.get(pk=row.pk))
    assert f"正在初审，今天提交，{day.month}月{day.day}日前答复" in shown
    for text in ("退回修改", "请写明批量", "示例人", "提交初审"):
        assert text in shown
    assert "不该出现的姓名" not in shown
    Demand.objects.filter(pk=row.pk).update(status_changed_at=timezone.now() - timedelta(days=30))
    resume_and_remind()
    shown = client.get(reverse("demand_edit", args=[row.public_id])).text
    assert "已经超过" in shown and "已提醒" in shown and SENTENCES[REMINDER] in shown


@pytest.mark.long
def test_from_published_to_changed_paused_resumed_solved_and_back(client, demand, page, district, owner):
    factories.match(demand=demand)
    assert "正在看 1 条" in client.get(page).text
    revise = reverse("demand_revise", args=[demand.public_id])
    sent = controls(client.get(revise)) | {"goal": "变形不超过三毫米。"}
    response = client.post(revise, sent)
    assert (response["Location"], "已提交区县核对" in next_messages(response)) == (page, True)
    shown = client.get(page).text
    assert "等区县核对的修改" in shown and "<ins>变形不超过三毫米。</ins>" in shown
    assert controls(client.get(revise))["goal"] == "变形不超过三毫米。"
    assert "没有新的改动" in next_messages(client.post(revise, controls(client.get(revise))))
    return_revision(DemandRevision.objects.get(), by=district, reason="请写检测办法")
    assert "您的修改被退回：请写检测办法" in client.get(page).text
    client.post(revise, controls(client.get(revise)) | {"goal": "变形不超过三毫米，用塞尺检测。"})
    accept_revision(DemandRevision.objects.pending().get(), by=district)
    public = reverse("demand_detail", args=[demand.public_id])
    assert "用塞尺检测" in client.get(public).text
    assert do(client, demand, "pause", reason=" ").status_code == 422
    do(client, demand, "pause", reason="产线检修")
    shown = client.get(page).text
    assert "暂停在这里" in shown and "已经排好的洽谈不取消" in shown
    client.logout()
    assert client.get(public).status_code == 404
    client.force_login(owner)
    assert "不能暂停" in next_messages(do(client, demand, "pause", reason="再停一次"))
    do(client, demand, "resume")
    assert do(client, demand, "solve").status_code == 422
    do(client, demand, "solve", solution="own", note="自己改了工装")
    assert "已解决：本企业自行解决，自己改了工装" in client.get(page).text
    client.logout()
    assert "自己改了工装" not in client.get(public).text  # only for the firm and staff
    client.force_login(owner)
    do(client, demand, "unsolve", reason="试用后没有达到指标")
    texts = [event.text for event in history_of(Demand.objects.get(pk=demand.pk), owner)]
    assert texts[:5] == [
        "撤回“已解决”",
        "标为已解决",
        "恢复公开",
        "暂停，不公开也不参与匹配",
        "批准了修改，公开的内容已更新",
    ]


def test_a_change_that_exposes_an_anonymous_firm_waits_for_its_tick_on_the_page(client, demand, page):
    Demand.objects.filter(pk=demand.pk).update(is_anonymous=True, public_alias="大连市某企业（代号云帆）")
    revise = reverse("demand_revise", args=[demand.public_id])
    sent = controls(client.get(revise)) | {"goal": "变形不超过三毫米。"}
    refused = client.post(revise, sent)
    assert refused.status_code == 422 and "勾选确认" in refused.text
    ticked = {"exposure_confirmed": "1", "exposure_shown": refused.context["exposure"].exposure.text_hash}
    assert client.post(revise, sent | ticked).status_code == 302
    assert demand.revisions.pending().get().after == {"goal": "变形不超过三毫米。"}


def test_steps_of_strangers_and_nonsense(client, demand, page, district):
    assert do(client, demand, "destroy").status_code == 404
    assert "不能重新打开" in next_messages(do(client, demand, "reopen"))
    client.force_login(district)
    assert do(client, demand, "pause", reason="专员替企业").status_code == 403
    assert 'name="problem"' in client.get(page).text  # staff edit at once, as before
    client.force_login(factories.firm_officer(factories.firm()))
    assert do(client, demand, "pause", reason="别人").status_code == 404
    demand.refresh_from_db()
    assert demand.status == "published"


def test_answers_of_institutions_stand_in_the_history(client, owner, demand, page):
    office = factories.institution_officer(factories.institution("大连演示大学"))
    institution = office.memberships.get().organisation
    approach = answer_demand(demand, institution=institution, text="能做，先试制两件，再谈批量和价格。", by=office)
    end_approach(approach, reason="withdrawn", by=office, note="人手不够")
    shown = client.get(page).text
    assert "大连演示大学" in shown and "院所应答了这项需求" in shown and "这次主动对接已结束" in shown
