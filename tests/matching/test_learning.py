"""Learning: calibrated levels, a ranker switched on by a person, effects of decisions, damaged rows."""

import logging

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from matching.engine.candidates import ScoreProfile
from matching.engine.decision_effects import EFFECTS
from matching.learning.decision_effects import active_effects
from matching.learning.level_precision import levels_sentence
from matching.models import Decision, Learned, LiftedEffect, Match
from matching.services.learning import disable_ranker, enable_ranker, fit_levels, has_won, lift_effect, train_ranker
from matching.services.review import accept_match, reject_match, reopen_match
from matching.services.runs import execute_chunk, start_run
from tests import factories as make
from tests.kept_rows import kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def distinct_text(number: int) -> str:
    """Return a text without common characters with the texts of other numbers, so that there are no near-duplicates."""
    return "".join(chr(0x4E00 + 97 * number + n) for n in range(20))


@pytest.fixture
def officer():
    return make.district_officer()


def decide_many(officer, number=120):
    """Accept high scores and reject low ones, except for every ninth match."""
    run, firm, achievement = make.match_run(engine=settings.MATCH_ENGINE), make.firm(), make.achievement()
    for place in range(number):
        demand = make.demand(title=distinct_text(place)[:6], problem=distinct_text(place), firm=firm)
        good = place % 2 == 0
        parts = {"prior": 0.9 - place % 7 / 100 if good else 0.3 + place % 7 / 100}
        match = make.match(achievement=achievement, demand=demand, run=run, score=100 * parts["prior"], parts=parts)
        if good != (place % 9 == 0):
            accept_match(match, by=officer)
        else:
            reject_match(match, by=officer, reason="indicator")


def run_once(title="一轮"):
    run = start_run(title, by=None)
    for chunk in run.chunks.all():
        execute_chunk(chunk.pk)
    run.refresh_from_db()
    return run


class TestLevels:
    def test_levels_are_those_of_the_prior_without_decisions(self):
        make.achievement()
        make.demand()
        assert fit_levels() is None
        run = run_once()
        match = Match.objects.get()
        assert (match.level, run.parameters["levels"]) == ("high" if match.probability >= 0.5 else "candidate", None)
        assert "系统推荐，仅供参考" in levels_sentence() and "本地的审核决定还太少" in levels_sentence()


class TestRanker:
    def test_too_few_decisions_train_no_ranker(self, officer):
        decide_many(officer, number=40)
        assert train_ranker() is None

    def test_a_ranker_wins_if_a_difference_is_significant_and_none_is_worse(self):
        noise, better, worse = {"wins": ""}, {"wins": "other"}, {"wins": "one"}
        assert not has_won({"auc": noise, "ndcg@10": noise})
        assert has_won({"auc": better, "ndcg@10": noise})
        assert not has_won({"auc": better, "ndcg@10": worse})
        assert not has_won({"spearman": better})

    def test_the_city_switches_a_winning_ranker_on_and_off(self):
        city, row = make.city_officer(), make.learned(is_winner=True)
        make.achievement()
        make.demand()
        enable_ranker(row, by=city)
        run = run_once()
        match = Match.objects.get()
        assert run.parameters["ranker"] == row.pk and match.score != pytest.approx(100 * match.parts["prior"], abs=0.01)
        disable_ranker(row, by=city)
        assert run_once("二轮").parameters["ranker"] is None
        again = Match.objects.get()
        assert again.score == pytest.approx(100 * again.parts["prior"], abs=0.01)
        with pytest.raises(ValidationError, match="没有在使用"):
            disable_ranker(row, by=city)

    def test_one_ranker_is_in_force(self):
        city = make.city_officer()
        first, second = make.learned(is_winner=True), make.learned(is_winner=True)
        enable_ranker(first, by=city)
        enable_ranker(second, by=city)
        assert list(Learned.objects.filter(is_in_force=True)) == [second]

    def test_other_rankers_and_other_users_are_refused(self, officer):
        city = make.city_officer()
        with pytest.raises(ValidationError, match="没有明显优于"):
            enable_ranker(make.learned(), by=city)
        with pytest.raises(ValidationError, match="损坏"):
            damaged = make.learned(is_winner=True)
            damaged.checksum = "x"
            enable_ranker(damaged, by=city)
        with pytest.raises(PermissionDenied):
            enable_ranker(make.learned(is_winner=True), by=officer)


