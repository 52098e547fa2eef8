import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from notices.models import Delivery
from rounds.models import GuestTerms, LetterText
from rounds.services.guest_letters import (
    LetterWriter,
    check_text,
    copy_texts,
    fill,
    reset_text,
    save_terms,
    save_text,
    text_of,
)
from rounds.services.guests import invite_parties
from rounds.services.invitations import invitation_letters
from tests import factories as make

pytestmark = pytest.mark.django_db
OWN = "{单位}，请在{答复截止}前答复：{答复链接}，电话{联系电话}"


@pytest.fixture
def docking_round():
    docking_round = make.docking_round(description="内部：先不要通知外地院校", place="会展中心")
    GuestTerms.objects.create(
        docking_round=docking_round,
        contact_name="会务组",
        contact_phone="0411-0000000",
        reply_by=timezone.localdate(docking_round.starts_at),
    )
    return docking_round


def test_mail_and_letter_name_contact_telephone_and_day_of_reply(docking_round):
    city = make.city_officer()
    party = make.party(docking_round, answer="listed")
    make.contact(party.organisation, email="contact@example.cn")
    invite_parties([party], by=city)
    letter = "".join(next(iter(invitation_letters(docking_round, city))).paragraphs)
    for text in (Delivery.objects.get().body, letter):
        assert "0411-0000000" in text and "会务组" in text and re.search(r"\d+月\d+日前", text)
        assert "内部" not in text and "{" not in text


def test_the_city_writes_a_text_in_versions_and_goes_back(docking_round):
    city, party = make.city_officer(), make.party(docking_round)
    save_text(docking_round, "invitation", subject="请来", body=OWN, by=city)
    save_text(docking_round, "invitation", subject="请一定来", body=OWN, by=city)
    written = LetterWriter(docking_round).write("invitation", party)
    assert written.subject == "请一定来" and written.body.startswith(f"{party.full_name}，请在")
    other = make.docking_round()
    assert copy_texts(docking_round, other, by=city) == 1 and text_of(other, "invitation")[0] == "请一定来"
    reset_text(docking_round, "invitation", by=city)
    assert "诚邀" in LetterWriter(docking_round).write("invitation", party).body
    assert LetterText.objects.filter(docking_round=docking_round).count() == 3
    with pytest.raises(PermissionDenied):
        save_text(docking_round, "invitation", subject="", body=OWN, by=make.district_officer())


@pytest.mark.parametrize(
    ("body", "words"),
    [(" ", "不能为空"), (OWN + "{单位名}", "没有“{单位名}”"), ("请答复：{答复链接}", "{答复截止}、{联系电话}")],
)
def test_a_text_that_nobody_could_answer_is_refused(body, words):
    with pytest.raises(ValidationError) as refusal:
        check_text("invitation", "", body)
    assert words in refusal.value.messages[0]


def test_empty_lines_are_left_out_and_values_are_not_read_again():
    assert fill("主题：{主题}\n地点：{地点}", {"主题": "", "地点": "{主题}"}) == "地点：{主题}"


def test_terms_are_checked(docking_round):
    city = make.city_officer()
    with pytest.raises(ValidationError, match="活动当天或以前"):
        save_terms(docking_round, {"reply_by": timezone.localdate(docking_round.ends_at).replace(year=2099)}, by=city)
    with pytest.raises(ValidationError, match="电话也写上"):
        save_terms(docking_round, {"contact_name": "会务组", "contact_phone": ""}, by=city)
