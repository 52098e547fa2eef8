"""The public page of an institution: what it offers, and how it answers, from five enquiries on."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation
from core.workdays import add_workdays
from enquiries.answering_times import answering_times, most_asked
from enquiries.models import Approach
from tests import factories as make
from tests.browser_client import one_line

pytestmark = pytest.mark.django_db


def asked(achievement, *, answered_after: int | None, days_ago: int = 40, firm=None) -> Approach:
    """An enquiry sent `days_ago`, answered so many working days later, or not."""
    approach = make.approach(achievement=achievement, **({"firm": firm} if firm else {}))
    sent_at = timezone.now() - timedelta(days=days_ago)
    sent_on = timezone.localdate(sent_at)
    fields = {"sent_at": sent_at, "answer_due_on": add_workdays(sent_on, 5)}
    if answered_after is not None:
        moved = add_workdays(sent_on, answered_after) - sent_on
        fields |= {"status": "answered", "read_at": sent_at + moved, "first_answered_at": sent_at + moved}
    Approach.objects.filter(pk=approach.pk).update(**fields)
    return approach


def page(client, institution, name="institution_detail") -> str:
    return one_line(client.get(reverse(name, args=[institution.public_id])).content.decode())


def test_answering_times_count_what_was_not_answered_and_stay_hidden_below_five(client):
    institution = make.institution()
    items = [make.achievement() for _ in range(6)]
    for item, days in zip(items, (0, 1, 2, 7), strict=False):
        asked(item, answered_after=days)
    asked(items[4], answered_after=None, days_ago=0)  # its deadline has not passed: it does not count yet
    assert "样本不足" in page(client, institution)
    Approach.objects.filter(achievement=items[4]).update(answer_due_on=timezone.localdate() - timedelta(days=1))
    times = answering_times([institution.pk])[institution.pk]
    assert (times.days, times.median, times.percent_in_time) == ((0, 1, 2, 7, None), 2, 60)
    html = page(client, institution)
    assert "一半在 2 个工作日内答复，按时答复 60%" in html and "样本不足" not in html
    asked(items[5], answered_after=0, days_ago=400)  # longer than a year ago
    assert answering_times([institution.pk])[institution.pk].count == 5
    Approach.objects.update(first_answered_at=None, read_at=None, status="sent", answer_due_on="2020-01-01")
    assert answering_times([institution.pk])[institution.pk].median is None


def test_an_item_is_named_as_much_asked_from_three_firms_on(client):
    institution, item = make.institution(), make.achievement(title="常被问的成果")
    firm = make.firm()
    first = asked(item, answered_after=1, firm=firm)
    Approach.objects.filter(pk=first.pk).update(status="ended", ended_at=timezone.now(), end_reason="timing")
    asked(item, answered_after=1, firm=firm)
    asked(item, answered_after=1)
    assert not most_asked(institution)  # two firms, one of them twice
    asked(item, answered_after=1)
    assert most_asked(institution).get().firm_count == 3
    assert "近 12 个月 3 家企业问过" in page(client, institution)


def test_what_is_on_offer_goes_first_and_who_answers_quickly_can_be_asked_for(client):
    slow, quick, busy = make.institution("慢的大学"), make.institution("快的大学"), make.institution("东西多的大学")
    gone = make.achievement(title="早已转化的", institution=slow, status="transferred")
    for number in range(10):
        make.achievement(title=f"能谈的 {number}", institution=slow)
    gone.save()  # changed last
    assert gone.title not in page(client, slow)
    for institution, days in ((slow, 4), (quick, 1)):
        for _ in range(5):
            asked(make.achievement(institution=institution), answered_after=days)
    for _ in range(20):
        make.achievement(institution=busy)

    def listed(query=""):
        html = client.get(reverse("institution_list") + query).content.decode()
        return sorted(("慢的", "快的", "东西多的"), key=lambda name: html.index(f"{name}大学"))

    assert listed() == ["东西多的", "慢的", "快的"]
    assert listed("?order=answers") == ["快的", "慢的", "东西多的"]


def test_only_institutions_with_published_achievements_have_a_page(client):
    institution, hidden = make.institution(), make.institution("没有公开成果的大学")
    item = make.achievement()
    make.achievement(title="还没公开", registered=False, institution=hidden)
    html = page(client, institution)
    assert item.title in html and reverse("institution_detail", args=[institution.public_id]) in one_line(
        client.get(reverse("achievement_detail", args=[item.public_id])).content.decode()
    )
    assert client.get(reverse("institution_detail", args=[hidden.public_id])).status_code == 404
    assert client.get(reverse("institution_detail", args=[make.firm().public_id])).status_code == 404
    listed = client.get(reverse("institution_list"), {"q": "理工"}).content.decode()
    assert institution.name in listed and hidden.name not in listed
    empty = client.get(reverse("institution_list"), {"q": "<b>\x00%"})
    assert empty.status_code == 200 and "<b>%" not in empty.content.decode()
    sitemap = client.get(reverse("sitemap")).content.decode()
    assert institution.public_id in sitemap and hidden.public_id not in sitemap


def test_its_name_is_a_link_wherever_it_has_a_page(client):
    item = make.achievement(institution=make.institution("示例链接大学"))
    link = f'href="{reverse("institution_detail", args=[item.institution.public_id])}"'
    docking_round = make.docking_round()
    docking_round.featured.add(item)
    docking_round.institutions.add(item.institution, make.institution("没有成果的大学"))
    paths = ["/", reverse("achievement_list"), reverse("round_detail", args=[docking_round.public_id])]
    for path in paths:
        html = client.get(path).content.decode()
        assert link in html and html.count("没有成果的大学") == ("rounds" in path)
    Organisation.objects.filter(pk=item.institution_id).update(is_active=False)
    for path in paths:
        html = client.get(path).content.decode()
        assert link not in html and "示例链接大学" in html, path