class TestEffects:
    def matches(self, **fields):
        """Return a demand and two of its matches: the first is decided, the second is affected."""
        demand = make.demand(title="正极材料表面包覆", problem="正极颗粒表面包覆层抑制副反应", firm=make.firm())
        first, second = make.achievement(**fields), make.achievement(**fields)
        run_once()
        return demand, *(Match.objects.get(demand=demand, achievement=achievement) for achievement in (first, second))

    def after_next_run(self, match):
        run_once("下一轮")
        match.refresh_from_db()
        return match

    def test_other_proposals_for_a_firm_with_a_supplier_are_lowered(self, officer):
        _demand, decided, other = self.matches()
        before = other.score
        decision = reject_match(decided, by=officer, reason="has_supplier")
        match = self.after_next_run(other)
        assert match.score < before
        assert match.effects == [{"kind": "has_supplier", "decision": decision.pk, "factor": 0.6}]
        assert str(decision.pk) in str(match.effect_sentences[0]) and "降低" in str(match.effect_sentences[0])

    def test_lifting_and_reopening_end_an_effect(self, officer):
        _demand, decided, other = self.matches()
        before = other.score
        decision = reject_match(decided, by=officer, reason="has_supplier")
        lift_effect(decision, by=officer, reason="供应商已停产")
        assert self.after_next_run(other).score == before
        with pytest.raises(ValidationError, match="已由"):
            lift_effect(decision, by=officer, reason="再来")
        LiftedEffect.objects.all().delete()
        assert self.after_next_run(other).score < before
        decided.refresh_from_db()
        reopen_match(decided, by=officer, reason="看错")
        assert self.after_next_run(other).score == before

    def test_an_effect_ends_after_its_days(self, officer):
        _demand, decided, other = self.matches()
        before = other.score
        decision = reject_match(decided, by=officer, reason="has_supplier")
        long_ago = timezone.now() - timezone.timedelta(days=EFFECTS["has_supplier"].days + 2)
        Decision.objects.filter(pk=decision.pk).update(made_at=long_ago)
        assert self.after_next_run(other).score == before and active_effects() == []

    def test_another_demand_is_not_affected(self, officer):
        _demand, decided, _other = self.matches()
        unrelated = make.demand(title="正极材料表面包覆", problem=distinct_text(3) * 4, firm=make.firm())
        run_once()
        before = {match.pk: match.score for match in Match.objects.filter(demand=unrelated)}
        reject_match(decided, by=officer, reason="has_supplier")
        run_once("下一轮")
        assert {match.pk: match.score for match in Match.objects.filter(demand=unrelated)} == before != {}

    def test_a_near_duplicate_reuses_the_decisions_of_a_demand(self, officer):
        demand, decided, other = self.matches()
        duplicate = make.demand(title=demand.title, problem=demand.problem + "请尽快", firm=make.firm())
        run_once()
        before = {match.achievement_id: match.score for match in Match.objects.filter(demand=duplicate)}
        accept_match(decided, by=officer)
        reject_match(other, by=officer, reason="field")
        run_once("下一轮")
        after = {match.achievement_id: match.score for match in Match.objects.filter(demand=duplicate)}
        assert after[decided.achievement_id] > before[decided.achievement_id]
        assert after[other.achievement_id] < before[other.achievement_id]

    def test_the_page_lists_and_lifts_effects_and_requires_a_reason(self, client, officer):
        _demand, decided, _other = self.matches()
        decision = reject_match(decided, by=officer, reason="has_supplier")
        client.force_login(officer)
        address = reverse("admin:matching_effects")
        page = client.get(address)
        assert "180 天" in page.text and str(decided) in page.text
        client.post(address, {"decision": decision.pk, "reason": " "})
        assert not LiftedEffect.objects.exists()
        done = client.post(address, {"decision": decision.pk, "reason": "供应商已停产"}, follow=True)
        assert "已解除" in done.text and "供应商已停产" in done.text

    def test_an_officer_of_another_district_neither_sees_nor_lifts_an_effect(self, client, officer):
        _demand, decided, _other = self.matches()
        decision = reject_match(decided, by=officer, reason="has_supplier")
        stranger = make.district_officer("gaoxin")
        client.force_login(stranger)
        address = reverse("admin:matching_effects")
        assert str(decided) not in client.get(address).text
        assert client.post(address, {"decision": decision.pk, "reason": "不要"}).status_code == 404
        with pytest.raises(PermissionDenied):
            lift_effect(decision, by=stranger, reason="不要")


