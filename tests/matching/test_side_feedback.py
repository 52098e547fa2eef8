"""不适合，因为…: who may say it, what it changes and what it must not change, and how it is taken back."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditRecord
from matching.learning.decision_effects import active_effects, effects_for
from matching.learning.run_scoring import RunScoring
from matching.learning.training_examples import latest_verdicts, training_examples
from matching.models import Decision, Match, SideFeedback, SideResponse
from matching.overview.figures import FIGURES, count_figures
from matching.overview.scope import OverviewScope
from matching.review_demands import load_demands
from matching.services import side_feedback
from matching.services.review import accept_match
from matching.services.run_preparation import prepare_run
from matching.services.runs import execute_chunk, start_run
from matching.services.side_feedback import lift_feedback, say_unfit, withdraw_feedback
from matching.services.side_responses import answer_unwilling, answer_willing
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    """A firm's need and two like it, one of another firm; two achievements of one institution and one of another."""

    class Pair:
        firm, other_firm = make.firm(), make.firm()
        institution, competitor = make.institution(), make.institution("大连海事大学")
        need, own_like, foreign_like = (
            make.demand(firm=row, title=f"动力电池正极材料循环寿命提升{number}")
            for number, row in enumerate((firm, firm, other_firm))
        )
        offer = make.achievement(institution=institution, stage="middle")
        own_other = make.achievement(institution=institution, stage="early")
        theirs = make.achievement(institution=competitor, stage="early")

    Pair.officer, Pair.office = make.firm_officer(Pair.firm), make.institution_officer(Pair.institution)
    return Pair


def lowered(pair) -> set[tuple[str, str]]:
    """Which pairs the next run lowers, as names of the fixture."""
    run = start_run("一轮", by=None)
    for chunk in run.chunks.all():
        execute_chunk(chunk.pk)
    names = {row.pk: name for name in ("need", "own_like", "foreign_like") for row in [getattr(pair, name)]}
    offers = {row.pk: name for name in ("offer", "own_other", "theirs") for row in [getattr(pair, name)]}
    rows = Match.objects.filter(run=run)
    return {(names[row.demand_id], offers[row.achievement_id]) for row in rows if row.effects}


def test_a_firms_word_lowers_proposals_for_its_own_needs_only(pair):
    say_unfit(pair.offer, pair.need, reason="too_early", by=pair.officer)
    assert lowered(pair) == {
        *(("need", offer) for offer in ("offer", "own_other", "theirs")),
        *(("own_like", offer) for offer in ("offer", "own_other", "theirs")),
    }


def test_an_institutions_word_lowers_its_own_achievements_only(pair):
    """It cannot push down the achievement of a competitor, whatever reason it gives."""
    say_unfit(pair.offer, pair.need, reason="too_early", by=pair.office)
    assert lowered(pair) == {("need", "offer"), ("need", "own_other"), ("own_like", "offer"), ("foreign_like", "offer")}


def test_the_pair_is_lowered_as_after_an_officers_reason_and_the_sentence_says_by_whom(pair):
    before = lowered(pair), Match.objects.get(achievement=pair.offer, demand=pair.need).score
    say_unfit(pair.offer, pair.need, reason="field", by=pair.officer)
    lowered(pair)
    match = Match.objects.get(achievement=pair.offer, demand=pair.need)
    assert before[0] == set() and match.score < before[1]
    assert match.effects == [
        {"kind": "side_unfit", "decision": SideFeedback.objects.get().pk, "factor": 0.5, "side": "firm"}
    ]
    assert match.effect_sentences == ["因企业的反馈（表示这一对不适合）降低了匹配度"]


def test_officers_figures_and_learning_do_not_count_it(pair):
    match = make.match(achievement=pair.offer, demand=pair.need)
    city = make.city_officer()
    figures = count_figures(OverviewScope(city), list(FIGURES))
    say_unfit(pair.offer, pair.need, reason="indicator", by=pair.officer)
    match.refresh_from_db()
    assert (match.status, match.revision, Decision.objects.count()) == ("proposed", 0, 0)
    assert count_figures(OverviewScope(city), list(FIGURES)) == figures
    assert not latest_verdicts().exists() and not active_effects() and not training_examples("p3", for_levels=True)


