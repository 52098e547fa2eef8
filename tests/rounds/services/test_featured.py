"""Featured list: candidates, manual decisions, rules and the applied list."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from audit.models import AuditRecord
from rounds.featured import GroupQuotas, Quota, SelectionRules
from rounds.models import DockingRound, FeaturedAchievement, FeaturedSelection
from rounds.services.featured import (
    apply_featured,
    ban_achievement,
    clear_places,
    featured_overview,
    pin_achievement,
    place_achievement,
    set_rules,
    unmark_achievement,
)
from rounds.services.featured_candidates import candidates_for
from tests import factories as make

FREE = GroupQuotas(Quota(0, None))


def rules(number: int, **fields) -> SelectionRules:
    return SelectionRules(**{"number": number, "institutions": FREE, "industries": FREE} | fields)


@pytest.fixture
def city(db):
    return make.city_officer(name="周宁")


@pytest.fixture
def three(city):
    """A round that wants three of four, the first worth most; its plan has revision 1."""
    docking_round = make.docking_round(name="冬季专场", themes="")
    levels = ("industrial", "pilot", "lab", "concept")
    offered = [
        make.achievement(title=f"成果{name}", maturity_level=9, maturity_evidence="检测报告") for name in "甲乙丙丁"
    ]
    for achievement, level in zip(offered, levels, strict=True):
        type(achievement).objects.filter(pk=achievement.pk).update(maturity_bucket=level)
    set_rules(docking_round, rules(3), revision=0, by=city)
    return docking_round, offered


def titles(docking_round) -> list[str]:
    return [seat.candidate.title for seat in featured_overview(docking_round).proposal.chosen]


def in_round(docking_round) -> list[str]:
    return list(docking_round.features.in_order().values_list("achievement__title", flat=True))


def put(docking_round, by):
    return apply_featured(docking_round, fingerprint=featured_overview(docking_round).proposal.fingerprint, by=by)


# --- What it is chosen from ------------------------------------------------------------------------------------------
def test_only_available_achievements_are_candidates(db):
    docking_round = make.docking_round()
    there = make.achievement()
    make.achievement(registered=False)
    make.achievement(expires_on=timezone.localdate() - timedelta(days=1))
    make.achievement(transferred_note="2025年独家许可给某公司")
    make.achievement(willingness="unwilling")
    assert [candidate.key for candidate in candidates_for(docking_round)] == [there.public_id]


def test_open_demands_are_counted_by_their_matches(city):
    docking_round, achievement = make.docking_round(), make.achievement()
    decided = {"reviewed_by": city, "reviewed_at": timezone.now()}
    make.match(achievement=achievement, status="accepted", **decided)
    make.match(achievement=achievement, status="rejected", reject_reason="field", **decided)
    make.match(achievement=achievement, level="high")
    make.match(achievement=achievement, level="candidate")
    make.match(achievement=achievement, score=30.0)
    make.match(achievement=achievement, demand=make.demand(status="solved"), status="accepted", **decided)
    candidate = candidates_for(docking_round)[0]
    assert (candidate.accepted, candidate.waiting) == (1, 1)


def test_industry_is_the_first_level_with_its_open_demands(db):
    from taxonomy.models import Industry

    parent = Industry.objects.get(slug="materials")
    child = Industry.objects.create(slug="battery-materials", name="电池材料", parent=parent, aliases="正极、负极材料")
    make.achievement(industry=child)
    make.demand(industry=child)
    make.demand(industry=parent)
    make.demand(industry=parent, published=False)
    candidate = candidates_for(make.docking_round())[0]
    assert (candidate.industry, candidate.industry_needs) == (str(parent.pk), 2)
    assert {"电池材料", "负极材料", parent.name} <= set(candidate.industry_words)


def test_earlier_rounds_are_counted_backwards(db):
    now, achievement = timezone.now(), make.achievement()
    rounds = [
        make.docking_round(starts_at=now - timedelta(days=day), ends_at=now - timedelta(days=day - 1))
        for day in (300, 200, 100)
    ]
    later = make.docking_round(starts_at=now + timedelta(days=50), ends_at=now + timedelta(days=51))
    for number in (0, 2):
        FeaturedAchievement.objects.create(docking_round=rounds[number], achievement=achievement)
    FeaturedAchievement.objects.create(docking_round=later, achievement=achievement)
    this = make.docking_round(starts_at=now + timedelta(days=1), ends_at=now + timedelta(days=2))
    assert candidates_for(this)[0].shown == ((3, rounds[0].name), (1, rounds[2].name))


def test_achievement_without_a_level_counts_by_stage(db):
    make.achievement(stage="mature")
    candidate = candidates_for(make.docking_round())[0]
    assert (candidate.maturity, candidate.level, candidate.has_evidence) == ("pilot", "成熟应用阶段", False)


def test_number_of_queries_is_fixed(city, django_assert_num_queries):
    docking_round = make.docking_round()
    make.match()
    featured_overview(docking_round)
    with django_assert_num_queries(7):
        featured_overview(docking_round)
    for name in ("甲大学", "乙大学"):
        make.match(achievement=make.achievement(institution=make.institution(name)))
    with django_assert_num_queries(7):
        featured_overview(docking_round)


def test_default_rules_have_the_themes_of_the_round(db):
    assert featured_overview(make.docking_round(themes="洁净能源、海洋食品，储能")).rules.themes == (
        "洁净能源",
        "海洋食品",
        "储能",
    )


# --- What officers decide --------------------------------------------------------------------------------------------
def test_pin_and_ban_are_stored_with_user_and_reason(city, three):
    docking_round, (first, *_rest, last) = three
    pin_achievement(docking_round, last, reason="市领导点名", revision=1, by=city)
    ban_achievement(docking_round, first, reason="专利有争议", revision=2, by=city)
    assert titles(docking_round) == ["成果乙", "成果丙", "成果丁"]
    planned = featured_overview(docking_round)
    assert planned.proposal.chosen[-1].reasons[0].words == "必选：市领导点名（周宁）"
    assert planned.proposal.reason_left_out(first.public_id) == "不选：专利有争议（周宁）"
    assert AuditRecord.objects.filter(action="标记推介成果").count() == 2


def test_unmarking_restores_the_rules(city, three):
    docking_round, (first, *_rest) = three
    ban_achievement(docking_round, first, reason="专利有争议", revision=1, by=city)
    unmark_achievement(docking_round, first, revision=2, by=city)
    assert titles(docking_round) == ["成果甲", "成果乙", "成果丙"]
    with pytest.raises(ValidationError, match="没有必选、不选或手动位置"):
        unmark_achievement(docking_round, first, revision=3, by=city)


def test_mark_needs_a_reason(city, three):
    docking_round, (first, *_rest) = three
    for mark in (pin_achievement, ban_achievement):
        with pytest.raises(ValidationError, match="请写明理由"):
            mark(docking_round, first, reason="  ", revision=1, by=city)
    assert FeaturedSelection.objects.get().revision == 1


def test_unavailable_achievement_cannot_be_pinned(city, three):
    docking_round, _offered = three
    with pytest.raises(ValidationError, match="现在不能推介"):
        pin_achievement(docking_round, make.achievement(registered=False), reason="好", revision=1, by=city)


def test_manual_places_stay_consistent(city, three):
    docking_round, (_first, second, third, last) = three
    place_achievement(docking_round, third, place=1, revision=1, by=city)
    assert titles(docking_round) == ["成果丙", "成果甲", "成果乙"]
    place_achievement(docking_round, second, place=1, revision=2, by=city)
    assert titles(docking_round) == ["成果乙", "成果丙", "成果甲"]
    place_achievement(docking_round, second, place=99, revision=3, by=city)
    assert titles(docking_round) == ["成果丙", "成果甲", "成果乙"]
    with pytest.raises(ValidationError, match="先设为必选"):
        place_achievement(docking_round, last, place=1, revision=4, by=city)
    clear_places(docking_round, revision=4, by=city)
    assert titles(docking_round) == ["成果甲", "成果乙", "成果丙"]


def test_invalid_rules_are_refused(city, three):
    docking_round, _offered = three
    with pytest.raises(ValidationError, match="推介数量要在 1 到 200 之间"):
        set_rules(docking_round, rules(0), revision=1, by=city)


def test_stale_revision_names_the_other_user(city, three):
    docking_round, (first, second, *_rest) = three
    other = make.city_officer(name="李明")
    ban_achievement(docking_round, first, reason="撤回", revision=1, by=other)
    with pytest.raises(ValidationError, match="李明刚刚改过这份名单"):
        ban_achievement(docking_round, second, reason="撤回", revision=1, by=city)
    assert titles(docking_round) == ["成果乙", "成果丙", "成果丁"]


@pytest.mark.parametrize("who", [make.district_officer, make.auditor, make.institution_officer])
def test_only_city_staff_decide(three, who):
    docking_round, (first, *_rest) = three
    by = who()
    for step in (
        lambda: pin_achievement(docking_round, first, reason="好", revision=1, by=by),
        lambda: ban_achievement(docking_round, first, reason="差", revision=1, by=by),
        lambda: unmark_achievement(docking_round, first, revision=1, by=by),
        lambda: place_achievement(docking_round, first, place=1, revision=1, by=by),
        lambda: clear_places(docking_round, revision=1, by=by),
        lambda: set_rules(docking_round, rules(2), revision=1, by=by),
        lambda: put(docking_round, by),
    ):
        with pytest.raises(PermissionDenied):
            step()
    assert FeaturedSelection.objects.get().revision == 1


def test_closed_round_keeps_its_list(city, three):
    docking_round, (first, *_rest) = three
    run = make.match_run()
    closed = {"status": "closed", "closed_at": timezone.now(), "match_run": run}
    DockingRound.objects.filter(pk=docking_round.pk).update(**closed)
    docking_round.refresh_from_db()
    with pytest.raises(ValidationError, match="已经结束"):
        ban_achievement(docking_round, first, reason="差", revision=1, by=city)
    with pytest.raises(ValidationError, match="已经结束"):
        put(docking_round, city)


# --- The list in the round -------------------------------------------------------------------------------------------
def test_list_is_applied_in_order_with_reasons(city, three):
    docking_round, (first, *_rest) = three
    changes = put(docking_round, city)
    assert [change.kind for change in changes] == ["in"] * 3
    assert in_round(docking_round) == ["成果甲", "成果乙", "成果丙"]
    top = docking_round.features.get(achievement=first)
    assert (top.rank, top.is_pinned) == (1, False)
    assert "可产业化（TRL 9），有依据" in [reason["words"] for reason in top.reasons]
    assert featured_overview(docking_round).changes == []


def test_previous_items_are_reported_as_out_and_moved(city, three):
    docking_round, (first, _second, third, last) = three
    for achievement in (third, last):  # as it was done by hand; `set` would keep no order
        docking_round.featured.add(achievement)
    changes = put(docking_round, city)
    summary = [(change.kind, change.title) for change in changes]
    assert summary == [("in", "成果甲"), ("in", "成果乙"), ("out", "成果丁"), ("moved", "成果丙")]
    trail = AuditRecord.objects.get(action="写入推介名单")
    assert trail.changes["调出"] == [None, ["2→ 成果丁"]]
    assert first.rounds.get() == docking_round


def test_applying_twice_changes_nothing(city, three):
    docking_round, _offered = three
    put(docking_round, city)
    before = list(docking_round.features.values())
    assert put(docking_round, city) == []
    assert list(docking_round.features.values()) == before
    assert AuditRecord.objects.filter(action="写入推介名单").count() == 1


def test_changed_list_is_not_applied(city, three):
    docking_round, (first, *_rest) = three
    seen = featured_overview(docking_round).proposal.fingerprint
    ban_achievement(docking_round, first, reason="专利有争议", revision=1, by=city)
    with pytest.raises(ValidationError, match="在您打开之后有变化"):
        apply_featured(docking_round, fingerprint=seen, by=city)
    assert in_round(docking_round) == []


def test_infeasible_rules_leave_the_round_unchanged(city, three):
    docking_round, _offered = three
    put(docking_round, city)
    set_rules(docking_round, rules(9), revision=1, by=city)
    planned = featured_overview(docking_round)
    assert planned.proposal is None and "推介 9 项" in str(planned.refusal)
    with pytest.raises(ValidationError, match="规则不能同时满足"):
        apply_featured(docking_round, fingerprint="", by=city)
    assert len(in_round(docking_round)) == 3


@pytest.mark.django_db(transaction=True)
def test_simultaneous_pins_refuse_one(settings):
    city, other = make.city_officer(name="王晓"), make.city_officer(name="李明")
    docking_round, offered = make.docking_round(), [make.achievement() for _ in range(2)]
    barrier, outcomes = threading.Barrier(2), []

    def pin(by, achievement):
        try:
            barrier.wait()
            pin_achievement(docking_round, achievement, reason="点名", revision=0, by=by)
            outcomes.append("done")
        except ValidationError as error:
            outcomes.append(error.messages[0])
        finally:
            connection.close()

    threads = [threading.Thread(target=pin, args=pair) for pair in zip((city, other), offered, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome == "done" for outcome in outcomes) == [False, True]
    assert any("刚刚改过这份名单" in outcome for outcome in outcomes)
    assert FeaturedSelection.objects.get().marks.count() == 1


@pytest.mark.django_db(transaction=True)
def test_simultaneous_applies_write_once():
    city, docking_round = make.city_officer(), make.docking_round()
    for _ in range(3):
        make.achievement()
    set_rules(docking_round, rules(3), revision=0, by=city)
    mark = featured_overview(docking_round).proposal.fingerprint
    barrier, changed = threading.Barrier(2), []

    def write():
        try:
            barrier.wait()
            changed.append(len(apply_featured(docking_round, fingerprint=mark, by=city)))
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(changed) == [0, 3]
    assert [feature.rank for feature in docking_round.features.in_order()] == [1, 2, 3]