@pytest.fixture(scope="class")
def reviewer(django_db_setup, django_db_blocker):
    """The officer who decided 120 matches."""
    with kept_rows(django_db_blocker):
        officer = make.district_officer()
        decide_many(officer)
        yield officer.pk


class TestAfterDecisions:
    @pytest.fixture
    def officer(self, reviewer):
        return User.objects.get(pk=reviewer)

    def test_levels_state_the_share_accepted_after_decisions(self, officer):
        row = fit_levels()
        assert row.is_in_force and row.decisions == 120
        figures = row.figures["levels"]
        assert figures["high"]["accepted"] > 0.7 > figures["candidate"]["accepted"]
        assert sum(level["number"] for level in figures.values()) == 120
        sentence = f"高：过去 {figures['high']['number']} 条中 {figures['high']['accepted']:.0%} 被采纳"
        assert sentence in levels_sentence()

    def test_the_next_run_uses_the_calibrator_and_decisions_store_the_level(self, officer):
        row = fit_levels()
        make.achievement(title="镁合金微弧氧化膜封孔", summary="镁合金微弧氧化膜封孔")
        demand = make.demand(title="镁合金微弧氧化膜封孔", problem="镁合金微弧氧化膜封孔", firm=make.firm())
        run = run_once()
        assert run.parameters["levels"] == row.pk
        match = Match.objects.filter(demand=demand, run=run).first()
        assert match.level in {"high", "candidate"} and 0 < match.probability < 1
        match.refresh_from_db()
        decision = accept_match(match, by=officer)
        assert (decision.features["level"], decision.features["probability"]) == (match.level, match.probability)

    def test_nothing_is_fitted_without_new_decisions(self, officer):
        assert fit_levels() is not None
        assert fit_levels() is None and Learned.objects.count() == 1

    def test_a_later_calibrator_replaces_the_earlier(self, officer):
        first = fit_levels()
        for match in Match.objects.accepted()[:20]:
            reopen_match(match, by=officer, reason="看错")
        second = fit_levels()
        first.refresh_from_db()
        assert (first.is_in_force, second.is_in_force) == (False, True)

    def test_stored_rows_are_undamaged(self, officer):
        fit_levels()
        train_ranker()
        assert Learned.objects.count() == 2
        assert all(row.is_intact for row in Learned.objects.all())

    def test_training_compares_and_does_not_switch_the_ranker_on(self, officer):
        row = train_ranker()
        assert not row.is_in_force and row.decisions == 120
        assert {"prior", "learned", "differences", "levels"} <= row.figures.keys()
        assert train_ranker() is None  # no new decisions
        assert run_once().parameters["ranker"] is None

    def test_the_page_shows_the_comparison(self, client, officer):
        row = train_ranker()
        client.force_login(make.city_officer())
        page = client.get(reverse("admin:matching_learned_change", args=[row.pk])).text
        assert "前五条的采纳比例" in page and "基础方法的匹配度" in page and "条中" in page
        assert client.get(reverse("admin:matching_learned_changelist")).status_code == 200

    @pytest.mark.parametrize("damage", ["changed", "missing", "nonsense"])
    def test_a_damaged_row_is_logged_and_noted_and_the_prior_is_used(self, officer, caplog, damage):
        row = fit_levels()
        make.achievement()
        make.demand(title="高镍三元正极材料表面包覆技术", firm=make.firm())
        run = start_run("一轮", by=None)
        if damage == "changed":
            Learned.objects.update(parameters={"scale": {"kind": "isotonic", "scores": [1], "probabilities": [1]}})
        elif damage == "missing":
            Learned.objects.all().delete()
        else:
            Learned.objects.update(parameters={"scale": "x"}, checksum="")
        with caplog.at_level(logging.ERROR):
            for chunk in run.chunks.all():
                execute_chunk(chunk.pk)
        assert f"levels #{row.pk} cannot be used" in caplog.text
        run.refresh_from_db()
        assert "已丢失或损坏" in run.parameters["note"] and run.status == "done"
        for match in Match.objects.filter(run=run):
            result = run.demand_results.get(demand=match.demand)
            reference = result.score_profile["reference"]
            assert match.probability == ScoreProfile(match.score, reference, 1).probability(match.score)