def test_taken_back_or_lifted_or_too_old_it_has_no_effect(pair):
    today = timezone.localdate()
    feedback = say_unfit(pair.offer, pair.need, reason="has_supplier", by=pair.officer)
    assert effects_for([pair.need.pk], today)
    with pytest.raises(PermissionDenied):
        withdraw_feedback(feedback, by=pair.office)
    withdraw_feedback(feedback, by=pair.officer)
    assert not effects_for([pair.need.pk], today)
    with pytest.raises(ValidationError, match="已经失效"):
        withdraw_feedback(feedback, by=pair.officer)
    again = say_unfit(pair.offer, pair.need, reason="has_supplier", by=pair.officer)
    for stranger in (pair.officer, pair.office, make.district_officer("210202")):
        with pytest.raises(PermissionDenied):
            lift_feedback(again, by=stranger, reason="企业已说明是误填")
    with pytest.raises(ValidationError, match="请写明原因"):
        lift_feedback(again, by=make.district_officer(), reason=" ")
    lift_feedback(again, by=make.district_officer(), reason="企业已说明是误填")
    assert not effects_for([pair.need.pk], today)
    actions = AuditRecord.objects.filter(action__contains="反馈").values_list("action", flat=True)
    assert sorted(actions) == ["反馈不适合", "反馈不适合", "撤回不适合的反馈", "解除反馈的影响"]
    old = say_unfit(pair.offer, pair.need, reason="has_supplier", by=pair.officer)
    SideFeedback.objects.filter(pk=old.pk).update(made_at=timezone.now() - timedelta(days=367))
    assert not effects_for([pair.need.pk], today)


def test_who_may_not_say_it_and_what_is_refused(pair, monkeypatch):
    strangers = [make.firm_officer(pair.other_firm), make.institution_officer(pair.competitor), make.city_officer()]
    for stranger in (*strangers, make.district_officer(), make.auditor(), make.user()):
        with pytest.raises(PermissionDenied):
            say_unfit(pair.offer, pair.need, reason="field", by=stranger)
    hidden = make.achievement(registered=False, institution=pair.competitor)
    with pytest.raises(PermissionDenied):
        say_unfit(hidden, pair.need, reason="field", by=pair.officer)
    draft = make.demand(published=False, firm=pair.other_firm)
    with pytest.raises(PermissionDenied):
        say_unfit(pair.offer, draft, reason="field", by=pair.office)
    refused = [
        ({"reason": "nonsense"}, pair.officer, "请选择不适合的原因"),
        ({"reason": "has_supplier"}, pair.office, "请选择不适合的原因"),
        ({"reason": "other"}, pair.officer, "请用一句话说明"),
        ({"reason": "other", "note": "\u200b \u202e"}, pair.officer, "请用一句话说明"),
        ({"reason": "other", "note": "找钱经理 13800138000"}, pair.officer, "个人信息"),
        ({"reason": "field", "note": "长" * 301}, pair.officer, "最多 300 个字"),
    ]
    for values, by, message in refused:
        with pytest.raises(ValidationError, match=message):
            say_unfit(pair.offer, pair.need, by=by, **values)
    say_unfit(pair.offer, pair.need, reason="field", by=pair.officer)
    with pytest.raises(ValidationError, match="已经反馈过"):
        say_unfit(pair.offer, pair.need, reason="price", by=pair.officer)
    monkeypatch.setattr(side_feedback, "MAX_PER_HOUR", 0)
    with pytest.raises(ValidationError, match="一小时内"):
        say_unfit(pair.own_other, pair.need, reason="field", by=pair.officer)
    type(pair.need).objects.filter(pk=pair.need.pk).update(status="closed", status_reason="已自行解决")
    pair.need.refresh_from_db()
    with pytest.raises(ValidationError, match="已关闭"):
        say_unfit(pair.theirs, pair.need, reason="field", by=pair.officer)
    assert SideFeedback.objects.count() == 1


