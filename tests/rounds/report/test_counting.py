"""Figures against a manual count, the rows behind them, and a fixed number of queries."""

from copy import deepcopy
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rounds.fates import Fate
from rounds.models import Attendee, DockingRound, Meeting, MeetingRequest
from rounds.report.counting import count_figures, differences, figures_by, number_text
from rounds.report.figures import FIGURES, GROUPINGS, counted_rows
from rounds.report.text import TITLES, section_texts
from rounds.views.staff.report_rows import record_cells
from taxonomy.models import Industry
from tests import factories as make
from tests.kept_rows import kept_rows
from tests.rounds.report.rounds import came, held_round, later, outcome

pytestmark = [pytest.mark.django_db, pytest.mark.long]


@pytest.fixture(scope="module")
def kept(django_db_setup, django_db_blocker):
    with kept_rows(django_db_blocker):
        yield held_round()


@pytest.fixture
def s(db, kept):
    """The round, with objects of its own for each test."""
    return deepcopy(kept)


def test_totals_match_the_manual_count(s):
    assert count_figures(s.round)["totals"] == {
        "featured": 1,
        "invited_firms": 3,
        "coming_firms": 2,
        "coming_came_firms": 2,
        "unannounced_firms": 0,
        "came_firms": 2,
        "invited_teams": 2,
        "coming_teams": 2,
        "coming_came_teams": 2,
        "came_teams": 2,
        "people": 4,  # who comes for two teams is one
        "planned": 4,  # once each, though two timetables have them
        "planned_held": 3,
        "unfinished": 0,
        "side_absent": 0,
        "missed": 1,
        "pending": 0,
        "unrecorded": 0,
        "left_out": 0,
        "cancelled": 0,
        "held": 4,
        "on_site": 1,
        "extra": 1,
        "intent": 1,
        "go_on": 1,  # one side had an intent, the other only goes on
        "no_fit": 1,
        "one_sided": 0,
        "host_only": 0,
        "silent": 1,
        "signed": 1,
        "intent_sum": "100.00",  # the lower sum of both sides; the host's does not count
        "intent_sum_one_sided": "50.00",
        "deals": 1,
        "signed_sum": "88.50",
        "contract_sum": "0.00",
        "contract_unpaid": "0.00",
        "contract_related": "0.00",
    }


def test_parties_with_a_meeting_count_as_present(s):
    Attendee.objects.update(checked_in_at=None)
    assert count_figures(s.round)["totals"]["came_firms"] == 2
    Meeting.objects.filter(firm_party=s.firms[1]).update(status="missed")
    figures = count_figures(s.round)
    assert (figures["totals"]["came_firms"], figures["totals"]["people"]) == (1, 0)
    (east,) = counted_rows("came_firms", s.round)
    assert east == s.firms[0]
    assert "已洽谈，没有签到" in record_cells("firm", east)


def test_round_without_arrivals_refers_to_its_table(s):
    Attendee.objects.update(checked_in_at=None)
    Meeting.objects.update(status="missed")
    assert section_texts(s.round, count_figures(s.round))["districts"] == "各行数字见下表。"


def test_groups_sum_to_the_totals(s):
    figures = count_figures(s.round)
    for by in GROUPINGS:
        for name in figures_by(by):
            total = sum(Decimal(line[name]) for line in figures["by"][by])
            assert total == Decimal(figures["totals"][name]), (by, name)
    east = next(line for line in figures["by"]["district"] if line["name"] == "金普新区")
    assert (east["came_firms"], east["held"], east["intent_sum"]) == (1, 2, "100.00")
    unnamed = next(line for line in figures["by"]["industry"] if not line["name"])
    assert unnamed["held"] == 3


def test_a_talk_without_a_match_counts_in_the_industry_of_what_was_asked_about(s):
    """The achievement that the firm asked about, not one of which it withdrew the request; else the demand that the
    institution asked about. By the first level of the industries."""
    before = {line["name"]: line["held"] for line in count_figures(s.round)["by"]["industry"]}
    software, seafood = (Industry.objects.get(slug=slug) for slug in ("software", "seafood"))
    below = Industry.objects.create(slug="kelp", name="海带加工", parent=seafood)
    for industry, status in ((seafood, "withdrawn"), (software, "wished")):
        achievement = make.achievement(institution=s.university, industry=industry)
        MeetingRequest.objects.create(party=s.firms[1], meeting=s.doubtful, achievement=achievement, status=status)
    Meeting.objects.filter(pk=s.silent.pk).update(unmatched_demand=make.demand(firm=s.west, industry=below))
    figures = count_figures(s.round)
    held = {line["name"]: line["held"] for line in figures["by"]["industry"]}
    assert (before[""], held[""]) == (3, 1)
    assert {name: held[name] for name in held.keys() - before.keys()} == {software.name: 1, seafood.name: 1}
    assert counted_rows("held", s.round, by="industry", key=str(software.pk)).get() == s.doubtful
    assert section_texts(s.round, figures)["industries"]


