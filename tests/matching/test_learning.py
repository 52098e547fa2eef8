"""Learning: levels from decisions, a ranker that a person switches, effects of single decisions, damaged rows."""

import logging

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from matching.engine.effects import STATED
from matching.learning.effects import in_force
from matching.learning.record import levels_sentence
from matching.models import Decision, Learned, LiftedEffect, Match
from matching.services.learning import disable_ranker, enable_ranker, fit_levels, has_won, lift_effect, train_ranker
from matching.services.review import accept_match, reject_match, reopen_match
from matching.services.runs import execute_chunk, start_run
from tests import factories as make

pytestmark = pytest.mark.django_db


def words(number: int) -> str:
    """A text of its own for each number: no need is a near-copy of another."""
    return "".join(chr(0x4E00 + 97 * number + n) for n in range(20))


@pytest.fixture
def officer():
    return make.district_officer()


def decide_many(officer, number=120, run=None):
    """High scores are accepted, low ones not, but for every ninth."""
    run, firm, offer = run or make.match_run(engine=settings.MATCH_ENGINE), make.firm(), make.achievement()
    for place in range(number):
        demand = make.demand(title=words(place)[:6], problem=words(place), firm=firm)
        good = place % 2 == 0
        parts = {"prior": 0.9 - place % 7 / 100 if good else 0.3 + place % 7 / 100}
        match = make.match(achievement=offer, demand=demand, run=run, score=100 * parts["prior"], parts=parts)
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
    def test_before_there_are_decisions_they_are_uncalibrated(self):
        make.achievement()
        make.demand()
        assert fit_levels() is None
        run = run_once()
        match = Match.objects.get()
        assert (match.level, match.probability, run.parameters["levels"]) == ("", None, None)
        assert "系统推荐，仅供参考" in levels_sentence() and "级别未经校准" in levels_sentence()

    def test_after_decisions_the_words_say_what_they_have_meant(self, officer):
        decide_many(officer)
        row = fit_levels()
        assert row.is_in_force and row.decisions == 120
        figures = row.figures["levels"]
        assert figures["high"]["accepted"] > 0.7 > figures["low"]["accepted"]
        assert sum(one["number"] for one in figures.values()) == 120
        sentence = f"高：过去 {figures['high']['number']} 条中 {figures['high']['accepted']:.0%} 被采纳"
        assert sentence in levels_sentence()

    def test_the_next_run_names_its_scale_and_gives_levels_that_decisions_keep(self, officer):
        decide_many(officer)
        row = fit_levels()
        make.achievement(title="镁合金微弧氧化膜封孔", summary="镁合金微弧氧化膜封孔")
        demand = make.demand(title="镁合金微弧氧化膜封孔", problem="镁合金微弧氧化膜封孔", firm=make.firm())
        run = run_once()
        assert run.parameters["levels"] == row.pk
        match = Match.objects.filter(demand=demand, run=run).first()
        assert match.level in {"high", "middle", "low"} and 0 < match.probability < 1
        match.refresh_from_db()
        decision = accept_match(match, by=officer)
        assert (decision.features["level"], decision.features["probability"]) == (match.level, match.probability)

    def test_nothing_new_is_learned_from_nothing_new(self, officer):
        decide_many(officer)
        assert fit_levels() is not None
        assert fit_levels() is None and Learned.objects.count() == 1

    def test_a_later_scale_takes_over(self, officer):
        decide_many(officer)
        first = fit_levels()
        for match in Match.objects.accepted()[:20]:
            reopen_match(match, by=officer, reason="看错")
        second = fit_levels()
        first.refresh_from_db()
        assert (first.is_in_force, second.is_in_force) == (False, True)


class TestDamage:
    @pytest.mark.parametrize("damage", ["changed", "missing", "nonsense"])
    def test_a_damaged_row_is_named_in_the_log_and_on_the_run_and_the_prior_serves(self, officer, caplog, damage):
        decide_many(officer, number=80)
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
        assert set(Match.objects.filter(run=run).values_list("level", flat=True)) == {""}

    def test_what_is_kept_comes_back_whole(self, officer):
        decide_many(officer)
        fit_levels()
        train_ranker()
        assert Learned.objects.count() == 2
        assert all(row.is_intact for row in Learned.objects.all())


class TestRanker:
    def test_training_compares_and_changes_nothing_by_itself(self, officer):
        decide_many(officer)
        row = train_ranker()
        assert not row.is_in_force and row.decisions == 120
        assert {"prior", "learned", "differences", "levels"} <= row.figures.keys()
        assert train_ranker() is None  # nothing new
        assert run_once().parameters["ranker"] is None

    def test_too_few_decisions_teach_nothing(self, officer):
        decide_many(officer, number=40)
        assert train_ranker() is None

    def test_it_wins_only_outside_the_noise_and_without_losing_elsewhere(self):
        within, better, worse = {"wins": ""}, {"wins": "other"}, {"wins": "one"}
        assert not has_won({"auc": within, "ndcg@10": within})
        assert has_won({"auc": better, "ndcg@10": within})
        assert not has_won({"auc": better, "ndcg@10": worse})
        assert not has_won({"spearman": better})

    def test_the_city_switches_a_winner_on_and_off(self):
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

    def test_one_ranker_at_a_time(self):
        city = make.city_officer()
        first, second = make.learned(is_winner=True), make.learned(is_winner=True)
        enable_ranker(first, by=city)
        enable_ranker(second, by=city)
        assert list(Learned.objects.filter(is_in_force=True)) == [second]

    def test_no_loser_no_damaged_one_and_nobody_else(self, officer):
        city = make.city_officer()
        with pytest.raises(ValidationError, match="没有明显优于"):
            enable_ranker(make.learned(), by=city)
        with pytest.raises(ValidationError, match="损坏"):
            broken = make.learned(is_winner=True)
            broken.checksum = "x"
            enable_ranker(broken, by=city)
        with pytest.raises(PermissionDenied):
            enable_ranker(make.learned(is_winner=True), by=officer)

    def test_the_page_says_what_was_compared(self, client, officer):
        decide_many(officer)
        row = train_ranker()
        client.force_login(make.city_officer())
        page = client.get(reverse("admin:matching_learned_change", args=[row.pk])).text
        assert "前五条的采纳比例" in page and "基础方法的匹配度" in page and "条中" in page
        assert client.get(reverse("admin:matching_learned_changelist")).status_code == 200