def test_a_refusal_teaches_and_a_change_of_mind_takes_it_back(pair):
    match = make.match(achievement=pair.offer, demand=pair.need)
    accept_match(match, by=make.district_officer())
    asked = SideResponse.objects.get(follow_up__match=match, side="firm")
    answer_unwilling(asked, reason="not_fit", note="请致电 13800138000", unfit="indicator", by=pair.officer)
    feedback = SideFeedback.objects.get()
    assert (feedback.side, feedback.reason, feedback.note, feedback.ended_at) == ("firm", "indicator", "", None)
    contact = make.contact(pair.firm)
    answer_willing(asked, contact=contact, consents=True, by=pair.officer)
    feedback.refresh_from_db()
    assert feedback.ended_by == pair.officer


def test_the_district_reads_it_on_the_desk_and_the_other_side_never(pair, client):
    make.match(achievement=pair.offer, demand=pair.need)
    say_unfit(pair.offer, pair.need, reason="other", note="只要<b>无钴</b>材料", by=pair.officer)
    district = make.district_officer()
    [sheet] = load_demands([pair.need.public_id], district)
    assert "企业说不适合：其他原因（只要<b>无钴</b>材料）" in sheet.candidates[0].feedback[0]
    client.force_login(district)
    desk = client.get(reverse("admin:matching_triage_need", args=[pair.need.public_id])).text
    effects = client.get(reverse("admin:matching_effects")).text
    assert "只要&lt;b&gt;无钴" in desk and "只要&lt;b&gt;无钴" in effects and "<b>无钴" not in desk + effects
    client.force_login(pair.office)
    assert "无钴" not in client.get(reverse("side_feedback")).text
    assert SideFeedback.objects.visible_to(pair.office).count() == 0
    client.force_login(district)
    feedback = SideFeedback.objects.get()
    client.post(reverse("admin:matching_effects"), {"feedback": feedback.public_id, "reason": "企业已说明是误填"})
    feedback.refresh_from_db()
    assert feedback.ended_by == district


def test_the_form_a_firm_fills_in_on_a_phone(pair, client):
    address = reverse("side_feedback_new") + f"?achievement={pair.offer.public_id}"
    client.force_login(pair.officer)
    page = client.get(address).text
    assert pair.need.title in page and pair.foreign_like.public_id not in page
    missing = client.post(address, {"reason": "price", "note": ""})
    assert missing.status_code == 422 and "请选择一项需求" in missing.text
    foreign = client.post(address, {"reason": "price", "demand": pair.foreign_like.public_id})
    assert foreign.status_code == 422 and not SideFeedback.objects.exists()
    client.post(address, {"reason": "price", "demand": pair.need.public_id})
    feedback = SideFeedback.objects.get()
    assert (feedback.demand, feedback.side) == (pair.need, "firm")
    listed = client.get(reverse("side_feedback")).text
    assert "价格或合作方式不合" in listed and "只影响本企业自己的需求" in listed
    client.post(reverse("side_feedback_withdraw", args=[feedback.public_id]))
    feedback.refresh_from_db()
    assert feedback.ended_by == pair.officer
    client.force_login(pair.office)
    page = client.get(f"{address}&demand={pair.foreign_like.public_id}").text
    assert "企业已有供应商" not in page and "企业看不到" in page
    client.force_login(make.institution_officer(pair.competitor))
    assert client.get(f"{address}&demand={pair.need.public_id}").status_code == 404


def test_effects_of_a_side_are_part_of_a_runs_scoring(pair):
    say_unfit(pair.offer, pair.need, reason="price", by=pair.officer)
    run = start_run("一轮", by=None)
    assert prepare_run(run.pk)
    scoring = RunScoring.of_run(run, [pair.need.pk])
    assert {effect.side for effect in scoring.effects[pair.need.pk]} == {"firm"}
