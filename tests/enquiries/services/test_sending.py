"""An enquiry is sent: its clock, its alias, what its text may not say, and the bounds on spam."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.names import PUBLIC, name_for
from accounts.services.members import add_member
from core.workdays import add_workdays
from enquiries.models import Approach, ApproachBlock
from enquiries.services.closing import block_sender, end_approach, lift_block
from notices.models import Notice
from tests import factories as make

pytestmark = pytest.mark.django_db


def test_it_reaches_all_officers_of_the_institution_with_a_due_day(settings):
    achievement = make.achievement()
    officers = {make.institution_officer(achievement.institution) for _ in range(2)}
    approach = make.approach(achievement=achievement)
    today = timezone.localdate()
    assert (approach.status, approach.answer_due_on) == ("sent", add_workdays(today, 5))
    assert {notice.recipient for notice in Notice.objects.filter(kind="approach")} == officers
    assert set(Approach.objects.received_by(officers.pop())) == {approach}
    assert set(Approach.objects.sent_by(approach.created_by)) == {approach}
    assert not Approach.objects.visible_to(make.firm_officer())
    assert not Approach.objects.visible_to(make.institution_officer(make.institution("别的院校")))
    assert not Approach.objects.visible_to(make.district_officer("gaoxin"))
    for staff in (make.district_officer(), make.city_officer(), make.auditor()):
        assert set(Approach.objects.visible_to(staff)) == {approach}


def test_without_an_officer_there_the_district_and_the_city_hear_of_it():
    staff = {make.district_officer(), make.city_officer()}
    make.approach()
    assert {notice.recipient for notice in Notice.objects.filter(kind="approach")} == staff


def test_each_anonymous_enquiry_has_an_alias_of_its_own_that_says_nothing():
    firm = make.firm()
    user = make.firm_officer(firm)
    aliases = {make.approach(firm=firm, by=user, is_anonymous=True).public_alias for _ in range(4)}
    assert len(aliases) == 4
    assert all(alias.startswith("大连市某企业（代号") for alias in aliases)
    approach = Approach.objects.first()
    reader = make.institution_officer(approach.institution)
    assert name_for(firm, reader, approach) == name_for(firm, PUBLIC, approach) == approach.public_alias
    assert firm.name not in "".join(Notice.objects.values_list("text", flat=True))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("   ", "请写下一个想问的问题"),
        ("问" * 1001, "1001 个字"),
        ("请打 139 4000 1234 联系我们，想谈谈合作。", "手机号"),
        ("密级：机密，我们的产线想用这项工艺。", "涉密"),
        ("微信 abcdef123 详谈", "账号"),
    ],
)
def test_a_text_that_may_not_be_sent_says_why(text, message):
    with pytest.raises(ValidationError, match=message):
        make.approach(text=text)
    assert not Approach.objects.exists()


def test_an_anonymous_text_must_not_lead_to_the_firm():
    firm = make.firm("大连澜溯泵业有限公司")
    user = make.firm_officer(firm)
    for text in ("我们澜溯泵业的密封件总是漏", "澜 溯的密封件总是漏", "厂在中山路 88 号，密封件总是漏"):
        with pytest.raises(ValidationError, match="选择了匿名"):
            make.approach(firm=firm, by=user, is_anonymous=True, text=text)
    assert make.approach(firm=firm, by=user, text="我们澜溯泵业的密封件总是漏").pk


def test_who_may_not_send():
    achievement = make.achievement()
    office = make.institution_officer(achievement.institution)
    firm = make.firm()
    for by in (office, make.firm_officer(), make.city_officer()):
        with pytest.raises(PermissionDenied):
            make.approach(achievement=achievement, firm=firm, by=by)
    add_member(office, firm, "firm_officer", by=None)
    both = type(office).objects.get(pk=office.pk)
    with pytest.raises(ValidationError, match="不能向自己发起"):
        make.approach(achievement=achievement, firm=firm, by=both)
    for status in ("paused", "withdrawn", "transferred"):
        hidden = make.achievement(status=status, status_reason="演示", institution=make.institution("别的院校"))
        with pytest.raises(ValidationError, match="不接受询问"):
            make.approach(achievement=hidden, by=make.firm_officer(firm))


def test_bounds_on_number_and_repetition(settings):
    settings.APPROACHES_OPEN, settings.APPROACHES_A_DAY, settings.APPROACHES_OF_ONE_TEXT = 3, 4, 2
    firm = make.firm()
    user = make.firm_officer(firm)
    first = make.approach(by=user)
    with pytest.raises(ValidationError, match="已有一条进行中的询问"):
        make.approach(by=user, achievement=first.achievement)
    letter = "贵校的“{}”能否提供给我们？我们可以承担 {} 万元费用。"
    for number in range(2):
        achievement = make.achievement()
        make.approach(by=user, achievement=achievement, text=letter.format(achievement.title, number))
    achievement = make.achievement()
    with pytest.raises(ValidationError, match="已有 3 条"):
        make.approach(by=user)
    end_approach(first, reason="solved", by=user)
    with pytest.raises(ValidationError, match="同样的内容"):
        make.approach(by=user, achievement=achievement, text=letter.format(achievement.title, 99))
    make.approach(by=user)
    end_approach(Approach.objects.open().first(), reason="withdrawn", by=user)
    with pytest.raises(ValidationError, match="24 小时"):
        make.approach(by=user)
    Approach.objects.update(sent_at=timezone.now() - timedelta(days=2))
    assert make.approach(by=user).status == "sent"
    assert make.approach().status == "sent"  # another firm is not affected


def test_a_blocked_firm_is_refused_until_the_block_is_lifted():
    approach = make.approach(is_anonymous=True)
    office = make.institution_officer(approach.institution)
    sender = approach.created_by
    with pytest.raises(PermissionDenied):
        block_sender(approach, reason="反复推销", by=sender)
    block = block_sender(approach, reason="反复推销", by=office)
    assert approach.status == "ended"
    assert approach.firm.name not in str(block)
    with pytest.raises(ValidationError, match="暂不接收"):
        make.approach(by=sender, achievement=approach.achievement)
    assert make.approach(by=sender, achievement=make.achievement(institution=make.institution("别的院校"))).pk
    with pytest.raises(PermissionDenied):
        lift_block(block, by=sender)
    assert set(ApproachBlock.objects.visible_to(make.city_officer())) == {block}
    assert not ApproachBlock.objects.visible_to(sender)
    lift_block(block, by=make.city_officer())
    assert make.approach(by=sender, achievement=approach.achievement).pk
