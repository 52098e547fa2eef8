"""Concurrent requests of two users or two clicks: one takes effect, and both responses say what happened."""

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import SignUp
from achievements.models import Achievement
from demands.models import Demand
from matching.models import Match, MatchRun, Reservation
from matching.services.reservations import reserve
from tests import factories as make
from tests.achievements.test_forms import filled
from tests.concurrency import run_both
from tests.demands.test_forms import FILLED
from tests.test_robustness import change_url, posted, sign_up_data


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_second_of_two_concurrent_saves_sees_the_conflict(signed_in, turn):
    row, clients = make.demand(), [signed_in(make.city_officer(name=name)) for name in ("王晓", "李明")]
    forms = [posted(client.get(change_url(row))) | {"title": f"第{n}人改的名称"} for n, client in enumerate(clients)]
    saved = run_both(*(lambda c=c, f=f: c.post(change_url(row), f) for c, f in zip(clients, forms, strict=True)))
    assert sorted(answer.status_code for answer in saved) == [200, 302]
    assert "还没有保存" in next(answer for answer in saved if answer.status_code == 200).text


@pytest.mark.django_db(transaction=True)
def test_releasing_reservations_does_not_wait_for_locks():
    """Two concurrent requests of an officer: the request that releases a reservation must not wait for its lock."""
    officer, first, second = make.district_officer(), make.match(), make.match()
    reserve([first.pk, second.pk], by=officer)

    def release_the_first():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        reserve([second.pk], by=officer)
        return reserved_matches()

    def reserved_matches():
        return set(Reservation.objects.filter(user=officer).values_list("match", flat=True))

    with transaction.atomic():
        Reservation.objects.select_for_update().get(match=first)
        assert run_both(release_the_first) == [{first.pk, second.pk}]
    reserve([second.pk], by=officer)
    assert reserved_matches() == {second.pk}


@pytest.mark.django_db(transaction=True)
def test_double_accept_decides_once(signed_in):
    match, officer = make.match(), make.district_officer()
    accept = reverse("admin:matching_match_accept", args=[match.pk])
    clients = [signed_in(officer) for _ in range(2)]
    pages = run_both(*(lambda c=c: c.post(accept, {"_form_submitted": "1"}, follow=True) for c in clients))
    assert Match.objects.get().status == "accepted"
    assert sorted("已采纳这条匹配。" in page.text for page in pages) == [False, True]
    assert sorted("本次操作没有生效" in page.text for page in pages) == [False, True]


@pytest.mark.django_db(transaction=True)
def test_double_close_closes_the_round_once(signed_in):
    docking_round, officer = make.ended_round(), make.city_officer()
    close = reverse("admin:rounds_act_close", args=[docking_round.pk])
    clients = [signed_in(officer) for _ in range(2)]
    pages = run_both(*(lambda c=c: c.post(close, follow=True) for c in clients))
    assert MatchRun.objects.count() == 1
    assert sorted(page.status_code for page in pages) == [200, 422]
    assert sorted("活动已结束，匹配正在后台进行" in page.text for page in pages) == [False, True]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["achievement", "demand"])
def test_double_save_creates_one_record(signed_in, what):
    if what == "achievement":
        user, model = make.institution_officer(), Achievement
        data = filled(user) | {"save": "1"}
    else:
        user, model = make.firm_officer(), Demand
        data = FILLED | {"firm": next(iter(user.scope.firm_ids)), "save": "1"}
    clients = [signed_in(user) for _ in range(2)]
    pages = run_both(*(lambda c=c: c.post(reverse(f"{what}_new"), data) for c in clients))
    assert model.objects.count() == 1
    assert sorted(page.status_code for page in pages) == [302, 422]
    refused = next(page for page in pages if page.status_code == 422)
    assert "已有" in refused.text


@pytest.mark.django_db(transaction=True)
def test_double_sign_up_creates_one_application(signed_in):
    data = sign_up_data()
    pages = run_both(*(lambda: Client(raise_request_exception=False).post(reverse("sign_up"), data) for _ in range(2)))
    assert SignUp.objects.count() == 1
    assert [page.status_code for page in pages] == [302, 302]
    assert len({page.url for page in pages}) == 1
