"""The staff page of the featured achievements, and the public order of the list."""

import pytest
from django.urls import reverse

from rounds.models import FeaturedAchievement, FeaturedSelection
from rounds.services.featured import featured_overview, set_rules
from tests import factories as make
from tests.browser_client import one_line
from tests.rounds.services.test_featured import FREE, rules


@pytest.fixture
def city(db):
    return make.city_officer()


@pytest.fixture
def docking_round(city):
    docking_round = make.docking_round()
    for title in ("成果甲", "成果乙", "成果丙"):
        make.achievement(title=title)
    set_rules(docking_round, rules(2), revision=0, by=city)
    return docking_round


def page_of(docking_round) -> str:
    return reverse("admin:rounds_featured", args=[docking_round.pk])


def send(client, docking_round, **data):
    address = reverse("admin:rounds_featured_change", args=[docking_round.pk])
    return client.post(address, {"revision": FeaturedSelection.objects.get().revision} | data, follow=True)


def key_of(docking_round, title: str) -> str:
    return next(candidate.key for candidate in featured_overview(docking_round).candidates if candidate.title == title)


def test_the_page_shows_the_list_the_reserves_and_the_changes(signed_in, city, docking_round):
    text = signed_in(city).get(page_of(docking_round)).text
    assert "建议名单 2 项" in text and "候补 1 项" in text
    assert "与活动上现有名单相比：新进 2 项" in text
    assert "小试（中期阶段），自评" in text


def test_a_pin_reports_the_changes_of_the_list(signed_in, city, docking_round):
    left = featured_overview(docking_round).proposal.reserve[0]
    answer = send(signed_in(city), docking_round, deed="pin", achievement=left.key, reason="市领导点名")
    assert "已设为必选。名单随之变化：" in answer.text
    assert f"{left.candidate.title} 进（必选：市领导点名" in answer.text
    assert left.key in [seat.key for seat in featured_overview(docking_round).proposal.chosen]


REFUSED = [
    ({"deed": "pin"}, "请写明理由"),
    ({"deed": "ban"}, "请写明理由"),
    ({"deed": "place"}, "请填写要移到第几位"),
    ({"deed": "place", "place": "三"}, "请填写要移到第几位"),
    ({"deed": "free"}, "没有必选、不选或手动位置"),
    ({"deed": "rules", "number": "很多"}, "推介数量：要填整数，例如 8。"),
    ({"deed": "apply", "mark": "x"}, "在您打开之后有变化"),
    ({"deed": "burn"}, "没有这样的操作"),
    ({"deed": "ban", "reason": "差", "revision": "0"}, "刚刚改过这份名单"),
]


@pytest.mark.long
def test_a_refused_step_has_a_message(signed_in, city, docking_round):
    client, key = signed_in(city), key_of(docking_round, "成果甲")
    for data, words in REFUSED:
        answer = send(client, docking_round, **{"achievement": key} | data)
        assert words in answer.text, data
        assert FeaturedSelection.objects.get().revision == 1, data


@pytest.mark.long
def test_up_and_down_move_by_one(signed_in, city, docking_round):
    client, before = signed_in(city), [seat.key for seat in featured_overview(docking_round).proposal.chosen]
    send(client, docking_round, deed="up", achievement=before[1], rank="2")
    assert [seat.key for seat in featured_overview(docking_round).proposal.chosen] == before[::-1]
    send(client, docking_round, deed="down", achievement=before[1], rank="1")
    assert [seat.key for seat in featured_overview(docking_round).proposal.chosen] == before


def look(docking_round, **values) -> str:
    asked = {"look": 1, "number": 2, "maturity": 30, "fit": 30, "needs": 40, "rest": 2}
    asked |= {"institutions_least": 0, "industries_least": 0}
    return page_of(docking_round) + "?" + "&".join(f"{name}={value}" for name, value in (asked | values).items())


def test_other_rules_are_previewed_and_adopted(signed_in, city, docking_round):
    client = signed_in(city)
    text = client.get(look(docking_round, number=3)).text
    assert "按这些规则选 3 项，与现在的建议相比：新进 1 项" in one_line(text)
    assert FeaturedSelection.objects.get().revision == 1
    values = {"number": 3, "maturity": 10, "fit": 0, "needs": 0, "rest": 0}
    values |= {"institutions_least": 1, "industries_least": 0, "themes": "氢能、储能"}
    assert "已采用新规则" in send(client, docking_round, deed="rules", **values).text
    stored = featured_overview(docking_round).rules
    assert (stored.number, stored.institutions.each.least, stored.themes) == (3, 1, ("氢能", "储能"))
    assert stored.industries == FREE


