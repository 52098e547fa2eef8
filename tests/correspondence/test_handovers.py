"""交给完成人: a link without an account, the answer, the office's check, and what the firm and the public see of it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditRecord
from correspondence.handover_links import token_of
from correspondence.models import Handover
from correspondence.people import completers_of
from correspondence.services.completer_answers import send_answer, set_answer_aside, version_of
from correspondence.services.handovers import (
    call_back,
    hand_over,
    message_of,
    remind_completers,
    replace_handover_link,
)
from enquiries.answering_times import answering_times
from enquiries.models import Approach
from enquiries.services.thread import post_message
from matching.models import Question
from notices.models import Delivery, Notice
from tests import factories as make

pytestmark = pytest.mark.django_db
FIRM = "大连隐名重工有限公司"


@pytest.fixture
def approach():
    institution = make.institution()
    item = make.achievement(institution=institution, title="耐磨涂层", lead_person="张三")
    return make.approach(firm=make.firm(FIRM), achievement=item, is_anonymous=True, text="这种涂层能耐多少度？")


@pytest.fixture
def officer(approach):
    return make.institution_officer(approach.institution)


def give(target, officer, **values) -> Handover:
    item = target.achievement if isinstance(target, Approach) else target.match.achievement
    person = next(iter(completers_of(item)))
    return hand_over(target, person, **{"closes_on": timezone.localdate() + timedelta(days=5), "by": officer} | values)


def url_of(handover: Handover) -> str:
    return reverse("handover", args=[token_of(handover)])


def fresh(row):
    return type(row).objects.get(pk=row.pk)


@pytest.mark.long
def test_the_phone_answers_the_office_sends_and_the_firm_reads_where_it_came_from(client, approach, officer):
    handover = give(approach, officer)
    page = client.get(url_of(handover)).text
    assert "能耐多少度？" in page and "耐磨涂层" in page and "张三" in page
    assert FIRM not in page and "隐名" not in page and approach.public_alias in page
    assert FIRM not in message_of(handover).body
    assert (
        client.post(url_of(handover), {"kind": "text", "text": "可到 600 度，<b>短时</b> 650 度。"}).status_code == 302
    )
    approach = fresh(approach)
    assert approach.status == "sent" and not approach.messages.exists(), "the office has not sent it"
    assert answering_times([approach.institution_id])[approach.institution_id].count == 0
    notice = Notice.objects.get(recipient=officer, kind="completer")
    client.force_login(officer)
    page = client.get(notice.path).text
    assert "&lt;b&gt;短时" in page and "<b>短时" not in page
    handover = fresh(handover)
    step = reverse("handover_step", args=[handover.public_id])
    posted = {"step": "send", "text": handover.text, "seen": version_of(handover)}
    assert client.post(step, posted).status_code == 302
    message = approach.messages.get(is_event=False)
    assert (message.side, message.author, message.origin) == ("office", officer, "completer")
    approach = fresh(approach)
    assert approach.status == "answered"
    # The public time is that of the sending, not of the completer's answer.
    assert approach.first_answered_at >= handover.answered_at
    assert answering_times([approach.institution_id])[approach.institution_id].in_time == 1
    assert client.post(step, posted).status_code == 422, "a second press sends nothing"
    assert approach.messages.filter(is_event=False).count() == 1
    client.force_login(approach.created_by)
    page = client.get(reverse("approach", args=[approach.public_id])).text
    assert "由完成人提供，科技处发送" in page and "&lt;b&gt;短时" in page and "张三" not in page
    client.logout()
    assert "单位已处理" in client.get(url_of(handover)).text
    assert client.post(url_of(handover), {"kind": "text", "text": "再改"}).status_code == 422
    actions = set(AuditRecord.objects.values_list("action", flat=True))
    assert {"交给完成人答复", "完成人凭链接答复", "发送完成人的答复"} <= actions
    assert not AuditRecord.objects.filter(changes__icontains="张三").exists(), "the trail names nobody in full"


def test_a_link_is_void_when_wrong_replaced_called_back_or_late(client, approach, officer):
    handover = give(approach, officer)
    token = token_of(handover)
    wrong = [token[:-1] + ("0" if token[-1] != "0" else "1"), token[:10], token[:10] + "0" * 32, "x" * 42]
    for text in wrong:
        assert client.get(reverse("handover", args=[text])).status_code == 404
    # The token of a renewal or a letter with the same id opens nothing here.
    from core.issued_links import issued_token

    for salt in ("portfolio.renewal", "correspondence.letter"):
        assert client.get(reverse("handover", args=[issued_token(salt, handover.public_id)])).status_code == 404
    earlier = url_of(handover)
    replace_handover_link(handover, by=officer)
    assert client.get(earlier).status_code == 404 and client.get(url_of(handover)).status_code == 200
    Handover.objects.update(closes_on=timezone.localdate() - timedelta(days=1))
    assert client.get(url_of(handover)).status_code == 404
    assert client.post(url_of(handover), {"kind": "text", "text": "晚了"}).status_code == 404
    Handover.objects.update(closes_on=timezone.localdate())
    call_back(handover, by=officer)
    assert client.get(url_of(handover)).status_code == 404
    assert fresh(handover).answered_at is None


@pytest.mark.long
def test_guessing_is_throttled_and_a_link_has_a_limit_of_posts(client, approach, officer):
    handover = give(approach, officer)
    for _ in range(30):
        client.post(url_of(handover), {"kind": "text", "text": ""})
    assert client.post(url_of(handover), {"kind": "text", "text": "答复"}).status_code == 429
    for number in range(20):
        client.get(reverse("handover", args=[f"{handover.public_id}{number:032x}"]))
    assert client.get(url_of(handover)).status_code == 429


def test_another_institution_and_an_outsider_do_nothing(client, approach, officer):
    other = make.institution_officer(make.institution("大连海事大学"))
    person = next(iter(completers_of(approach.achievement)))
    day = timezone.localdate()
    with pytest.raises(PermissionDenied):
        hand_over(approach, person, closes_on=day, by=other)
    handover = give(approach, officer)
    client.post(url_of(handover), {"kind": "text", "text": "可到 600 度。"})
    handover = fresh(handover)
    for call in (
        lambda: call_back(handover, by=other),
        lambda: send_answer(handover, text="x", by=other, seen=version_of(handover)),
        lambda: set_answer_aside(handover, reason="x", by=other),
        lambda: send_answer(handover, text="x", by=approach.created_by, seen=version_of(handover)),
    ):
        with pytest.raises(PermissionDenied):
            call()
    client.force_login(other)
    assert client.get(reverse("inbox_item", args=[f"enquiry-{approach.public_id}"])).status_code == 404
    assert client.post(reverse("handover_step", args=[handover.public_id]), {"step": "revoke"}).status_code == 404
    assert client.post(reverse("hand_over", args=[f"enquiry-{approach.public_id}"])).status_code == 404
    assert client.post(url_of(handover), {"kind": "unfit", "reason": "terms"}).status_code == 403
    assert fresh(handover).kind == "text"


def test_what_may_not_be_sent_is_refused_on_the_phone_with_what_was_written(client, approach, officer):
    handover = give(approach, officer)
    refused = [
        ({"kind": "text", "text": ""}, "请写下答复"),
        ({"kind": "text", "text": "请打 13940001234"}, "手机"),
        ({"kind": "text", "text": "x" * 901}, "最多 900"),
        ({"kind": "unfit"}, "请选择不合适的原因"),
        ({"kind": "unfit", "reason": "other"}, "请用一句话说明"),
        ({"kind": "times", "place": "会议室"}, "1 到 3 个时间"),
        ({"kind": "times", "place": "会议室", "time_1": "2020-01-01T10:00"}, "已经过去"),
        ({"kind": "times", "place": "会议室", "time_1": "明天"}, "时间要写成"),
        ({"kind": "drop"}, "请选择怎样答复"),
    ]
    for data, text in refused:
        response = client.post(url_of(handover), data)
        assert response.status_code == 422 and text in response.text, data
    assert "13940001234" in client.post(url_of(handover), {"kind": "text", "text": "请打 13940001234"}).text
    assert fresh(handover).answered_at is None


def test_free_times_become_times_that_the_firm_chooses(client, approach, officer):
    handover = give(approach, officer)
    moment = timezone.localtime() + timedelta(days=3)
    data = {"kind": "times", "time_1": moment.strftime("%Y-%m-%dT10:00"), "place": "学校会议室", "minutes": "60"}
    assert client.post(url_of(handover), data).status_code == 302
    handover = fresh(handover)
    send_answer(handover, text="带上样品最好。", by=officer, seen=version_of(handover))
    assert approach.talk_times.get().place == "学校会议室"
    assert fresh(approach).first_answered_at
    event, message = approach.messages.order_by("is_event", "pk").reverse()[0], approach.messages.get(is_event=False)
    assert (event.origin, message.origin, handover.decision) == ("completer", "edited", "edited")


def test_unfit_ends_the_enquiry_with_the_reason_and_an_edit_is_marked(client, approach, officer):
    handover = give(approach, officer)
    client.post(url_of(handover), {"kind": "unfit", "reason": "terms", "text": "只接受许可"})
    handover = fresh(handover)
    client.post(url_of(handover), {"kind": "unfit", "reason": "not_fit", "text": "规模不合"})
    with pytest.raises(ValidationError, match="刚刚改过"):
        send_answer(handover, text=handover.text, by=officer, seen=version_of(handover))
    handover = fresh(handover)
    send_answer(handover, text=handover.text, by=officer, seen=version_of(handover))
    approach = fresh(approach)
    assert (approach.status, approach.end_reason, approach.end_note) == ("ended", "not_fit", "规模不合")
    assert approach.first_answered_at, "a refusal is an answer"


def test_an_answer_may_go_at_once_but_not_in_the_name_of_somebody_who_left(client, approach, officer):
    handover = give(approach, officer, sends_at_once=True)
    client.post(url_of(handover), {"kind": "text", "text": "可到 600 度。"})
    assert fresh(approach).status == "answered" and fresh(handover).decision == "sent"
    assert approach.messages.get(is_event=False).origin == "completer"
    second = make.approach(achievement=make.achievement(institution=approach.institution, lead_person="李四"))
    handover = give(second, officer, sends_at_once=True)
    officer.memberships.all().delete()
    client.post(url_of(handover), {"kind": "text", "text": "可以。"})
    assert fresh(second).status == "sent" and fresh(handover).decided_at is None and fresh(handover).answered_at


def test_one_open_handover_and_the_office_may_answer_itself_meanwhile(client, approach, officer):
    first = give(approach, officer)
    second = give(approach, officer)
    assert client.get(url_of(first)).status_code == 404 and client.get(url_of(second)).status_code == 200
    post_message(approach, text="可以。", by=officer)
    from enquiries.services.closing import end_approach

    end_approach(fresh(approach), reason="terms", by=officer)
    assert "已经由单位答复" in client.get(url_of(second)).text
    assert client.post(url_of(second), {"kind": "text", "text": "可以。"}).status_code == 422
    with pytest.raises(ValidationError, match="不等答复"):
        give(fresh(approach), officer)


def test_a_reviewers_question_is_answered_with_the_completers_words(client):
    match = make.match(status="proposed")
    officer = make.institution_officer(match.achievement.institution)
    question = Question.objects.create(match=match, side="office", text="有检测报告吗？", asked_by=make.city_officer())
    handover = give(question, officer)
    page = client.get(url_of(handover)).text
    assert "有检测报告吗？" in page and match.demand.firm.name not in page and "约个时间谈" not in page
    assert client.post(url_of(handover), {"kind": "times", "time_1": "2030-01-01T10:00"}).status_code == 422
    client.post(url_of(handover), {"kind": "text", "text": "有，2025 年的。"})
    handover = fresh(handover)
    send_answer(handover, text=handover.text, by=officer, seen=version_of(handover))
    answer = fresh(question).answer
    assert answer.startswith("有，2025 年的。") and "由完成人提供" in answer


def test_a_completer_gives_an_opinion_about_a_meeting_and_the_office_its_word(client):
    follow_up = make.follow_up(status="asking")
    match = follow_up.match
    officer = make.institution_officer(match.achievement.institution)
    handover = give(follow_up, officer, sends_at_once=True)
    assert not handover.sends_at_once, "whether to meet is the office's own word"
    page = client.get(url_of(handover)).text
    assert "需求" in page and match.demand.firm.name not in page
    client.post(url_of(handover), {"kind": "unfit", "reason": "timing", "text": "今年排满了"})
    handover = fresh(handover)
    send_answer(handover, text=handover.text, by=officer, seen=version_of(handover))
    response = follow_up.responses.get(side="office")
    assert (response.status, response.reason, response.note) == ("unwilling", "timing", "今年排满了")


def test_reminders_go_once_by_mail_or_to_the_officer(approach, officer):
    give(approach, officer, closes_on=timezone.localdate() + timedelta(days=1))
    assert remind_completers() == 1 and remind_completers() == 0
    assert Notice.objects.filter(recipient=officer, kind="completer", text__contains="还没有答复").count() == 1
    item = approach.achievement
    item.contact = make.contact(
        approach.institution, name="张三", email="zhang@example.com", consented_at=timezone.now()
    )
    item.save()
    Handover.objects.update(reminded_at=None)
    assert remind_completers() == 1
    letter = Delivery.objects.get(channel="letter")
    assert letter.address == "zhang@example.com" and token_of(Handover.objects.get()) in letter.body
    assert FIRM not in letter.body
