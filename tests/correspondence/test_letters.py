"""每月一封信: who gets one and when, what stands in it, and how it stops; feedback that names no firm."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.services.contacts import erase_contact
from correspondence.feedback import feedback_of
from correspondence.letter_links import token_of
from correspondence.letter_text import month_before
from correspondence.models import CompleterLetter
from correspondence.services.letters import resume_letters, send_monthly_letters, set_letters, stop_letters
from correspondence.tasks import send_monthly_letters as task
from enquiries.models import Approach
from enquiries.services.closing import end_approach
from matching.models import SideFeedback
from notices.models import Delivery
from notices.services.sending import send_delivery
from portfolio.models import DailyViews
from portfolio.services.consents import give_consent, revoke_consent
from tests import factories as make

pytestmark = pytest.mark.django_db
FIRM = "大连隐名重工有限公司"


@pytest.fixture
def officer():
    return make.institution_officer(make.institution())


@pytest.fixture
def item(officer):
    """Viewed last month; its contact is the person in charge."""
    institution = officer.memberships.get().organisation
    contact = make.contact(institution, name="张三", email="zhang@example.com")
    row = make.achievement(institution=institution, title="耐磨涂层", lead_person="张三", contact=contact)
    DailyViews.objects.create(achievement=row, day=month_before(timezone.localdate()), number=12)
    return row


def start(officer, **values):
    institution = officer.memberships.get().organisation
    set_letters(institution, **{"is_on": True, "includes_feedback": True, "by": officer} | values)


def letters() -> list[Delivery]:
    return list(Delivery.objects.filter(channel="letter").order_by("pk"))


def ended_by_firm(item, note: str = "规模不合", *, when=None) -> Approach:
    row = make.approach(achievement=item, firm=make.firm(FIRM), is_anonymous=True)
    end_approach(row, reason="not_fit", note=note, by=row.created_by)
    if when:
        Approach.objects.filter(pk=row.pk).update(ended_at=when)
    return row


def test_one_letter_a_month_with_what_happened_and_a_second_run_sends_nothing(officer, item, client):
    assert send_monthly_letters() == 0, "the office has not begun"
    start(officer)
    last_month = timezone.now().replace(day=1) - timedelta(days=2)
    ended_by_firm(item, when=last_month)
    item.expires_on = timezone.localdate() - timedelta(days=3)
    item.save()
    quiet = make.contact(item.institution, name="李四", email="li@example.com")
    make.achievement(institution=item.institution, lead_person="李四", contact=quiet)
    office = make.contact(item.institution, name="科技处", email="office@example.com")
    seen = make.achievement(institution=item.institution, lead_person="王五", contact=office)
    DailyViews.objects.create(achievement=seen, day=month_before(timezone.localdate()), number=3)
    assert task() == 1 and task() == 0
    letter = letters()[0]
    assert letter.address == "zhang@example.com"
    for text in ("耐磨涂层", "浏览 12", "技术上不合适。规模不合", "最该补的", "有效期已在", "不想再收到"):
        assert text in letter.body, text
    assert FIRM not in letter.body and letter.body.startswith("张三老师")
    assert month_before(timezone.localdate()).strftime("%Y") in letter.subject
    row = CompleterLetter.objects.get()
    assert letter.unsubscribe_url.endswith(reverse("letter_stop", args=[token_of(row)]))
    page = client.get(reverse("completer_letter", args=[token_of(row)])).text
    assert "浏览 12" in page and FIRM not in page and "zhang@" not in page


def test_the_mail_has_the_one_click_headers(officer, item, mailoutbox):
    start(officer)
    send_monthly_letters()
    send_delivery(letters()[0].pk)
    (message,) = mailoutbox
    assert letters()[0].unsubscribe_url in message.extra_headers["List-Unsubscribe"]
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_feedback_stays_out_unless_the_office_lets_it(officer, item):
    start(officer, includes_feedback=False)
    ended_by_firm(item, when=timezone.now().replace(day=1) - timedelta(days=2))
    send_monthly_letters()
    assert "规模不合" not in letters()[0].body


def test_nobody_gets_a_letter_without_consent(officer, item):
    start(officer)
    contact = item.contact
    for change in ({"consented_at": None}, {"email": ""}, {"withdrawn_at": timezone.now()}):
        before = {name: getattr(contact, name) for name in change}
        type(contact).objects.filter(pk=contact.pk).update(**change)
        assert send_monthly_letters() == 0, change
        type(contact).objects.filter(pk=contact.pk).update(**before)
    give_consent(item, "张三", by=officer)
    revoke_consent(item, "张三", by=officer)
    assert send_monthly_letters() == 0


def test_one_click_stops_the_letters_of_this_person_alone(client, officer, item):
    start(officer)
    other = make.contact(item.institution, name="李四", email="li@example.com")
    second = make.achievement(institution=item.institution, lead_person="李四", contact=other)
    DailyViews.objects.create(achievement=second, day=month_before(timezone.localdate()), number=1)
    assert send_monthly_letters() == 2
    first = CompleterLetter.objects.get(contact=item.contact)
    url = reverse("letter_stop", args=[token_of(first)])
    assert client.get(url).status_code == 200
    following = timezone.localdate() + timedelta(days=31)
    assert client.post(url, {"List-Unsubscribe": "One-Click"}).status_code == 204
    wrong = token_of(first)[:10] + token_of(CompleterLetter.objects.exclude(pk=first.pk).get())[10:]
    for token in (wrong, first.public_id, token_of(first)[:-1] + "x"):
        assert client.post(reverse("letter_stop", args=[token])).status_code == 404
        assert client.get(reverse("completer_letter", args=[token])).status_code == 404
    for row in (item, second):
        DailyViews.objects.create(achievement=row, day=month_before(following), number=1)
    assert send_monthly_letters(following) == 1, "only the other person"
    with pytest.raises(ValidationError, match="本人停收"):
        resume_letters(item.contact, by=officer)
    stop_letters(item.contact, by=officer)
    with pytest.raises(ValidationError, match="本人停收"):
        resume_letters(item.contact, by=officer)
    client.post(url, {"resume": "1"})
    assert send_monthly_letters(following) == 1
    # The page closes after some weeks; the end of the letters never does.
    CompleterLetter.objects.filter(pk=first.pk).update(made_at=timezone.now() - timedelta(days=200))
    assert client.get(reverse("completer_letter", args=[token_of(first)])).status_code == 404
    assert client.post(url).status_code == 200


def test_the_office_previews_stops_one_and_all_and_nothing_of_others(client, officer, item):
    client.force_login(officer)
    page = client.get(reverse("letters")).text
    assert "没有开始发信" in page and "浏览 12" in page and "zhang@example.com" not in page
    client.post(reverse("letter_settings"), {"is_on": "1"})
    assert "将发" in client.get(reverse("letters")).text
    client.post(reverse("letter_stop_by_office", args=[item.public_id]), {"step": "stop"})
    assert send_monthly_letters() == 0
    client.post(reverse("letter_stop_by_office", args=[item.public_id]), {"step": "resume"})
    client.post(reverse("letter_settings"), {})
    assert send_monthly_letters() == 0
    other = make.institution_officer(make.institution("大连海事大学"))
    with pytest.raises(PermissionDenied):
        stop_letters(item.contact, by=other)
    client.force_login(other)
    assert client.post(reverse("letter_stop_by_office", args=[item.public_id])).status_code == 404
    of = {"of": item.institution.public_id, "is_on": "1"}
    assert client.post(reverse("letter_settings"), of).status_code == 404
    assert "张三" not in client.get(reverse("letters")).text
    assert client.get(reverse("letters"), of).status_code == 404


def test_a_person_whose_data_was_deleted_has_no_page(client, officer, item):
    start(officer)
    send_monthly_letters()
    url = reverse("completer_letter", args=[token_of(CompleterLetter.objects.get())])
    assert client.get(url).status_code == 200
    erase_contact(item.contact, by=make.city_officer())
    assert client.get(url).status_code == 404


def test_what_firms_told_the_city_shows_from_three_firms_and_never_who(client, officer, item):
    def unfit(number: int, reason: str) -> None:
        demand = make.demand(firm=make.firm(f"大连{number}号机械厂"))
        SideFeedback.objects.create(
            achievement=item, demand=demand, side="firm", reason=reason, by=make.firm_officer(demand.firm)
        )

    for number in range(2):
        unfit(number, "price")
    assert feedback_of(item).shared == []
    unfit(9, "price")
    unfit(10, "too_early")
    (line,) = feedback_of(item).shared
    assert "3" not in line and "机械厂" not in line
    ended_by_firm(item)
    client.force_login(officer)
    page = client.get(reverse("achievement_file", args=[item.public_id])).text
    assert "规模不合" in page and line in page and "机械厂" not in page and FIRM not in page