class TestEffects:
    def pair(self, **fields):
        """Two achievements for one need; the first is decided about, the second is moved."""
        demand = make.demand(title="正极材料表面包覆", problem="正极颗粒表面包覆层抑制副反应", firm=make.firm())
        first, second = make.achievement(**fields), make.achievement(**fields)
        run_once()
        return demand, *(Match.objects.get(demand=demand, achievement=one) for one in (first, second))

    def after(self, match):
        run_once("下一轮")
        match.refresh_from_db()
        return match

    def test_a_firm_with_a_supplier_gets_other_proposals_lower(self, officer):
        _demand, decided, other = self.pair()
        before = other.score
        decision = reject_match(decided, by=officer, reason="has_supplier")
        moved = self.after(other)
        assert moved.score < before
        assert moved.effects == [{"kind": "has_supplier", "decision": decision.pk, "factor": 0.6}]
        assert str(decision.pk) in str(moved.effect_sentences[0]) and "降低" in str(moved.effect_sentences[0])

    def test_lifting_and_taking_back_both_end_it(self, officer):
        _demand, decided, other = self.pair()
        before = other.score
        decision = reject_match(decided, by=officer, reason="has_supplier")
        lift_effect(decision, by=officer, reason="供应商已停产")
        assert self.after(other).score == before
        with pytest.raises(ValidationError, match="已由"):
            lift_effect(decision, by=officer, reason="再来")
        LiftedEffect.objects.all().delete()
        assert self.after(other).score < before
        decided.refresh_from_db()
        reopen_match(decided, by=officer, reason="看错")
        assert self.after(other).score == before

    def test_it_ends_with_its_time(self, officer):
        _demand, decided, other = self.pair()
        before = other.score
        decision = reject_match(decided, by=officer, reason="has_supplier")
        long_ago = timezone.now() - timezone.timedelta(days=STATED["has_supplier"].days + 2)
        Decision.objects.filter(pk=decision.pk).update(made_at=long_ago)
        assert self.after(other).score == before and in_force() == []

    def test_another_need_is_left_alone(self, officer):
        _demand, decided, _other = self.pair()
        foreign = make.demand(title="正极材料表面包覆", problem=words(3) * 4, firm=make.firm())
        run_once()
        before = {match.pk: match.score for match in Match.objects.filter(demand=foreign)}
        reject_match(decided, by=officer, reason="has_supplier")
        run_once("下一轮")
        assert {match.pk: match.score for match in Match.objects.filter(demand=foreign)} == before != {}

    def test_a_near_copy_of_a_need_reuses_its_decisions(self, officer):
        demand, decided, other = self.pair()
        copy = make.demand(title=demand.title, problem=demand.problem + "请尽快", firm=make.firm())
        run_once()
        before = {match.achievement_id: match.score for match in Match.objects.filter(demand=copy)}
        accept_match(decided, by=officer)
        reject_match(other, by=officer, reason="field")
        run_once("下一轮")
        after = {match.achievement_id: match.score for match in Match.objects.filter(demand=copy)}
        assert after[decided.achievement_id] > before[decided.achievement_id]
        assert after[other.achievement_id] < before[other.achievement_id]

    def test_the_page_lists_lifts_and_asks_for_a_reason(self, client, officer):
        _demand, decided, _other = self.pair()
        decision = reject_match(decided, by=officer, reason="has_supplier")
        client.force_login(officer)
        address = reverse("admin:matching_effects")
        page = client.get(address)
        assert "180 天" in page.text and str(decided) in page.text
        client.post(address, {"decision": decision.pk, "reason": " "})
        assert not LiftedEffect.objects.exists()
        done = client.post(address, {"decision": decision.pk, "reason": "供应商已停产"}, follow=True)
        assert "已解除" in done.text and "供应商已停产" in done.text

    def test_an_officer_elsewhere_neither_sees_nor_lifts_it(self, client, officer):
        _demand, decided, _other = self.pair()
        decision = reject_match(decided, by=officer, reason="has_supplier")
        stranger = make.district_officer("gaoxin")
        client.force_login(stranger)
        address = reverse("admin:matching_effects")
        assert str(decided) not in client.get(address).text
        assert client.post(address, {"decision": decision.pk, "reason": "不要"}).status_code == 404
        with pytest.raises(PermissionDenied):
            lift_effect(decision, by=stranger, reason="不要")
