"""Favourites: marking with and without an account, notes, sharing, what has changed since."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership
from achievements.models import Achievement
from demands.models import Demand
from favourites import models
from favourites.changes import view_favourites
from favourites.models import Favourite
from favourites.services.favourites import add_favourite, confirm_changes, save_note, share_favourite
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def achievement():
    return make.achievement(price_min_wan=Decimal(100), price_max_wan=Decimal(100))


@pytest.fixture
def user():
    return make.firm_officer()


def views_of(user):
    rows = Favourite.objects.of_user(user).select_related("achievement__institution", "demand__firm")
    return view_favourites(rows)


def test_a_star_marks_and_takes_away_without_a_script(client, user, achievement):
    client.force_login(user)
    page = client.get(reverse("achievement_list")).content.decode()
    assert page.count('id="favourite-form"') == 1  # one token for all stars
    data = {"achievement": achievement.public_id, "next": "/achievements/?sort=price"}
    response = client.post(reverse("favourite_add"), data)
    assert response.url == f"/achievements/?sort=price#favourite-{achievement.public_id}"
    client.post(reverse("favourite_add"), data)
    assert Favourite.objects.get().achievement == achievement
    assert "已收藏<" in client.get(reverse("achievement_detail", args=[achievement.public_id])).content.decode()
    client.post(reverse("favourite_remove"), data)
    assert not Favourite.objects.exists()


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_the_way_back_stays_on_this_site(client, user, achievement, path):
    client.force_login(user)
    response = client.post(reverse("favourite_add"), {"achievement": achievement.public_id, "next": path})
    assert response.url == f"/#favourite-{achievement.public_id}"


def test_only_public_items_can_be_marked(client, user):
    draft, hidden = make.achievement(registered=False), make.demand(published=False)
    client.force_login(user)
    for kind, item in (("achievement", draft), ("demand", hidden)):
        assert client.post(reverse("favourite_add"), {kind: item.public_id}).status_code == 404
    assert client.post(reverse("favourite_add"), {"achievement": "'; drop"}).status_code == 404
    with pytest.raises(ValidationError):
        add_favourite(draft, by=make.institution_officer(draft.institution))


def test_the_list_of_one_user_is_bounded(user, achievement, monkeypatch):
    monkeypatch.setattr("favourites.services.favourites.MAX_FAVOURITES", 1)
    add_favourite(achievement, by=user)
    with pytest.raises(ValidationError, match="最多收藏 1 项"):
        add_favourite(make.achievement(), by=user)
    assert models.MAX_FAVOURITES == 500


def test_changes_since_and_what_is_gone(user, achievement):
    demand = make.demand(budget_max_wan=Decimal(50))
    add_favourite(achievement, by=user)
    add_favourite(demand, by=user)
    assert [view.changes for view in views_of(user)] == [[], []]
    Achievement.objects.update(price_min_wan=80, price_max_wan=80, maturity_level=6, maturity_bucket="pilot")
    changed = {change.label: (change.before, change.after) for change in views_of(user)[1].changes}
    assert changed == {"意向价格": ("100 万元", "80 万元"), "成熟度": ("中期阶段", "第 6 级，中试")}
    confirm_changes(Favourite.objects.get(achievement=achievement), by=user)
    assert views_of(user)[1].changes == []
    # What is withdrawn says so, by the title that was public; a title of later is not shown.
    Achievement.objects.update(status="withdrawn", status_reason="内部原因甲", title="改后不公开的名称")
    Demand.objects.update(status="closed", status_reason="内部原因乙")
    gone = {view.gone: view for view in views_of(user)}
    assert set(gone) == {"已下架，不再公开", "已关闭，不再公开"}
    assert gone["已下架，不再公开"].title == achievement.title
    confirm_changes(Favourite.objects.get(achievement=achievement), by=user)
    assert views_of(user)[1].title == achievement.title


def test_a_firm_that_becomes_anonymous_is_masked_in_the_remembered_title(client, user):
    firm = make.firm("大连精诚泰科轴承有限公司")
    demand = make.demand(firm=firm, title="精诚泰科保持架磨损快")
    add_favourite(demand, by=user)
    Demand.objects.update(is_anonymous=True, public_alias="某轴承企业")
    client.force_login(user)
    for status in ("published", "closed"):
        Demand.objects.update(status=status, status_reason="原因")
        page = client.get(reverse("my_favourites")).content.decode()
        assert "精诚泰科" not in page
        assert "本企业保持架磨损快" in page
        shown = client.get(reverse("my_favourites"), {"q": "精诚泰科"}).content.decode()
        assert "收藏里没有" in shown


def test_sharing_is_for_members_and_ends_with_the_membership(client, user, achievement):
    firm = user.memberships.get().organisation
    colleague, stranger = make.firm_officer(firm), make.firm_officer()
    add_favourite(achievement, by=user)
    favourite = Favourite.objects.get()
    save_note(favourite, "只给自己看的话", by=user)
    with pytest.raises(PermissionDenied):
        share_favourite(favourite, stranger.memberships.get().organisation, by=user)
    assert not Favourite.objects.visible_to(colleague).exists()
    share_favourite(favourite, firm, by=user)
    assert list(Favourite.objects.visible_to(colleague)) == [favourite]
    assert not Favourite.objects.visible_to(stranger).exists()
    client.force_login(colleague)
    page = client.get(reverse("my_favourites"), {"of": "shared"}).content.decode()
    assert achievement.title in page
    assert "只给自己看的话" not in page
    with pytest.raises(PermissionDenied):
        save_note(favourite, "别人写的", by=colleague)
    Membership.objects.filter(user=user).delete()
    assert not Favourite.objects.visible_to(colleague).exists()


def test_each_button_of_a_favourite(client, user, achievement):
    add_favourite(achievement, by=user)
    favourite, firm = Favourite.objects.get(), user.memberships.get().organisation
    address = reverse("favourite_change", args=[favourite.public_id])
    client.force_login(user)
    for data, field, value in (
        ({"action": "note", "note": "  <b>备注</b>\x00 "}, "note", "<b>备注</b>"),
        ({"action": "note", "note": "字" * 301}, "note", "<b>备注</b>"),
        ({"action": "share", "organisation": firm.public_id}, "shared_in", firm),
        ({"action": "unshare"}, "shared_in", None),
        ({"action": "unknown"}, "shared_in", None),
    ):
        assert client.post(address, data).status_code == 302
        favourite.refresh_from_db()
        assert getattr(favourite, field) == value
    assert "&lt;b&gt;备注" in client.get(reverse("my_favourites")).content.decode()
    client.post(address, {"action": "remove"})
    assert not Favourite.objects.exists()


def test_the_list_takes_the_same_number_of_queries_for_more_rows(client, user):
    client.force_login(user)
    counts = []
    for number in (1, 3):
        for _row in range(number):
            add_favourite(make.achievement(), by=user)
            add_favourite(make.demand(), by=user)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("my_favourites")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