def test_every_figure_equals_its_number_of_rows(s):
    figures = count_figures(s.round)
    for name, figure in FIGURES.items():
        if figure.money:
            there = sum(getattr(row, figure.money) or 0 for row in counted_rows(name, s.round))
            assert there == Decimal(figures["totals"][name]), name
        else:
            assert counted_rows(name, s.round).count() == figures["totals"][name], name
    for by in GROUPINGS:
        for line in figures["by"][by]:
            for name in figures_by(by):
                if not FIGURES[name].money:
                    assert counted_rows(name, s.round, by=by, key=line["key"]).count() == line[name], (by, name, line)


def test_the_word_of_one_side_or_of_the_host_is_counted_apart(s):
    s.sure.outcomes.filter(side="office").delete()
    outcome(s.silent, "host", "intent", intent_wan=Decimal(60), is_signed=True)
    totals = count_figures(s.round)["totals"]
    names = ("intent", "go_on", "no_fit", "one_sided", "host_only", "silent", "signed")
    assert [totals[name] for name in names] == [0, 1, 1, 1, 1, 0, 0]
    assert (totals["intent_sum"], totals["intent_sum_one_sided"]) == ("0.00", "170.00")
    text = section_texts(s.round, count_figures(s.round))["outcomes"]
    assert "一方表示、待对方确认 1 场，只有现场记录 1 场，不计入以上各项" in text


def test_earlier_rounds_are_listed_latest_first(s):
    now = make.docking_round(name="春季专场", status=DockingRound.Status.RUNNING, **later(s.round))
    make.docking_round(name="还没公布", status=DockingRound.Status.PREPARING, **later(s.round, 10))
    earlier = count_figures(now)["earlier"]
    assert [docking_round["name"] for docking_round in earlier] == ["冬季专场"]
    assert earlier[0]["totals"] == count_figures(s.round)["totals"]
    assert "与上一场“冬季专场”" in section_texts(now, count_figures(now))["earlier"]


def test_number_of_queries_is_fixed(s, django_assert_max_num_queries):
    empty = make.docking_round()
    with django_assert_max_num_queries(8):
        count_figures(empty)
    DockingRound.objects.filter(pk=s.round.pk).update(**later(empty))
    s.round.refresh_from_db()
    with django_assert_max_num_queries(8):
        count_figures(s.round)


def test_difference_names_the_figure_with_both_values(s):
    before = count_figures(s.round)
    assert differences(before, count_figures(s.round)) == []
    came(s.firms[0], "后到的")
    for side in ("firm", "office"):
        outcome(s.silent, side, "intent", intent_wan=Decimal("12.5"))
    differing = differences(before, count_figures(s.round))
    assert "到会人员 4 → 5" in differing and "意向金额 100 → 112.5" in differing and "区市县分项" in differing


def test_text_states_only_counted_figures(s):
    text = section_texts(s.round, count_figures(s.round))
    assert list(text) == list(TITLES)
    assert "邀请企业 3 家，确认参加 2 家，其中到会 2 家，到会率 100.0%；共到会 2 家。" in text["guests"]
    assert text["talks"] == (
        "日程安排洽谈 4 场：如期举行 3 场，未能进行 1 场。计划外举行 1 场，实际洽谈共 4 场（其中现场撮合 1 场）。"
    )
    assert "双方都表示有意向 1 场，意向金额 100 万元。" in text["highlights"]
    assert text["problems"].splitlines()[0] == "1．1 场洽谈双方到场而未能进行。"
    assert "前由各区市县补记 1 场洽谈的情况和结果。" in text["next_steps"]
    assert "有意向 1 场，继续谈 1 场，不合适 1 场，另有 1 场没有记录结果。意向金额合计 100 万元。" in text["outcomes"]
    assert "会后已建立成交项目 1 项，签约金额 88.5 万元。" in text["outcomes"]
    assert "金普新区（1 家）" in text["districts"] and "有意向最多的是金普新区（1 场，100 万元）" in text["districts"]


def test_what_became_of_a_meeting_is_computed_once_for_all_figures(s):
    with CaptureQueriesContext(connection) as queries:
        count_figures(s.round)
    (statement,) = [query["sql"] for query in queries if Fate.LEFT_OUT.value in query["sql"]]
    assert statement.count(f"'{Fate.LEFT_OUT.value}'") == 2  # where it is assigned, and where its figure asks for it


def test_empty_round_has_a_text_without_figures():
    before_all = make.noon(-400)
    empty_round = make.docking_round(starts_at=before_all, ends_at=before_all + timedelta(hours=6))
    text = section_texts(empty_round, count_figures(empty_round))
    assert text["guests"] == "没有登记参会单位。"
    assert text["talks"] == "没有登记洽谈。"
    assert text["outcomes"] == "没有洽谈结果。"
    assert text["earlier"] == "这是第一场有记录的活动，没有往场可比。"


def test_numbers_are_formatted():
    assert number_text(12345, "people") == "12,345"
    assert number_text("12345.50", "intent_sum") == "12,345.5"
    assert number_text("0.00", "intent_sum") == "0"
