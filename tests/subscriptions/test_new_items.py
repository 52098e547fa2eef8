"""What a subscription finds, once, and how it reaches the user."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from achievements.models import Achievement
from demands.models import Demand
from matching import registry_indexes
from matching.models import SideFeedback
from notices.models import Delivery, Notice
from notices.services import make_digests
from subscriptions import meaning
from subscriptions.evaluation import fitting_items
from subscriptions.models import Dismissal, Hit, SavedSearch
from subscriptions.services.dismissals import dismiss
from subscriptions.services.new_items import find_new_items
from subscriptions.services.saved_searches import SearchDraft, pause_search, resume_search, save_search
from tests import factories as make
from tests.concurrency import run_both

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def all_day(settings):
    settings.NOTICE_MAIL_HOUR = 0
    registry_indexes.MATCHING_INDEX.clear()
    meaning.OPEN_DEMANDS.clear()


@pytest.fixture
def user():
    return make.firm_officer(email="reader@example.cn")


def subscribe(user, kind="achievement", text="", mode="words", name="", **filters):
    search = save_search(SearchDraft(kind, name or text or "条件", mode, text, filters), by=user)
    next_day()
    return search


def next_day():
    """As if all searches had been looked at yesterday and began the day before."""
    yesterday = timezone.now() - timedelta(days=1)
    SavedSearch.objects.update(checked_at=yesterday, starts_at=yesterday - timedelta(days=1))


def titles(user):
    hits = Hit.objects.shown_to(user).select_related("achievement", "demand")
    return sorted(hit.item.title for hit in hits)


def test_what_is_new_comes_once_and_again_only_after_a_change(user):
    old = make.achievement(title="老的包覆技术")
    Achievement.objects.update(published_at=timezone.now() - timedelta(days=9))
    earlier = timezone.now() - timedelta(days=8)
    Achievement.objects.filter(pk=old.pk).update(updated_at=earlier, status_changed_at=earlier)
    subscribe(user, text="包覆")
    new = make.achievement(title="新的包覆技术", price_min_wan=Decimal(10))
    make.achievement(title="无关", summary="没有那个词")
    assert find_new_items() == 1
    assert titles(user) == ["新的包覆技术"]
    assert Hit.objects.get().reasons[0]["why"] == "名称含“包覆”"
    assert find_new_items() == 0  # not due a second time that day
    next_day()
    assert find_new_items() == 0  # and never sent twice
    # A mere change of status is no news; a change of the text, also of one that was not sent before, is.
    now = timezone.now()
    Achievement.objects.filter(pk=old.pk).update(status="docking", status_changed_at=now, updated_at=now)
    next_day()
    assert find_new_items() == 0
    old.refresh_from_db()
    old.price_min_wan = Decimal(5)
    old.save()
    Achievement.objects.filter(pk=new.pk).update(price_min_wan=8, updated_at=timezone.now())
    next_day()
    assert find_new_items() == 1
    changed = Hit.objects.filter(is_change=True).values_list("achievement", flat=True)
    assert set(changed) == {old.pk, new.pk}
    assert Hit.objects.filter(achievement=new, is_change=False).count() == 1
    assert titles(user) == ["新的包覆技术", "新的包覆技术", "老的包覆技术"]


def test_two_searches_one_line_with_both_reasons(user):
    subscribe(user, text="包覆", name="甲")
    subscribe(user, industry=["materials"], name="乙")
    subscribe(user, kind="demand", text="包覆", name="丙")
    make.achievement(title="包覆技术")
    make.demand(title="求包覆技术")
    find_new_items()
    assert Hit.objects.count() == 2
    both = Hit.objects.exclude(achievement=None).get()
    assert [(reason["name"], bool(reason["why"])) for reason in both.reasons] == [("甲", True), ("乙", True)]
    assert Notice.objects.get(kind="subscribed").text == "您的订阅有 2 条新内容。"


def test_the_mail_says_which_subscription_and_why_and_how_to_stop_it(user, client):
    subscribe(user, text="包覆", name="包覆的事")
    gone = make.achievement(title="马上下架的包覆")
    for number in range(3):
        make.achievement(title=f"包覆技术{number}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("subscriptions.digest.MAX_LINES", 2)
        find_new_items()
        Notice.objects.update(made_at=timezone.now() - timedelta(minutes=20))
        Achievement.objects.filter(pk=gone.pk).update(status="withdrawn", status_reason="撤")
        assert make_digests() == 1
    body = Delivery.objects.get(channel="mail").body
    assert body.count("[新] 包覆技术") == 2
    assert "另有 1 条" in body
    assert "订阅“包覆的事”：名称含“包覆”" in body
    assert "马上下架" not in body  # withdrawn between the notice and the mail
    link = body.split("不再接收“包覆的事”：", 1)[1].split()[0]
    path = "/" + link.split("/", 3)[3]
    assert "停止订阅" in client.get(path).content.decode()
    assert not SavedSearch.objects.get().is_paused  # GET changes nothing
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 204
    assert client.post(path).status_code == 200
    assert SavedSearch.objects.get().is_paused
    assert client.get(path + "x").status_code == 404
    assert not mail.outbox


def test_nobody_gets_what_he_may_not_read(user):
    """Drafts, own items, teaser-only details and the name of an anonymous firm."""
    secretive = make.firm("大连精诚泰科轴承有限公司")
    officer = make.institution_officer(email="office@example.cn")
    for text in ("精诚泰科", "绝密参数", "振纹"):
        subscribe(officer, kind="demand", text=text)
    subscribe(officer, kind="demand", region=["jinpu"])
    make.demand(
        firm=secretive,
        title="滚道振纹",
        problem="精诚泰科的滚道磨削后有振纹。",
        is_anonymous=True,
        public_alias="某企业",
        public_detail="nothing",
    )
    make.demand(title="只公开摘要", problem="绝密参数 7.31", disclosure="teaser", teaser="要解决密封", firm=secretive)
    make.demand(title="草稿里的振纹", published=False, firm=make.firm(region_code="gaoxin"))
    find_new_items()
    by_text = {hit.item.title: [reason["name"] for reason in hit.reasons] for hit in Hit.objects.all()}
    assert by_text == {"滚道振纹": ["振纹"], "只公开摘要": ["精诚泰科", "条件"]}
    own = make.firm_officer(secretive)
    subscribe(own, kind="demand", text="振纹")
    find_new_items()
    assert titles(own) == []  # one's own is no news
    # The firm of a demand that was sent by its name becomes anonymous: the hit could name it.
    Demand.objects.filter(title="只公开摘要").update(is_anonymous=True, public_alias="某企业")
    assert titles(officer) == ["滚道振纹"]


@pytest.mark.long
@pytest.mark.parametrize("kind", ["achievement", "demand"])
def test_a_description_is_compared_by_meaning(user, kind):
    fitting = "滚道磨削烧伤在线涡流检测，不拆套圈即可发现轴承滚道烧伤和振纹"
    for number in range(12):
        words = f"海参苗种培育与饵料投喂方法{number}，提高成活率。"
        if kind == "achievement":
            make.achievement(title=f"海参{number}", summary=words)
        else:
            make.demand(title=f"海参{number}", problem=words)
    Achievement.objects.update(published_at=timezone.now() - timedelta(days=9))
    Demand.objects.update(published_at=timezone.now() - timedelta(days=9))
    old = timezone.now() - timedelta(days=8)
    for model in (Achievement, Demand):
        model.objects.update(updated_at=old, status_changed_at=old)
    subscribe(user, kind=kind, mode="meaning", text="轴承滚道磨削后有烧伤和振纹，要在线检测出来，不拆套圈。")
    if kind == "achievement":
        make.achievement(title="滚道烧伤检测", summary=fitting)
    else:
        make.demand(title="滚道烧伤检测", problem=fitting)
    find_new_items()
    assert titles(user) == ["滚道烧伤检测"]
    assert Hit.objects.get().reasons[0]["why"]


def test_pausing_and_resuming_sends_nothing_of_the_pause(user):
    search = subscribe(user, text="包覆")
    pause_search(search, by=user)
    make.achievement(title="包覆")
    assert find_new_items() == 0
    resume_search(search, by=user)
    SavedSearch.objects.update(checked_at=timezone.now() - timedelta(days=1))
    assert find_new_items() == 0
    assert not Hit.objects.exists()


def test_what_was_dismissed_stays_away_from_the_user_and_if_wished_from_colleagues(user):
    colleague = make.firm_officer(user.memberships.get().organisation)
    for reader in (user, colleague):
        subscribe(reader, text="包覆")
    achievement, need = make.achievement(title="包覆"), make.demand(firm=user.memberships.get().organisation)
    find_new_items()
    dismissal = dismiss(Hit.objects.get(user=user), "price", by=user, own=need)
    assert (dismissal.organisation, dismissal.achievement, dismissal.own_demand) == (need.firm, achievement, need)
    assert SideFeedback.objects.get().reason == "price"
    assert (titles(user), titles(colleague)) == ([], ["包覆"])
    dismiss(Hit.objects.get(user=user), "field", by=user, is_for_organisation=True)
    assert (titles(colleague), Dismissal.objects.count()) == ([], 1)
    Achievement.objects.update(price_min_wan=1, updated_at=timezone.now())
    next_day()
    assert find_new_items() == 0


def test_the_database_keeps_an_item_from_being_sent_twice(user):
    achievement = make.achievement()
    Hit.objects.create(user=user, achievement=achievement, version="a")
    with pytest.raises(IntegrityError, match="hit_achievement_once"), transaction.atomic():
        Hit.objects.create(user=user, achievement=achievement, version="a")


def test_nothing_happens_before_the_hour_of_the_mail(user, settings):
    subscribe(user, text="包覆")
    make.achievement(title="包覆")
    settings.NOTICE_MAIL_HOUR = 26
    assert find_new_items() == 0
    settings.NOTICE_MAIL_HOUR = 0
    assert find_new_items() == 1


def test_a_search_that_fails_keeps_nobody_else_waiting(user, monkeypatch):
    other = make.firm_officer()
    for reader in (user, other):
        subscribe(reader, text="包覆")
    make.achievement(title="包覆")

    def fitting(search):
        if search.user == user:
            raise RuntimeError
        return fitting_items(search)

    monkeypatch.setattr("subscriptions.services.new_items.fitting_items", fitting)
    assert find_new_items() == 1
    assert (titles(user), titles(other)) == ([], ["包覆"])
    monkeypatch.setattr("subscriptions.services.new_items.fitting_items", fitting_items)
    assert find_new_items() == 1  # still due
    assert titles(user) == ["包覆"]


def test_two_workers_at_once_send_each_item_once(transactional_db):
    reader = make.firm_officer()
    subscribe(reader, text="包覆")
    make.achievement(title="包覆")
    run_both(find_new_items, find_new_items)
    assert (Hit.objects.count(), Notice.objects.filter(kind="subscribed").count()) == (1, 1)
