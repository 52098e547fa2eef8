"""续期核对: links that a completer opens without an account, answers, and the office's decisions field by field."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.models import Contact
from achievements.models import Achievement
from achievements.services.lifecycle import reinstate_achievement
from achievements.services.people import erase_person
from notices.models import Notice
from portfolio.models import CompleterConsent, RenewalAnswer, RenewalRequest
from portfolio.renewal_links import token_of
from portfolio.services.renewals import end_campaign, remind_due, replace_link, revoke_link, start_campaign
from tests import factories
from tests.portal.form_posts import next_messages

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return factories.institution()


@pytest.fixture
def officer(here):
    return factories.institution_officer(here)


@pytest.fixture
def items(here):
    return [
        factories.achievement(institution=here, title=f"成果{number}", lead_person=name, price_min_wan=10)
        for number, name in enumerate(("张三", "张三", "李四"))
    ]


def start(items, officer, **values):
    day = timezone.localdate() + timedelta(days=5)
    return start_campaign(items, **{"audience": "leads", "closes_on": day, "by": officer} | values)


def url_of(request: RenewalRequest) -> str:
    return reverse("renewal", args=[token_of(request)])


def answer_of(item) -> RenewalAnswer:
    return RenewalAnswer.objects.undecided().get(achievement=item)


def post(client, item, **values):
    row = answer_of(item)
    values = {
        name if name in {"answer", "note", "consent"} else f"{row.public_id}-{name}": v for name, v in values.items()
    }
    return client.post(url_of(row.request), {"item": row.public_id} | values)


def corrected(item, **values) -> dict:
    """All fields of the form of a correction, with these changed."""
    shown = {"summary": item.summary, "stage": item.stage, "price_min_wan": "10.00"}
    return {"answer": "corrected"} | shown | values


def test_one_link_for_each_person_opens_only_the_own_items_and_a_wrong_one_nothing(client, items, officer):
    campaign = start(items, officer)
    first, second = campaign.requests.order_by("pk")
    page = client.get(url_of(first)).text
    assert "成果0" in page and "成果1" in page and "成果2" not in page
    *_start, last = url = url_of(first)[:-1]
    assert client.get(f"{url[:-1]}{'1' if last == '0' else '0'}/").status_code == 404
    assert client.get(reverse("renewal", args=[first.public_id])).status_code == 404
    mixed = token_of(first)[:10] + token_of(second)[10:]
    assert client.get(reverse("renewal", args=[mixed])).status_code == 404
    row = answer_of(items[2])
    assert client.post(url_of(first), {"item": row.public_id, "answer": "valid"}).status_code == 404
    row.refresh_from_db()
    assert row.status == "waiting"


def test_a_link_is_void_when_revoked_replaced_ended_or_late(client, items, officer):
    campaign = start(items, officer)
    first, second = campaign.requests.order_by("pk")
    earlier = url_of(first)
    replace_link(first, by=officer)
    assert client.get(earlier).status_code == 404 and client.get(url_of(first)).status_code == 200
    revoke_link(first, by=officer)
    assert client.get(url_of(first)).status_code == 404
    type(campaign).objects.update(closes_on=timezone.localdate() - timedelta(days=1))
    assert client.get(url_of(second)).status_code == 404
    with pytest.raises(PermissionDenied):
        end_campaign(campaign, by=factories.institution_officer(factories.institution("大连海事大学")))
    assert end_campaign(campaign, by=officer) == 3


def test_what_is_valid_is_renewed_at_once_for_all(client, items, officer):
    start(items, officer)
    for item in items[:2]:
        post(client, item, answer="valid")
    client.force_login(officer)
    assert "2 项答复" in client.get(reverse("renewal_answers")).text
    assert "已续期 2 项" in next_messages(client.post(reverse("renewal_answers_valid")))
    assert [Achievement.objects.get(pk=item.pk).expires_on is None for item in items] == [False, False, True]
    assert client.post(reverse("renewal_answers_valid")).status_code == 302  # a second press renews nothing more


@pytest.mark.long
def test_corrections_are_accepted_field_by_field(client, items, officer):
    start(items, officer)
    item = items[0]
    post(
        client, item, **corrected(item, summary="新写的简介，寿命 800 次。", price_min_wan="20", wanted_partner="钢厂")
    )
    row = answer_of(item)
    assert row.after == {"summary": "新写的简介，寿命 800 次。", "price_min_wan": "20.00", "wanted_partner": "钢厂"}
    item.refresh_from_db()
    assert item.price_min_wan == 10, "a link must change nothing"
    client.force_login(officer)
    page = client.get(reverse("renewal_answers"))
    shown = page.context["items"][0]["seen"]
    decide = reverse("renewal_answer", args=[row.public_id])
    sent = {"fields": ["price_min_wan", "wanted_partner", "lead_person"], "seen": shown}
    Achievement.objects.filter(pk=item.pk).update(updated_at=timezone.now() + timedelta(seconds=1))
    late = client.post(decide, sent)
    assert late.status_code == 422 and "刚刚被改过" in late.text
    sent["seen"] = client.get(reverse("renewal_answers")).context["items"][0]["seen"]
    assert "等市科技局核对" in next_messages(client.post(decide, sent))
    item.refresh_from_db()
    row.refresh_from_db()
    assert (item.price_min_wan, item.summary != row.after["summary"], item.expires_on is not None) == (20, True, True)
    assert item.revisions.pending().get().after == {"wanted_partner": "钢厂"}
    assert row.decision == "采纳 2 处，1 处没有采纳"
    assert "已经处理过" in client.post(decide, sent).text or "刚刚被改过" in client.post(decide, sent).text


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"summary": "请打 13904110001"}, "不能有个人信息"),
        ({"summary": "本项目为机密★"}, "涉密"),
        ({"price_min_wan": "50", "price_max_wan": "5"}, "上限不能低于下限"),
        ({"stage": "nonsense"}, "nonsense"),
        ({"maturity_level": "99"}, "成熟度等级"),
    ],
)
def test_a_bad_correction_is_refused_and_stays_on_the_page(client, items, officer, values, message):
    start(items, officer)
    response = post(client, items[0], **corrected(items[0], **values))
    assert response.status_code == 422 and message in response.text
    assert answer_of(items[0]).status == "waiting"


def test_an_end_needs_a_reason_and_an_unchanged_correction_is_none(client, items, officer):
    start(items, officer)
    assert "为什么" in client.get(post(client, items[0], answer="ended", note=" \u200b").url).text
    assert "没有改动" in client.get(post(client, items[0], **corrected(items[0])).url).text
    assert answer_of(items[0]).status == "waiting"
    post(client, items[0], answer="ended", note="专利已转让")
    assert answer_of(items[0]).status == "ended"
    post(client, items[0], answer="valid")  # changed one's mind
    assert answer_of(items[0]).status == "valid"


def test_somebody_of_another_organisation_does_not_answer(client, items, officer):
    start(items, officer)
    client.force_login(factories.firm_officer())
    assert post(client, items[0], answer="valid").status_code == 403
    assert answer_of(items[0]).status == "waiting"


def test_a_consent_is_given_and_withdrawn_by_link_the_item_is_paused_and_the_office_told(client, items, officer):
    start(items, officer)
    post(client, items[0], consent="give")
    post(client, items[0], consent="give")
    consent = CompleterConsent.objects.get()
    assert consent.recorded_by is None and "张三" not in consent.fingerprint
    post(client, items[0], consent="revoke")
    item = Achievement.objects.get(pk=items[0].pk)
    assert (item.status, item.status_reason) == ("paused", "完成人撤回了公开的同意")
    assert "张*撤回了公开" in Notice.objects.get(recipient=officer).text
    assert client.get(reverse("achievement_detail", args=[item.public_id])).status_code == 404
    client.force_login(officer)
    resume = {"step": "resume", "confirmed": "1", "chosen": [item.public_id]}
    assert "先取得本人同意" in next_messages(client.post(reverse("achievement_steps"), resume))
    with pytest.raises(ValidationError, match="先取得本人同意"):  # nor by the city, on whatever page
        reinstate_achievement(item, by=factories.city_officer())
    who = {"who": "0", "name": "张三", "step": "give"}
    client.post(reverse("consent_note", args=[item.public_id]), who)
    client.post(reverse("achievement_steps"), resume)
    assert Achievement.objects.get(pk=item.pk).status == "registered"


def test_who_was_never_asked_may_refuse(client, items, officer):
    start(items, officer)
    post(client, items[2], consent="revoke")
    assert Achievement.objects.get(pk=items[2].pk).status == "paused"


def test_what_cannot_be_asked_about_is_named(items, officer):
    start(items[:1], officer)
    with pytest.raises(ValidationError, match="另一次续期核对"):
        start(items, officer)
    with pytest.raises(ValidationError, match="没有写学院"):
        start(items[1:], officer, audience="colleges")
    with pytest.raises(ValidationError, match="90 天"):
        start(items[1:], officer, closes_on=timezone.localdate() + timedelta(days=365))
    draft = factories.achievement(institution=items[0].institution, registered=False)
    with pytest.raises(ValidationError, match="只有已入库"):
        start([draft], officer)
    with pytest.raises(PermissionDenied):
        start([factories.achievement(institution=factories.institution("大连海事大学"))], officer)


def test_a_college_answers_for_all_its_items_but_gives_no_consent(client, items, officer):
    Achievement.objects.update(college="化工学院")
    items = list(Achievement.objects.order_by("pk"))
    campaign = start(items, officer, audience="colleges")
    page = client.get(url_of(campaign.requests.get())).text
    assert all(item.title in page for item in items) and "我同意" not in page
    assert post(client, items[0], consent="revoke").status_code == 403
    post(client, items[0], answer="valid")
    assert answer_of(items[0]).status == "valid"


def test_a_mail_goes_only_to_the_person_and_a_reminder_once(items, officer, settings):
    lead, other = (
        Contact.objects.create(
            organisation=items[0].institution, name=name, email=f"{at}@example.cn", consented_at=timezone.now()
        )
        for at, name in enumerate(("张三", "秘书"))
    )
    Achievement.objects.filter(pk=items[0].pk).update(contact=lead)
    Achievement.objects.filter(pk=items[2].pk).update(contact=other)
    start(items, officer, closes_on=timezone.localdate() + timedelta(days=2))
    assert (remind_due(), remind_due()) == (1, 0)
    assert not mail.outbox or "0@example.cn" in mail.outbox[0].to


def test_an_erased_name_leaves_nothing_in_the_campaign(client, items, officer):
    campaign = start(items[2:], officer)
    erase_person(items[2], "李四", by=officer)
    client.force_login(officer)
    assert "李四" not in client.get(reverse("renewal_campaign", args=[campaign.public_id])).text
