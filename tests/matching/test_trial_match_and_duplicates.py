"""Likely duplicates, similar items and 试配, and what each user may see of them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from achievements.models import Achievement
from demands.models import Demand
from matching import registry_indexes
from matching.duplicates import likely_duplicates
from matching.engine.ranking import Index
from matching.models import SimilarAchievement, SimilarDemand
from matching.services import similar_items
from matching.services.similar_items import refresh_similar
from matching.trial_match import run_trial_match
from tests import factories as make

pytestmark = pytest.mark.django_db
TITLE = "轴承套圈滚道磨削烧伤在线检测仪"
TEXT = "磨削后滚道上的烧伤用涡流法全检，三十秒一只，工人能看懂。"


def achievement(title=TITLE, **fields):
    return make.achievement(**{"title": title, "summary": TEXT} | fields)


def duplicates_of(title, *, user, kind="achievement", text="", itself=None):
    return likely_duplicates(kind, title, text, user=user, itself=itself)


def test_a_duplicate_of_a_public_item_is_found_but_not_the_edited_item():
    public, officer = achievement(), make.institution_officer()
    assert duplicates_of("轴承套圈滚道磨削烧伤在线检测", user=officer) == [public]
    assert duplicates_of(public.title, user=officer, itself=public.pk) == []
    assert duplicates_of("海参", user=officer) == []  # the title is too short
    assert duplicates_of("海参低温熟化工艺", user=officer) == []


def test_drafts_are_shown_only_to_their_own_office():
    draft = achievement(registered=False)
    stranger = make.institution_officer(make.institution("另一所演示大学"))
    assert duplicates_of(TITLE, user=make.institution_officer()) == [draft]
    assert duplicates_of(TITLE, user=stranger) == []


def test_a_change_of_the_registry_is_detected():
    officer = make.institution_officer()
    assert duplicates_of(TITLE, user=officer) == []
    item = achievement()
    assert duplicates_of(TITLE, user=officer) == [item]
    Achievement.objects.filter(pk=item.pk).update(status="withdrawn", status_reason="重复")
    assert duplicates_of(TITLE, user=officer) == []


def test_the_name_of_an_anonymous_firm_finds_nothing():
    firm = make.firm("大连启岭轴承制造有限公司")
    make.demand(
        firm=firm, title="大连启岭轴承制造有限公司求检测仪", problem="大连启岭轴承制造有限公司的滚道烧伤",
        is_anonymous=True, public_alias="某轴承企业",
    )  # fmt: skip
    user = make.firm_officer(make.firm())
    assert duplicates_of("大连启岭轴承制造有限公司", user=user, kind="demand") == []


def test_a_large_index_is_rebuilt_in_the_background(monkeypatch):
    monkeypatch.setattr(registry_indexes, "MAX_ROWS_AT_ONCE", 0)
    started = []
    monkeypatch.setattr(registry_indexes.threading.Thread, "start", lambda thread: started.append(thread._args))
    index = registry_indexes.CachedIndex(
        "test",
        lambda: [registry_indexes.comparable_achievements()],
        lambda: registry_indexes.comparable_achievements().count(),
    )
    achievement()
    assert index.current() == 1
    achievement(institution=make.institution("另一所演示大学"))
    assert [index.current(), index.current()] == [1, 1]
    assert len(started) == 1  # one thread
    index._build(*started[0])
    assert index.current() == 2


def test_a_version_that_is_built_is_not_built_again():
    """A request compares, the background build of the same version ends, and only then comes the request's turn."""
    built = []
    index = registry_indexes.CachedIndex(
        "test", lambda: [registry_indexes.comparable_achievements()], lambda: built.append(1)
    )
    index.current()
    version = index._version()
    index._building.acquire()
    index._build_in_background(version)
    assert built == [1]