def test_the_form_sets_the_quota_of_one_institution(signed_in, city, docking_round):
    institution = make.institution().pk
    values = {"number": 2, "maturity": 10, "fit": 0, "needs": 0, "rest": 0, "institutions_least": 0}
    values |= {"industries_least": 0, "institutions_most": 9, f"institutions_{institution}_least": 2}
    send(signed_in(city), docking_round, deed="rules", **values)
    span = featured_overview(docking_round).rules.institutions.special[str(institution)]
    assert (span.least, span.most) == (2, 9)


def test_infeasible_rules_are_shown_with_changes_that_help(signed_in, city, docking_round):
    client = signed_in(city)
    text = client.get(look(docking_round, number=4)).text
    assert "这些规则不能同时满足" in text and "把推介数量从 4 项改为 3 项" in text
    assert "推介数量要在 1 到 200 之间，现在是 0。" in client.get(look(docking_round, number=0)).text
    assert "disabled>采用这些规则" in text and "代价：少推介 1 项" in one_line(text)
    refused = {"number": 4, "maturity": 30, "fit": 30, "needs": 40, "rest": 2}
    refused |= {"institutions_least": 0, "industries_least": 0}
    assert "没有采用：规则不能同时满足：推介 4 项" in send(client, docking_round, deed="rules", **refused).text
    assert featured_overview(docking_round).rules.number == 2
    set_rules(docking_round, rules(4), revision=1, by=city)
    text = client.get(page_of(docking_round)).text
    assert "这些规则不能同时满足" in text and "number=3" in text


def test_the_first_comparison_with_a_list_made_by_hand_is_explained(signed_in, city, docking_round):
    FeaturedAchievement.objects.create(
        docking_round=docking_round, achievement=make.achievement(title="手工放的"), rank=1
    )
    client = signed_in(city)
    assert "活动上现有的 1 项是手工放上去的" in one_line(client.get(page_of(docking_round)).text)
    mark = featured_overview(docking_round).proposal.fingerprint
    send(client, docking_round, deed="apply", mark=mark)
    make.achievement(title="更好的", maturity_scale="trl9", maturity_level=9)
    assert "手工放上去的" not in client.get(page_of(docking_round)).text


def test_a_search_finds_achievements_beyond_the_shown_reserves(signed_in, city, docking_round):
    text = signed_in(city).get(page_of(docking_round) + "?q=成果丙").text
    assert "找到 1 项" in text
    assert "找到 0 项" in signed_in(city).get(page_of(docking_round) + "?q=没有的").text


def test_readers_see_the_page_without_steps(signed_in, docking_round):
    text = signed_in(make.auditor()).get(page_of(docking_round)).text
    assert "建议名单 2 项" in text and 'name="deed"' not in text


def test_the_applied_list_is_public_in_its_order(signed_in, client, city, docking_round):
    planned = featured_overview(docking_round)
    answer = send(signed_in(city), docking_round, deed="apply", mark=planned.proposal.fingerprint)
    assert "推介名单已确定：新进 2 项" in answer.text
    assert "活动上的名单就是这一份" in answer.text


def test_pages_and_api_keep_the_order_of_each_round(client, db):
    first, second = make.achievement(title="成果甲"), make.achievement(title="成果乙")
    rounds = [make.docking_round(), make.docking_round()]
    for docking_round, order in zip(rounds, ((first, second), (second, first)), strict=True):
        for rank, achievement in enumerate(order, start=1):
            FeaturedAchievement.objects.create(docking_round=docking_round, achievement=achievement, rank=rank)
    for docking_round, wanted in zip(rounds, (["成果甲", "成果乙"], ["成果乙", "成果甲"]), strict=True):
        text = client.get(reverse("round_detail", args=[docking_round.public_id])).text
        assert sorted(wanted, key=text.index) == wanted
        shown = client.get(f"/api/v1/rounds/{docking_round.public_id}/").json()["featured"]
        assert [achievement["title"] for achievement in shown] == wanted
