"""应答: who may answer which demand with what, what is refused in which words, and how the firm declines."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from achievements.models import Achievement
from demands.services.undertakings import sign_undertaking
from enquiries.models import Approach, Offer
from enquiries.services.answers import (
    OfferDetails,
    answer_demand,
    decline_answer,
    name_achievement,
    write_achievement,
)
from enquiries.services.closing import block_sender, end_approach
from enquiries.services.docking import agree_to_dock
from matching.models import SideFeedback
from notices.models import Notice
from tests import factories as make

pytestmark = pytest.mark.django_db
TEXT = "我们做过同样工况的表面包覆，可以先打样。"


@pytest.fixture
def officer():
    return make.institution_officer()


def answer(demand, by, text=TEXT, **values) -> Approach:
    institution = values.pop("institution", None) or make.institution()
    return answer_demand(demand, institution=institution, text=text, by=by, **values)


def refused(call, words: str) -> None:
    with pytest.raises(ValidationError) as error:
        call()
    assert words in "".join(error.value.messages), error.value.messages


def test_an_answer_reaches_the_firm_with_its_offer_and_a_clock(officer):
    firm_user = make.firm_officer()
    demand = make.demand(firm=firm_user.memberships.get().organisation)
    details = OfferDetails("先做三批小样", "3 个月", Decimal(20), Decimal(50), "做过两家轴承厂")
    approach = answer(demand, officer, achievement=make.achievement(), details=details)
    assert (approach.kind, approach.status, approach.firm) == ("answer", "sent", demand.firm)
    assert approach.offer.price_text == "20–50 万元" and approach.answer_due_on is not None
    assert Notice.objects.for_user(firm_user).get().path == f"/workbench/approaches/{approach.public_id}/"
    assert Approach.objects.received_by(firm_user).get() == approach


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": "solved"}, "已经解决"),
        ({"status": "challenge"}, "揭榜挂帅"),
        ({"status": "closed", "status_reason": "另有安排"}, "暂停或关闭"),
        ({"expires_on": "2020-01-01"}, "暂停或关闭"),
        ({"disclosure": "teaser", "teaser": "找热处理工艺"}, "保密承诺"),
    ],
)
def test_a_demand_that_takes_no_answers_says_why(officer, fields, words):
    demand = make.demand(**fields)
    refused(lambda: answer(demand, officer), words)
    assert not Approach.objects.exists() and not Offer.objects.exists()


def test_a_teaser_is_answered_after_the_undertaking(officer):
    demand = make.demand(disclosure="teaser", teaser="找热处理工艺")
    sign_undertaking(make.institution(), by=officer, has_read=True)
    assert answer(demand, officer).status == "sent"


def test_only_with_an_own_published_achievement_by_an_own_officer(officer):
    demand = make.demand()
    foreign = make.achievement(institution=make.institution("大连海事大学"))
    draft = make.achievement(registered=False)
    paused = make.achievement(status="paused", status_reason="独家洽谈")
    for item in (foreign, draft, paused):
        refused(lambda item=item: answer(demand, officer, achievement=item), "本单位公开、在库")
    with pytest.raises(PermissionDenied):
        answer(demand, officer, institution=foreign.institution, achievement=foreign)
    own_firm = make.demand(firm=make.firm_officer().memberships.get().organisation)
    both = make.institution_officer()
    make.add_member(both, own_firm.firm, "firm_officer", by=None)
    refused(lambda: answer(own_firm, both), "本人所在企业")


def test_not_twice_with_one_achievement_and_at_most_three_of_one_institution(officer):
    demand, items = make.demand(), [make.achievement() for _ in range(3)]
    first = answer(demand, officer, "第一种办法：包覆。", achievement=items[0])
    refused(lambda: answer(demand, officer, "再说一次。", achievement=items[0]), "原来的应答里继续")
    end_approach(first, reason="withdrawn", by=officer)
    answer(demand, officer, "收回以后重写。", achievement=items[0])  # what was withdrawn may be sent again
    answer(demand, officer, "第二种办法：掺杂。", achievement=items[1])
    answer(demand, officer, "没有登记的办法。")
    refused(lambda: answer(demand, officer, "还有一种。", achievement=items[2]), "不能再多")


@pytest.mark.parametrize("field", ["text", "method", "duration", "strength"])
def test_texts_with_personal_data_or_too_long_are_refused_at_their_field(officer, field):
    def send(value: str):
        values = {"text": TEXT, "method": "", "duration": "", "strength": ""} | {field: value}
        return answer(make.demand(), officer, values.pop("text"), details=OfferDetails(**values))

    for value in ("电话 13904110001", "字" * 100_000):
        with pytest.raises(ValidationError) as error:
            send(value)
        assert field in error.value.message_dict
    assert not Approach.objects.exists()


def test_the_same_text_to_many_demands_and_many_answers_a_day_are_bounded(officer, settings):
    settings.APPROACHES_A_DAY = 5
    for _ in range(settings.APPROACHES_OF_ONE_TEXT):
        answer(make.demand(), officer)
    refused(lambda: answer(make.demand(), officer), "同样的内容")
    answer(make.demand(), officer, "另一段不同的话。")
    answer(make.demand(), officer, "再一段完全不同的说明。")
    refused(lambda: answer(make.demand(), officer, "第六段说明。"), "明天再发")


def test_a_block_does_not_tell_which_firm_an_anonymous_demand_is_of(officer):
    firm_user = make.firm_officer()
    firm = firm_user.memberships.get().organisation
    block_sender(answer(make.demand(firm=firm), officer), reason="推销", by=firm_user)
    refused(lambda: answer(make.demand(firm=firm), officer, "再来一次。"), "不接收")
    hidden = make.demand(firm=firm, is_anonymous=True, public_alias="某企业（代号云帆）")
    assert answer(hidden, officer, "匿名的这一项也能做。").is_anonymous


def test_other_institutions_do_not_see_an_offer(officer):
    approach = answer(make.demand(), officer)
    competitor = make.institution_officer(make.institution("大连海事大学"))
    assert not Approach.objects.visible_to(competitor)
    assert Approach.objects.visible_to(make.institution_officer()).get() == approach  # a colleague


def test_the_firm_declines_with_a_reason_of_the_review(officer):
    firm_user = make.firm_officer()
    demand = make.demand(firm=firm_user.memberships.get().organisation)
    approach = answer(demand, officer, achievement=make.achievement())
    for reason, note, words in (("nonsense", "", "原因"), ("other", " ", "说明")):
        refused(lambda r=reason, n=note: decline_answer(approach, reason=r, note=n, by=firm_user), words)
    with pytest.raises(PermissionDenied):
        decline_answer(approach, reason="price", by=officer)
    decline_answer(approach, reason="price", note="高出一倍", by=firm_user)
    assert (approach.status, approach.end_reason, approach.offer.decline_reason) == ("ended", "terms", "price")
    assert approach.first_answered_at and "价格或合作方式不合：高出一倍" in approach.end_note
    assert SideFeedback.objects.get(achievement=approach.achievement, demand=demand).reason == "price"
    refused(lambda: answer(demand, officer, "换个说法。", achievement=approach.achievement), "不能重复应答")


def test_a_free_offer_docks_with_an_achievement_that_the_institution_names(officer):
    make.district_officer()
    firm_user = make.firm_officer()
    demand = make.demand(firm=firm_user.memberships.get().organisation)
    approach = answer(demand, officer)

    def agree(by):
        contact = make.contact(approach.organisation_of(approach.side_of(by.scope)))
        return agree_to_dock(approach, contact=contact, consents=True, by=by)

    refused(lambda: agree(firm_user), "指明")
    with pytest.raises(PermissionDenied):
        name_achievement(approach, make.achievement(), by=firm_user)
    foreign = make.achievement(institution=make.institution("大连海事大学"))
    refused(lambda: name_achievement(approach, foreign, by=officer), "本单位")
    write_achievement(approach, title="轴承滚道包覆", lead_person="示例人", form="process", stage="early", by=officer)
    draft = approach.achievement
    assert draft.status == Achievement.Status.DRAFT and not Achievement.objects.visible_to(firm_user).filter(
        pk=draft.pk
    )
    agree(officer)
    agree(firm_user)
    assert (approach.status, approach.match.achievement, approach.match.follow_up.status) == ("docking", draft, "talks")