def test_similar_items_are_computed_again_only_after_a_change():
    first = achievement()
    second = achievement("轴承滚道磨削烧伤检测装置", institution=make.institution("另一所演示大学"))
    achievement("港口集装箱翻箱优化", summary="按船期预测翻箱，减少集卡等待。")
    assert refresh_similar() > 0
    assert SimilarAchievement.objects.filter(item=first, place=1).get().other == second
    assert not SimilarAchievement.objects.filter(item=first, other=first).exists()
    assert refresh_similar() == 0
    Achievement.objects.filter(pk=second.pk).update(updated_at=timezone.now() + timedelta(seconds=1))
    assert refresh_similar() > 0


def test_of_many_items_only_changed_ones_are_computed_again(monkeypatch):
    first, second = achievement(), achievement(institution=make.institution("另一所演示大学"))
    refresh_similar()
    made = dict(SimilarAchievement.objects.values_list("item", "made_at"))
    Achievement.objects.filter(pk=second.pk).update(updated_at=timezone.now() + timedelta(seconds=1))
    monkeypatch.setattr(similar_items, "MAX_FULL_REFRESH", 1)
    assert refresh_similar() == 1
    again = dict(SimilarAchievement.objects.values_list("item", "made_at"))
    assert again[first.pk] == made[first.pk] and again[second.pk] > made[second.pk]


def test_similar_items_are_public():
    achievement(), achievement(registered=False, institution=make.institution("另一所演示大学"))
    assert refresh_similar(always=True) == 0
    assert not SimilarDemand.objects.exists()


def test_a_trial_match_compares_a_text_with_achievements_on_offer():
    item = achievement()
    item.indicators.create(name="检测时间", comparison="le", value="30", unit="s")
    result = run_trial_match(f"{TITLE}\n滚道磨削烧伤，检测时间不超过2分钟", user=make.district_officer())
    [match] = result.candidates
    assert match.achievement == item and match.pk is None
    assert "检测时间满足" in match.verdict
    assert match.facts[0]["rows"][0]["result"] == "met"
    assert not Demand.objects.exists()


@pytest.mark.parametrize("text", ["。", "x" * 100_000, "12345", "<b>磨削</b>", "😀", ">>>5", "轴" * 70 + "，承"])
def test_any_text_is_accepted(text):
    achievement()
    result = run_trial_match(text, user=make.city_officer())
    assert all(0 <= match.score < 100 for match in [*result.candidates, *result.others])


def test_an_empty_registry_gives_equal_empty_results():
    results = [run_trial_match(text, user=make.city_officer()) for text in (TITLE, "x")]
    assert [(result.candidates, result.others) for result in results] == [([], []), ([], [])]


def test_a_short_text_gets_a_hint_what_to_add():
    hint = run_trial_match("求合作", user=make.city_officer()).hint
    assert hint.startswith("请补充：要解决的问题、对象或材料、指标数值")


def test_a_refresh_continues_where_it_was_stopped(monkeypatch):
    """Each batch is written by itself, and a large registry is compared without a new index."""
    monkeypatch.setattr(similar_items, "BATCH", 2)
    offers = [make.achievement().pk for _ in range(5)]
    with monkeypatch.context() as no_time:
        no_time.setattr(similar_items, "WORK_FOR", timedelta(0))
        refresh_similar()
        assert set(SimilarAchievement.objects.values_list("item", flat=True)) == set(offers[:2])
    monkeypatch.setattr(Index, "__init__", lambda *_args, **_options: pytest.fail("the index was built again"))
    refresh_similar()
    assert set(SimilarAchievement.objects.values_list("item", flat=True)) == set(offers)
    assert refresh_similar() == 0
    monkeypatch.setattr(similar_items, "MAX_FULL_REFRESH", 1)
    new = make.achievement()
    refresh_similar()
    near = SimilarAchievement.objects.filter(item=new)
    assert {row.other_id for row in near} == set(offers)
    assert not SimilarAchievement.objects.filter(other=new).exists(), "until the night"
