"""Likely doubles, similar items, 试配: what the kept registry answers, and to whom."""

from datetime import timedelta

import pytest
from django.utils import timezone

from achievements.models import Achievement
from demands.models import Demand
from matching import nearby
from matching.doubles import likely_doubles
from matching.models import SimilarAchievement, SimilarDemand
from matching.services import similar_items
from matching.services.similar_items import refresh_similar
from matching.trial import try_need
from tests import factories as make

pytestmark = pytest.mark.django_db
TITLE = "轴承套圈滚道磨削烧伤在线检测仪"
TEXT = "磨削后滚道上的烧伤用涡流法全检，三十秒一只，工人能看懂。"


def achievement(title=TITLE, **fields):
    return make.achievement(**{"title": title, "summary": TEXT} | fields)


def doubles(title, *, user, kind="achievement", text="", itself=None):
    return likely_doubles(kind, title, text, user=user, itself=itself)


def test_a_double_of_a_public_item_is_found_and_the_item_edited_is_not_its_own():
    public, officer = achievement(), make.institution_officer()
    assert doubles("轴承套圈滚道磨削烧伤在线检测", user=officer) == [public]
    assert doubles(public.title, user=officer, itself=public.pk) == []
    assert doubles("海参", user=officer) == []  # too short to say
    assert doubles("海参低温熟化工艺", user=officer) == []


def test_of_drafts_only_those_of_the_own_office_are_shown():
    draft = achievement(registered=False)
    stranger = make.institution_officer(make.institution("另一所演示大学"))
    assert doubles(TITLE, user=make.institution_officer()) == [draft]
    assert doubles(TITLE, user=stranger) == []


def test_a_change_of_the_registry_is_noticed():
    officer = make.institution_officer()
    assert doubles(TITLE, user=officer) == []
    item = achievement()
    assert doubles(TITLE, user=officer) == [item]
    Achievement.objects.filter(pk=item.pk).update(status="withdrawn", status_reason="重复")
    assert doubles(TITLE, user=officer) == []


def test_an_anonymous_firms_name_finds_nothing():
    firm = make.firm("大连启岭轴承制造有限公司")
    make.demand(
        firm=firm, title="大连启岭轴承制造有限公司求检测仪", problem="大连启岭轴承制造有限公司的滚道烧伤",
        is_anonymous=True, public_alias="某轴承企业",
    )  # fmt: skip
    user = make.firm_officer(make.firm())
    assert doubles("大连启岭轴承制造有限公司", user=user, kind="demand") == []


def test_a_large_registry_is_read_again_in_the_background_and_answers_meanwhile(monkeypatch):
    monkeypatch.setattr(nearby, "AT_ONCE", 0)
    started = []
    monkeypatch.setattr(nearby.threading.Thread, "start", lambda thread: started.append(thread._args))
    registry = nearby.Registry("test", lambda: [nearby.kept_achievements()], lambda: nearby.kept_achievements().count())
    achievement()
    assert registry.current() == 1
    achievement(institution=make.institution("另一所演示大学"))
    assert [registry.current(), registry.current()] == [1, 1]
    assert len(started) == 1  # once is enough
    registry._build(*started[0])
    assert registry.current() == 2


def test_similar_items_are_worked_out_once_and_again_when_something_changed():
    first = achievement()
    second = achievement("轴承滚道磨削烧伤检测装置", institution=make.institution("另一所演示大学"))
    achievement("港口集装箱翻箱优化", summary="按船期预测翻箱，减少集卡等待。")
    assert refresh_similar() > 0
    assert SimilarAchievement.objects.filter(item=first, place=1).get().other == second
    assert not SimilarAchievement.objects.filter(item=first, other=first).exists()
    assert refresh_similar() == 0
    Achievement.objects.filter(pk=second.pk).update(updated_at=timezone.now() + timedelta(seconds=1))
    assert refresh_similar() > 0


def test_of_many_only_what_changed_is_worked_out_anew(monkeypatch):
    first, second = achievement(), achievement(institution=make.institution("另一所演示大学"))
    refresh_similar()
    made = dict(SimilarAchievement.objects.values_list("item", "made_at"))
    Achievement.objects.filter(pk=second.pk).update(updated_at=timezone.now() + timedelta(seconds=1))
    monkeypatch.setattr(similar_items, "MAX_FULL_REFRESH", 1)
    assert refresh_similar() == 1
    again = dict(SimilarAchievement.objects.values_list("item", "made_at"))
    assert again[first.pk] == made[first.pk] and again[second.pk] > made[second.pk]


def test_what_is_not_public_is_nobodys_neighbour():
    achievement(), achievement(registered=False, institution=make.institution("另一所演示大学"))
    assert refresh_similar(always=True) == 0
    assert not SimilarDemand.objects.exists()


def test_a_text_is_tried_against_what_is_on_offer():
    item = achievement()
    item.indicators.create(name="检测时间", comparison="le", value="30", unit="s")
    found = try_need(f"{TITLE}\n滚道磨削烧伤，检测时间不超过2分钟", user=make.district_officer())
    [match] = found.fitting
    assert match.achievement == item and match.pk is None
    assert "检测时间满足" in match.verdict
    assert match.facts[0]["rows"][0]["result"] == "met"
    assert not Demand.objects.exists()


@pytest.mark.parametrize("text", ["。", "x" * 100_000, "12345", "<b>磨削</b>", "😀", ">>>5", "轴" * 70 + "，承"])
def test_any_text_may_be_tried(text):
    achievement()
    found = try_need(text, user=make.city_officer())
    assert all(0 <= match.score < 100 for match in [*found.fitting, *found.others])


def test_nothing_on_offer_gives_nothing():
    assert try_need(TITLE, user=make.city_officer()) == try_need("x", user=make.city_officer())
