"""One achievement for its office: history and who did it, gaps, patents and fees, views, who hears of a pause."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from achievements.models import Achievement, IntellectualProperty
from achievements.services.lifecycle import pause_achievement, withdraw_achievements
from achievements.services.publication import renew_achievement
from matching.models import Match
from notices.models import Notice
from open_work.sources import open_work_of
from portfolio.gaps import completeness_of
from portfolio.item_slots import links_of
from portfolio.models import DailyViews, PatentStatus
from portfolio.services.view_counts import store_views
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    return factories.achievement(institution=factories.institution(), expires_on=timezone.localdate())


@pytest.fixture
def officer(item):
    return factories.institution_officer(item.institution, name="同事甲")


def test_the_history_tells_what_changed_and_who_did_it_staff_by_their_office(client, item, officer):
    renew_achievement(item, by=officer)
    pause_achievement(item, by=factories.city_officer(name="局里的人"), reason="权属有争议")
    client.force_login(officer)
    page = client.get(reverse("achievement_file", args=[item.public_id])).text
    assert all(f'href="{link.url}"' in page for link in links_of(item)) and f"?item={item.public_id}" in page
    assert "企业和区县的反馈" in page  # the inbox registers it
    assert [link.label for link in links_of(item)] == ["下载科技成果登记表", "申请五元价值评价", "价格公示"]
    assert "同事甲" in page and "市科技局" in page and "局里的人" not in page
    assert "<del>已入库</del>" in page and "<ins>暂停对接</ins>" in page and "权属有争议" in page
    part = client.get(reverse("achievement_file", args=[item.public_id]), headers={"X-Part": "history"}).text
    assert "<html" not in part and "权属有争议" in part


def test_an_anonymous_firm_is_not_named_in_the_history_and_reasons_name_no_demand(client, item, officer):
    firm = factories.firm("大连藏龙虎轴承有限公司")
    factories.approach(achievement=item, firm=firm, is_anonymous=True)
    demand = factories.demand(firm=firm, title="保密的需求", is_anonymous=True, public_alias="某轴承企业")
    reviewed = {"reviewed_by": officer, "reviewed_at": timezone.now()}
    factories.match(achievement=item, demand=demand, status="rejected", reject_reason="too_early", **reviewed)
    client.force_login(officer)
    page = client.get(reverse("achievement_file", args=[item.public_id])).text
    assert "企业询问" in page and "阶段过早 1 次" in page
    assert "藏龙虎" not in page and "保密的需求" not in page


def test_the_three_most_useful_gaps_are_named_first(item):
    thin = completeness_of(item)
    assert [gap.anchor for gap in thin.gaps] == ["id_indicators-0-name", "id_summary", "id_maturity_level"]
    item.summary, item.maturity_level, item.scenario = "长" * 200, 6, "产线"
    item.indicators.create(name="寿命", value="800", unit="次")
    fuller = completeness_of(item)
    assert fuller.percent > thin.percent and "id_summary" not in [gap.anchor for gap in fuller.gaps]


@pytest.mark.long
def test_a_fee_is_noted_for_an_own_number_and_becomes_work_of_the_office(client, item, officer):
    IntellectualProperty.objects.create(achievement=item, kind="invention", number="ZL202010000853.6")
    client.force_login(officer)
    url, day = reverse("patent_note", args=[item.public_id]), timezone.localdate() - timedelta(days=5)
    for sent in (
        {"number": "ZL0", "state": "granted"},
        {"number": "ZL202010000853.6", "state": "ended", "fee_due_on": day},
        {"number": "ZL202010000853.6", "state": "x"},
        {"number": "ZL202010000853.6", "state": "granted", "fee_due_on": "5月"},
    ):
        client.post(url, sent)
    assert not PatentStatus.objects.exists()
    client.post(url, {"number": "ZL202010000853.6", "state": "granted", "fee_due_on": day})
    work = {work.key: work for work in open_work_of(officer)}
    assert [row.number for row in work["patent-fees"].waiting(overdue_only=True)] == ["ZL202010000853.6"]
    assert work["expiring-achievements"].rows.get() == item
    assert "已过 5 天" in client.get(reverse("achievement_file", args=[item.public_id])).text
    assert item.title in client.get(reverse("my_achievements") + "?fresh=fees").text
    stranger = factories.institution_officer(factories.institution("大连海事大学"))
    assert not any(work.rows.exists() for work in open_work_of(stranger) if work.key in {"patent-fees"})


def test_a_view_counts_once_a_day_for_an_address_and_never_for_the_office_staff_or_machines(client, item, officer):
    cache.clear()
    page = reverse("achievement_detail", args=[item.public_id])
    for _ in range(2):
        client.get(page, REMOTE_ADDR="198.51.100.7")
    client.get(page, REMOTE_ADDR="198.51.100.8")
    client.get(page, REMOTE_ADDR="198.51.100.9", headers={"User-Agent": "Baiduspider/2.0"})
    for user in (officer, factories.city_officer(), factories.district_officer()):
        client.force_login(user)
        client.get(page, REMOTE_ADDR="198.51.100.10")
    assert not DailyViews.objects.exists(), "a GET wrote a row"
    assert (store_views(), store_views()) == (2, 0)
    client.logout()
    client.get(page, REMOTE_ADDR="198.51.100.11")
    assert store_views() == 1
    assert DailyViews.objects.get().number == 3


def test_the_firm_and_the_owner_hear_that_an_achievement_in_talks_was_stopped(item, officer):
    district, firm = factories.district_officer(), factories.firm()
    buyer = factories.firm_officer(firm)
    accepted = {"status": "accepted", "reviewed_by": district, "reviewed_at": timezone.now()}
    match = factories.match(achievement=item, demand=factories.demand(firm=firm), **accepted)
    factories.follow_up(match, owner=district)
    other = factories.match(achievement=item)
    Notice.objects.all().delete()
    pause_achievement(item, by=officer, reason="独家洽谈")
    texts = {notice.recipient: notice.text for notice in Notice.objects.all()}
    assert set(texts) == {buyer, district} and "暂停对接" in texts[buyer]
    assert not Match.objects.awaiting_review().filter(pk=other.pk).exists()
    assert not Achievement.objects.available().filter(pk=item.pk).exists()
    withdraw_achievements([item], by=factories.city_officer(), reason="专利权已终止")
    assert Notice.objects.filter(recipient=buyer, text__contains="已下架").exists()
