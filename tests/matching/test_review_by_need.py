"""The by-need view of the review desk: choose, none, hold, undo; what is shown, to whom, and at what cost."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditRecord
from demands.models import Demand, DemandIndicator
from matching.learning.level_precision import odds_sentence
from matching.learning.training_examples import training_examples
from matching.models import Decision, DemandReview, FollowUp, Match, Reservation
from matching.review_demands import load_demands
from matching.review_queue import sample_of_passed_over
from matching.services.decisions import ReviewConflict
from matching.services.demand_review import DemandStep, choose_candidates, choose_none, hold_candidates
from matching.services.reservations import reserve
from matching.services.review import accept_match, hold_match, reject_match, reopen_match
from matching.services.undo import undo_demand_review
from notices.models import Notice
from tests import factories as make
from tests.concurrency import run_both
from tests.matching.test_decisions import tomorrow
from tests.matching.test_review_desk import address, post

pytestmark = pytest.mark.long


@pytest.fixture
def officer(db, client):
    made = make.district_officer(name="王晓")
    client.force_login(made)
    return made


@pytest.fixture
def rows(officer):
    """Five candidates of one demand, the best first."""
    demand, run = make.demand(), make.match_run()
    return [make.match(demand=demand, run=run, score=90 - number) for number in range(5)]


def step_about(rows, **more) -> DemandStep:
    return DemandStep(shown={row.public_id: row.revision for row in rows}, **more)


def ids(rows) -> list[str]:
    return [row.public_id for row in rows]


def statuses() -> list[str]:
    return list(Match.objects.order_by("-score").values_list("status", flat=True))


class TestChoose:
    def test_chosen_are_accepted_and_the_others_passed_over_once(self, officer, rows):
        step = step_about(rows, open_ms=4000)
        for _ in range(2):
            resolution = choose_candidates(rows[0].demand, ids([rows[0], rows[2]]), step=step, by=officer)
            assert [resolution.number(status) for status in ("accepted", "passed")] == [2, 3]
        assert statuses() == ["accepted", "passed", "accepted", "passed", "passed"]
        assert FollowUp.objects.count() == 2
        assert Decision.objects.filter(batch=step.batch, open_ms=4000).count() == 5
        assert DemandReview.objects.get().outcome == "chosen"
        assert AuditRecord.objects.filter(action="审核匹配", actor=officer).count() == 5
        passed = Match.objects.filter(status="passed")
        assert {(row.reject_reason, row.reviewed_by_id) for row in passed} == {("", officer.pk)}

    def test_candidates_that_were_not_on_the_screen_wait_on(self, officer, rows):
        choose_candidates(rows[0].demand, ids(rows[:1]), step=step_about(rows[:3]), by=officer)
        assert statuses() == ["accepted", "passed", "passed", "proposed", "proposed"]

    def test_limit_of_three_counts_those_accepted_before(self, officer, rows):
        accept_match(rows[4], by=officer)
        with pytest.raises(ValidationError, match="最多采纳 3 条：已采纳 1 条，又选了 3 条"):
            choose_candidates(rows[0].demand, ids(rows[:3]), step=step_about(rows[:4]), by=officer)
        assert statuses() == ["proposed"] * 4 + ["accepted"]

    @pytest.mark.parametrize("chosen", [[], ["nonsense"]])
    def test_nothing_or_a_match_of_another_page_is_refused(self, officer, rows, chosen):
        with pytest.raises(ValidationError, match="先选择"):
            choose_candidates(rows[0].demand, chosen, step=step_about(rows), by=officer)

    def test_match_of_another_demand_is_refused(self, officer, rows):
        other = make.match()
        with pytest.raises(ValidationError, match="先选择"):
            choose_candidates(rows[0].demand, [other.public_id], step=step_about([*rows, other]), by=officer)
        with pytest.raises(ValidationError, match="没有候选"):
            choose_candidates(rows[0].demand, ids(rows), step=DemandStep(shown={}), by=officer)

    def test_chosen_one_that_a_colleague_changed_refuses_everything(self, officer, rows):
        step = step_about(rows)
        reject_match(rows[0], by=make.district_officer(name="李青"), reason="field")
        with pytest.raises(ReviewConflict, match="已由李青审核（已退回）"):
            choose_candidates(rows[0].demand, ids(rows[:2]), step=step, by=officer)
        assert statuses() == ["rejected"] + ["proposed"] * 4
        assert not DemandReview.objects.exists()

    def test_other_that_a_colleague_changed_stays_as_it_is(self, officer, rows):
        step = step_about(rows)
        hold_match(rows[1], until=tomorrow(3), by=make.district_officer(name="李青"))
        resolution = choose_candidates(rows[0].demand, ids(rows[:1]), step=step, by=officer)
        assert [(row.pk, "李青" in why) for row, why in resolution.excepted] == [(rows[1].pk, True)]
        assert statuses() == ["accepted", "proposed", "passed", "passed", "passed"]

    def test_other_districts_and_reused_steps_are_refused(self, officer, rows):
        step = step_about(rows)
        with pytest.raises(PermissionDenied):
            choose_candidates(rows[0].demand, ids(rows[:1]), step=step, by=make.district_officer("gaoxin"))
        choose_candidates(rows[0].demand, ids(rows[:1]), step=step, by=officer)
        with pytest.raises(ValidationError, match="编号已经用过"):
            choose_candidates(rows[0].demand, ids(rows[:1]), step=step, by=make.district_officer())


class TestNone:
    def test_all_are_passed_over_and_the_demand_is_tracked(self, officer, rows):
        choose_none(rows[0].demand, step=step_about(rows), by=officer)
        assert statuses() == ["passed"] * 5
        demand = Demand.objects.get()
        assert demand.status == "tracking" and demand in Demand.objects.open()
        assert DemandReview.objects.get().status_before == "published"

    def test_with_a_reason_all_are_rejected(self, officer, rows):
        choose_none(rows[0].demand, step=step_about(rows), by=officer, reason="too_early")
        assert statuses() == ["rejected"] * 5
        assert set(Decision.objects.values_list("kind", "reason")) == {("reject", "too_early")}

    def test_a_demand_with_an_accepted_match_stays_as_it_is(self, officer, rows):
        accept_match(rows[0], by=officer)
        choose_none(rows[0].demand, step=step_about(rows[1:]), by=officer)
        assert (DemandReview.objects.get().destination, Demand.objects.get().status) == ("stay", "published")

    def test_a_demand_of_which_a_colleague_accepted_one_meanwhile_stays_too(self, officer, rows):
        step = step_about(rows)
        accept_match(rows[0], by=make.district_officer())
        resolution = choose_none(rows[0].demand, step=step, by=officer)
        assert (resolution.review.destination, len(resolution.excepted)) == ("stay", 1)

    def test_diagnosis(self, officer, rows):
        choose_none(rows[0].demand, step=step_about(rows), by=officer, destination="diagnosis")
        assert Demand.objects.get().status == "diagnosis"

    def test_challenge_needs_the_firms_agreement(self, officer, rows):
        with pytest.raises(ValidationError, match="没有表示愿意揭榜挂帅"):
            choose_none(rows[0].demand, step=step_about(rows), by=officer, destination="challenge")
        assert statuses() == ["proposed"] * 5
        Demand.objects.update(wants_challenge=True)
        choose_none(Demand.objects.get(), step=step_about(rows), by=officer, destination="challenge")
        assert Demand.objects.get().status == "challenge"

    def test_a_broker_is_asked_without_the_name_of_an_anonymous_firm(self, officer, rows):
        Demand.objects.update(is_anonymous=True, public_alias="金普新区某电池企业")
        broker = make.broker(name="甲", user=make.user(name="甲"))
        broker.regions.add(rows[0].demand.firm.stat_region)
        choose_none(Demand.objects.get(), step=step_about(rows), by=officer, destination="broker")
        notice = Notice.objects.get(recipient=broker.user)
        assert rows[0].demand.title in notice.text and rows[0].demand.firm.name not in notice.text
        assert (DemandReview.objects.get().broker, Demand.objects.get().status) == (broker, "tracking")

    def test_without_a_suitable_broker_the_officer_is_told(self, officer, rows):
        with pytest.raises(ValidationError, match="请选择其他去向"):
            choose_none(rows[0].demand, step=step_about(rows), by=officer, destination="broker")
        expired = make.broker(expires_on="2020-01-01")
        with pytest.raises(ValidationError, match="已过期"):
            choose_none(rows[0].demand, step=step_about(rows), by=officer, destination="broker", broker=expired)

    @pytest.mark.parametrize("values", [{"reason": "nonsense"}, {"destination": "nonsense"}])
    def test_unknown_values_are_refused(self, officer, rows, values):
        with pytest.raises(ValidationError):
            choose_none(rows[0].demand, step=step_about(rows), by=officer, **values)

    def test_if_colleagues_changed_all_of_them_the_officer_is_told(self, officer, rows):
        step = step_about(rows[:1])
        accept_match(rows[0], by=make.district_officer(name="李青"))
        with pytest.raises(ReviewConflict, match="已由李青审核（已采纳）"):
            choose_none(rows[0].demand, step=step, by=officer)


class TestHold:
    def test_candidates_leave_the_queue_until_the_day(self, officer, rows):
        hold_candidates(rows[0].demand, until=tomorrow(6), step=step_about(rows), by=officer)
        assert not Match.objects.waiting_for(officer).exists()
        assert set(Match.objects.values_list("held_until", flat=True)) == {tomorrow(6)}
        assert DemandReview.objects.decided().count() == 0

    def test_day_in_the_past_is_refused(self, officer, rows):
        with pytest.raises(ValidationError, match="明天以后"):
            hold_candidates(rows[0].demand, until=timezone.localdate(), step=step_about(rows), by=officer)


class TestUndo:
    def test_restores_matches_follow_up_and_demand(self, officer, rows):
        chosen = choose_candidates(rows[0].demand, ids(rows[:1]), step=step_about(rows), by=officer).review
        assert undo_demand_review(chosen, by=officer) == 5
        assert undo_demand_review(chosen, by=officer) == 0
        assert statuses() == ["proposed"] * 5 and FollowUp.objects.get().status == "withdrawn"
        rows = list(Match.objects.order_by("-score"))
        broker = make.broker(user=make.user())
        none = choose_none(
            rows[0].demand, step=step_about(rows), by=officer, destination="broker", broker=broker
        ).review
        undo_demand_review(none, by=officer)
        assert statuses() == ["proposed"] * 5 and Demand.objects.get().status == "published"
        assert Notice.objects.filter(recipient=broker.user).active().count() == 0
        assert DemandReview.objects.not_undone().count() == 0

    def test_all_or_nothing(self, officer, rows):
        review = choose_candidates(rows[0].demand, ids(rows[:1]), step=step_about(rows), by=officer).review
        reopen_match(Match.objects.get(pk=rows[3].pk), by=officer, reason="再看看")
        with pytest.raises(ValidationError, match="此后已有新的处理"):
            undo_demand_review(review, by=officer)
        assert statuses() == ["accepted", "passed", "passed", "proposed", "passed"]

    def test_only_the_own_and_only_while_the_demand_is_where_it_was_sent(self, officer, rows):
        review = choose_none(rows[0].demand, step=step_about(rows), by=officer).review
        with pytest.raises(PermissionDenied):
            undo_demand_review(review, by=make.city_officer())
        Demand.objects.update(status="solved")
        with pytest.raises(ValidationError, match="现在是“已解决”"):
            undo_demand_review(review, by=officer)
        assert statuses() == ["passed"] * 5

    def test_later_than_ten_minutes_is_refused(self, officer, rows):
        review = choose_none(rows[0].demand, step=step_about(rows), by=officer).review
        Decision.objects.update(made_at=timezone.now() - timedelta(minutes=11))
        with pytest.raises(ValidationError, match="已超过 10 分钟"):
            undo_demand_review(review, by=officer)
        assert Demand.objects.get().status == "tracking"

    def test_passed_over_match_can_be_reopened(self, officer, rows):
        choose_none(rows[0].demand, step=step_about(rows), by=officer)
        match = Match.objects.get(pk=rows[0].pk)
        reopen_match(match, by=officer, reason="抽查时发现合适")
        assert match.status == "proposed"


class TestLearning:
    def test_passed_over_counts_for_levels_and_not_for_the_order(self, officer, rows):
        choose_candidates(rows[0].demand, ids(rows[:1]), step=step_about(rows), by=officer)
        assert sorted(example.accepted for example in training_examples("p0", for_levels=True)) == [False] * 4 + [True]
        assert [example.accepted for example in training_examples("p0")] == [True]

    @pytest.mark.parametrize(
        ("probability", "number", "sentence"),
        [
            (0.083, 0, "过去这样的候选，约 12 条中有 1 条被采纳"),
            (0.026, 0, "过去这样的候选，约 40 条中有 1 条被采纳"),
            (0.004, 367, "过去这样的候选，100 条中不到 1 条被采纳，共 367 条"),
            (0.0, 0, "过去这样的候选，100 条中不到 1 条被采纳"),
            (0.33, 12, "过去这样的候选，约 10 条中有 3 条被采纳，共 12 条"),
            (0.94, 83, "过去这样的候选，约 10 条中有 9 条被采纳，共 83 条"),
            (1.0, 0, "过去这样的候选，约 10 条中有 9 条被采纳"),
        ],
    )
    def test_odds_in_words(self, probability, number, sentence):
        assert odds_sentence(probability, number) == sentence


class TestSample:
    def test_the_same_seed_draws_the_same_also_after_a_check(self, officer, rows, client):
        foreign = make.match(demand=make.demand(firm=make.firm(region_code="gaoxin")))
        choose_none(foreign.demand, step=step_about([foreign]), by=make.city_officer())
        choose_none(rows[0].demand, step=step_about(rows), by=officer)
        seed = int(timezone.now().timestamp()) + 1
        drawn = set(sample_of_passed_over(officer, seed))
        assert drawn == set(rows)
        reopen_match(Match.objects.get(pk=rows[0].pk), by=officer, reason="合适")
        assert set(sample_of_passed_over(officer, seed)) == drawn
        page = client.get(address("triage") + f"?view=passed&sample={seed}").text
        assert "随机抽查（最多 20 条）" in page and page.count('class="q"') == 5
        assert set(sample_of_passed_over(officer, seed - 3600)) == set()  # nothing was passed over by then

    def test_draws_twenty(self, officer):
        demand = make.demand()
        for _ in range(2):
            many = [make.match(demand=demand) for _ in range(12)]
            choose_none(demand, step=step_about(many), by=officer)
        seed = int(timezone.now().timestamp()) + 1
        first, second = (
            set(sample_of_passed_over(officer, seed + more).values_list("pk", flat=True)) for more in (0, 1)
        )
        assert len(first) == len(second) == 20 and first != second


FACTS = [
    {"kind": "indicators", "verdict": "contradicts", "sentence": "需求列出 2 项指标：1 项未达，1 项未说明", "brief": "",
     "rows": [{"name": "耐温", "need": "耐温 ≥ 200 ℃", "offer": "耐温 120 ℃", "result": "missed", "note": ""},
              {"name": "寿命", "need": "寿命 ≥ 5 年", "offer": "", "result": "unstated", "note": ""}]},
    {"kind": "price", "verdict": "talk", "sentence": "成果价格、需求预算面议", "brief": "价格面议"},
    {"kind": "period", "verdict": "contradicts", "sentence": "赶不上需求时限", "brief": "赶不上时限"},
]  # fmt: skip


class TestSheet:
    def test_candidate_in_words(self, officer):
        achievement = make.achievement(summary="<b>壳聚糖涂层</b>保持水分，运输三天不变质。与本题无关的另外一句话。")
        match = make.match(
            achievement=achievement, facts=FACTS, shared_terms=["涂层"], related_terms=["保持水分≈保湿"],
            probability=0.083, level="candidate",
        )  # fmt: skip
        candidate = load_demands([match.demand.public_id], officer)[0].candidates[0]
        assert (candidate.level_word, candidate.odds) == ("候选", "过去这样的候选，约 12 条中有 1 条被采纳")
        assert [(value.name, value.mark) for value in candidate.values] == [
            ("耐温", "n"), ("寿命", "u"), ("价格", "o"), ("时限", "n"),
        ]  # fmt: skip
        assert candidate.missing == ["寿命是多少（成果没有写）", "成果价格、需求预算面议"]
        assert candidate.exclusions == ["耐温：要求 耐温 ≥ 200 ℃，成果 耐温 120 ℃", "赶不上需求时限"]
        marked = [piece for passage in candidate.passages for piece, is_term in passage.pieces if is_term]
        assert marked == ["涂层", "保持水分"]

    def test_only_high_is_sure_and_without_a_probability_nothing_is_promised(self, officer):
        demand = make.demand()
        for place, level in enumerate(("high", "candidate", "")):
            make.match(demand=demand, level=level, score=90 - place)
        candidates = load_demands([demand.public_id], officer)[0].candidates
        assert [candidate.level_word for candidate in candidates] == ["高", "候选", "候选"]
        assert "没有推算采纳的可能" in candidates[2].odds

    def test_each_candidate_says_which_sentence_of_the_demand_it_answers(self, officer):
        demand = make.demand(title="注塑两件事", problem="流道积料要停机清理。制品翘曲变形大。")
        first = make.match(
            demand=demand, score=90, shared_terms=["翘曲"],
            aligned_sentences=["制品翘曲变形大", "翘曲降到<b>三分之一</b>"],
        )  # fmt: skip
        make.match(demand=demand, score=80, aligned_sentences=["流道积料要停机清理", "积料自行脱落"])
        make.match(demand=demand, score=70, aligned_sentences=["制品翘曲变形大", "随形水路"])
        make.match(demand=demand, score=60)
        sheet = load_demands([demand.public_id], officer)[0]
        assert [(label, passage.text, numbers) for label, passage, numbers in sheet.questions] == [
            ("甲", "流道积料要停机清理", [2]), ("乙", "制品翘曲变形大", [1, 3]),
        ]  # fmt: skip
        shown = sheet.candidates[0].passages[0]
        assert sheet.candidates[0].match == first and shown.text == "翘曲降到<b>三分之一</b>"
        assert next(shown.pieces) == ("翘曲", True)

    def test_five_best_waiting_candidates_and_what_else_there_is(self, officer):
        demand = make.demand()
        rows = [make.match(demand=demand, score=90 - number) for number in range(8)]
        hold_match(rows[0], until=tomorrow(3), by=officer)
        accept_match(rows[1], by=officer)
        sheet = load_demands([demand.public_id], officer)[0]
        assert [candidate.match for candidate in sheet.candidates] == rows[2:7]
        assert (sheet.waiting, sheet.unlisted, sheet.accepted, sheet.may_accept) == (6, 1, 1, 2)
        assert set(sheet.others) == {rows[0], rows[1], rows[7]}

    def test_sentences_of_the_demand_that_the_candidates_answer(self, officer):
        problem = "我们是一家电池企业。高镍三元正极材料高温循环衰减快，一年要换两次。希望尽快解决，谢谢。"
        make.match(demand=make.demand(problem=problem), shared_terms=["正极材料", "循环"])
        sheet = load_demands([Demand.objects.get().public_id], officer)[0]
        assert [(label, passage.text, numbers) for label, passage, numbers in sheet.questions] == [
            ("", "高镍三元正极材料高温循环衰减快，一年要换两次", [])
        ]

    def test_demand_of_another_district_is_left_out(self, officer):
        foreign = make.match(demand=make.demand(firm=make.firm(region_code="gaoxin"))).demand
        assert load_demands([foreign.public_id], officer) == []
        assert [sheet.demand for sheet in load_demands([foreign.public_id], make.city_officer())] == [foreign]


class TestPage:
    def test_opens_the_best_demand_that_no_colleague_has_open(self, client, officer):
        first, second = make.match(score=90), make.match(score=80)
        response = client.get(address("needs"), follow=True)
        assert response.redirect_chain[-1][0] == address("need", first.demand.public_id)
        colleague = make.district_officer()
        reserve([], by=colleague, opened=[first.pk])
        assert post(client, "cards", want=[], open=second.demand.public_id).json()["looking"] == [
            first.demand.public_id
        ]
        response = client.get(address("needs"), follow=True)
        assert response.redirect_chain[-1][0] == address("need", second.demand.public_id)

    def test_is_the_first_view_of_the_desk(self, client, officer):
        make.match()
        assert address("needs") in client.get(reverse("workbench")).text
        page = client.get(address("needs"), follow=True).text
        assert page.index(">按需求<") < page.index(">逐条<")

    def test_search_narrows_the_list(self, client, officer):
        wanted = make.match(demand=make.demand(title="贝类清点"))
        make.match(score=99)
        response = client.get(address("needs") + "?q=贝类", follow=True)
        assert response.redirect_chain[-1][0].startswith(address("need", wanted.demand.public_id))
        assert response.text.count("data-title=") == 2  # the demand itself and its entry of the list

    def test_texts_are_escaped(self, client, officer):
        script = "<script>alert(1)</script>正极材料包覆一层薄膜"
        match = make.match(
            achievement=make.achievement(title=script, summary=script),
            demand=make.demand(title=script[:40], problem=script),
            facts=[{"kind": "price", "verdict": "talk", "sentence": script, "brief": script}],
        )
        DemandIndicator.objects.create(demand=match.demand, name="<i>耐温", comparison="ge", value="1", unit="")
        response = client.get(address("need", match.demand.public_id))
        assert "<script>alert" not in response.text and "<i>耐温" not in response.text
        assert "<mark>正极材料</mark>" in response.text
        assert "unsafe-inline" not in response["Content-Security-Policy"]

    def test_anonymous_firm_is_named_with_its_alias_as_on_the_other_view(self, client, officer):
        match = make.match(demand=make.demand(is_anonymous=True, public_alias="金普新区某电池企业"))
        page = client.get(address("need", match.demand.public_id)).text
        assert match.demand.firm.name in page and "匿名，对外称“金普新区某电池企业”" in page

    def test_decided_demand_shows_what_was_decided(self, client, officer, rows):
        choose_candidates(rows[0].demand, ids(rows[:1]), step=step_about(rows), by=officer)
        page = client.get(address("need", rows[0].demand.public_id)).text
        assert "已采纳 1" in page and page.count("未选") >= 4 and 'name="ids"' not in page

    def test_not_found(self, client, officer):
        foreign = make.match(demand=make.demand(firm=make.firm(region_code="gaoxin"))).demand
        for public_id in (foreign.public_id, make.demand().public_id):
            assert client.get(address("need", public_id)).status_code == 404

    @pytest.mark.parametrize("number", [1, 30])
    def test_query_count_does_not_depend_on_the_queue(self, client, officer, number, django_assert_max_num_queries):
        for _ in range(number):
            match = make.match()
            make.match(demand=match.demand)
        client.get(address("need", match.demand.public_id))
        with django_assert_max_num_queries(27):
            client.get(address("need", match.demand.public_id))

    @pytest.mark.parametrize("number", [1, 8])
    def test_query_count_does_not_depend_on_the_number_of_demands(
        self, client, officer, number, django_assert_max_num_queries
    ):
        demands = []
        for _ in range(number):
            demands.append(make.demand())
            for _ in range(5):
                make.match(demand=demands[-1])
        wanted = [demand.public_id for demand in demands]
        post(client, "cards", want=wanted[:1])
        with django_assert_max_num_queries(20):
            answer = post(client, "cards", want=wanted, open=wanted[0]).json()
        assert list(answer["demands"]) == wanted
        assert Reservation.objects.filter(is_open=True).count() == 5


class TestScript:
    """What the script of the page sends."""

    def choose(self, client, rows, outcome: str, **more):
        body = {
            "key": str(uuid4()),
            "demand": rows[0].demand.public_id,
            "outcome": outcome,
            "shown": {row.public_id: row.revision for row in rows},
        }
        return post(client, "choose", **body | more)

    def test_each_outcome(self, client, officer, rows):
        answer = self.choose(client, rows, "chosen", ids=ids(rows[:2]), open_ms=900).json()
        assert (answer["message"], answer["count"]) == ("已采纳 2 条，其余 3 条记为未选", 5)
        other = [make.match()]
        answer = self.choose(client, other, "none", reason="price", destination="diagnosis").json()
        assert answer["message"] == "都不合适：1 条退回（价格或合作方式不合）；回企业问清楚（需求诊断）"
        held = [make.match()]
        assert self.choose(client, held, "held", days=7).json()["message"] == "已暂缓 1 条"
        broker = make.broker()
        sent = [make.match()]
        assert self.choose(client, sent, "none", destination="broker", broker=broker.pk).status_code == 200
        assert DemandReview.objects.first().broker == broker

    def test_undo_by_batch(self, client, officer, rows):
        key = str(uuid4())
        self.choose(client, rows, "none", key=key)
        answer = post(client, "undo", batch=key)
        assert (answer.status_code, answer.json()["message"]) == (200, f"已撤销：{rows[0].demand.title}")
        assert statuses() == ["proposed"] * 5

    def test_conflict_is_explained(self, client, officer, rows):
        accept_match(rows[0], by=make.district_officer(name="李青"))
        rows[0].revision = 0
        answer = self.choose(client, rows, "chosen", ids=ids(rows[:1]))
        assert answer.status_code == 409 and "已由李青审核（已采纳）" in answer.json()["message"]

    @pytest.mark.parametrize(
        "body",
        [
            {"outcome": "nonsense"},
            {"outcome": "chosen"},
            {"outcome": "chosen", "shown": []},
            {"outcome": "none", "shown": {"x": "y"}},
            {"outcome": "none", "destination": "nonsense"},
            {"outcome": "held"},
            {"outcome": "held", "days": 400},
        ],
    )
    def test_incomplete_step_is_refused_with_a_message(self, client, officer, rows, body):
        answer = self.choose(client, rows, **body)
        assert answer.status_code == 422 and answer.json()["message"]
        assert statuses() == ["proposed"] * 5

    def test_other_districts_and_readers_are_refused(self, client, officer, rows):
        foreign = [make.match(demand=make.demand(firm=make.firm(region_code="gaoxin")))]
        assert self.choose(client, foreign, "none").status_code == 404
        client.force_login(make.auditor())
        assert self.choose(client, rows, "none").status_code == 403
        assert client.post(address("need", rows[0].demand.public_id)).status_code == 403
        assert not DemandReview.objects.exists()

    def test_settings_of_keys(self, client, officer, rows):
        post(client, "keys", digits=False)
        settings = client.get(address("need", rows[0].demand.public_id)).text.partition('id="triage-settings"')[2]
        values = json.loads(settings.partition(">")[2].partition("<")[0])
        assert (values["digitAccepts"], values["singleKeys"]) == (False, True)

    def test_steps_that_can_still_be_undone_are_in_the_settings(self, client, officer, rows):
        self.choose(client, rows, "none")
        page = client.get(address("needs"), follow=True).text
        assert f'"demand": "{rows[0].demand.public_id}"' in page and '"outcome": "none"' in page


class TestForm:
    """Without JavaScript: the form of the page as a browser posts it."""

    def send(self, client, rows, **fields):
        body = {"key": str(uuid4()), "shown": [f"{row.public_id}:{row.revision}" for row in rows]} | fields
        return client.post(address("need", rows[0].demand.public_id), body, follow=True)

    def test_chosen_then_the_next_demand(self, client, officer, rows):
        other = make.match(score=70)
        page = self.send(client, rows, outcome="chosen", ids=ids(rows[:1]))
        assert page.redirect_chain == [(address("need", other.demand.public_id), 302)]
        assert "已采纳 1 条，其余 4 条记为未选" in page.text

    def test_none_with_reason_then_nothing_left(self, client, officer, rows):
        page = self.send(client, rows, outcome="none", reason="field", destination="track")
        assert page.redirect_chain[-1] == (address("needs"), 302)
        assert "没有等您审核的匹配了" in page.text and "都不合适：5 条退回（领域不符）" in page.text

    def test_hold_by_its_button(self, client, officer, rows):
        self.send(client, rows, days="7")
        assert Match.objects.on_hold().count() == 5

    def test_refused_step_returns_with_the_reason(self, client, officer, rows):
        page = self.send(client, rows, outcome="chosen")
        assert "请先选择要采纳的候选" in page.text
        assert statuses() == ["proposed"] * 5

    @pytest.mark.parametrize(
        "fields", [{"shown": ["x"]}, {"shown": ["x:y"]}, {"key": "x"}, {"shown": ["x:9999999999"]}]
    )
    def test_tampered_form_is_refused(self, client, officer, rows, fields):
        client.raise_request_exception = False
        assert self.send(client, rows, outcome="none", **fields).status_code == 400


@pytest.mark.django_db(transaction=True)
class TestConcurrent:
    def test_of_two_officers_one_decides_and_the_other_is_told(self):
        """One accepts the first, the other says that none fits: one of them wins with all five."""
        for _ in range(10):
            demand, run = make.demand(), make.match_run()
            rows = [make.match(demand=demand, run=run, score=90 - number) for number in range(5)]
            officers = make.district_officer(), make.district_officer()

            def choose(demand=demand, rows=rows, by=officers[0]):
                return attempt(lambda: choose_candidates(demand, ids(rows[:1]), step=step_about(rows), by=by))

            def none(demand=demand, rows=rows, by=officers[1]):
                return attempt(lambda: choose_none(Demand.objects.get(pk=demand.pk), step=step_about(rows), by=by))

            assert sorted(run_both(choose, none)) == ["conflict", "done"]
            statuses = set(Match.objects.filter(demand=demand).values_list("status", flat=True))
            assert statuses in ({"accepted", "passed"}, {"passed"})
            assert DemandReview.objects.filter(demand=demand).count() == 1

    def test_a_step_sent_twice_at_once_is_applied_once(self):
        demand = make.demand()
        rows = [make.match(demand=demand, score=90 - number) for number in range(5)]
        officer, step = make.district_officer(), step_about(rows)

        def choose():
            return attempt(lambda: choose_candidates(demand, ids(rows[:1]), step=step, by=officer))

        assert run_both(choose, choose) == ["done", "done"]
        assert Decision.objects.count() == 5 and FollowUp.objects.count() == 1


def attempt(call) -> str:
    try:
        call()
    except ReviewConflict:
        return "conflict"
    return "done"
