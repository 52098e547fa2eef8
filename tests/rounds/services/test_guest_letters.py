import io
import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from audit.models import AuditRecord
from notices.models import Delivery
from notices.services.city_texts import reset_city_text, save_city_text
from notices.texts.declared import text_of_key
from notices.texts.fields import fill
from notices.texts.writing import Wording
from rounds.models import GuestTerms, LetterText
from rounds.services.guest_letters import (
    LetterWriter,
    Level,
    check_text,
    copy_texts,
    reset_text,
    save_terms,
    save_text,
    text_of,
)
from rounds.services.guests import invite_parties
from rounds.services.invitations import invitation_letters
from tests import factories as make

pytestmark = pytest.mark.django_db
OWN = "{单位}，请在{答复截止}前答复：{答复链接}，电话{联系电话}，{时间}，{地点}"


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
    assert copy_texts(docking_round, other, by=city) == 1 and text_of(other, "invitation").wording.subject == "请一定来"
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


def test_the_citys_text_stands_between_the_rounds_own_and_the_built_in_one(docking_round):
    city, party = make.city_officer(), make.party(docking_round)
    text, other = text_of_key("rounds.invitation"), make.docking_round()
    save_city_text(text, Wording("市里请您来", OWN, "请答复“{活动}”"), by=city)
    assert text_of(docking_round, "invitation").level == Level.CITY
    assert LetterWriter(docking_round).write("invitation", party).subject == "市里请您来"
    save_text(docking_round, "invitation", subject="本场请您来", body=OWN, by=city)
    own = LetterWriter(docking_round).write("invitation", party)
    assert (own.subject, own.line) == ("本场请您来", f"请答复“{docking_round.name}”")
    assert text_of(other, "invitation").wording.subject == "市里请您来"
    reset_text(docking_round, "invitation", by=city)
    assert text_of(docking_round, "invitation").level == Level.CITY
    with pytest.raises(ValidationError, match="全市的文字"):
        reset_text(docking_round, "invitation", by=city)
    reset_city_text(text, by=city)
    assert text_of(docking_round, "invitation").level == Level.BUILT_IN


def test_mail_and_printed_letter_of_one_guest_agree_on_time_place_and_reply_by(docking_round, signed_in):
    """In the PDF of a real guest, whatever the city has written: neither text can leave one of the three out."""
    city = make.city_officer()
    party = make.party(docking_round, answer="listed")
    make.contact(party.organisation, email="contact@example.cn")
    invite_parties([party], by=city)
    save_city_text(
        text_of_key("rounds.letter"), Wording("请柬", "{地点}，{时间}，{答复截止}前答复，{联系电话}", ""), by=city
    )
    party.refresh_from_db()
    address = reverse("admin:rounds_letters_print", args=[docking_round.pk])
    answer = signed_in(city).get(address, {"party": party.public_id})
    paper = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.getvalue())).pages).replace("\n", "")
    values = LetterWriter(docking_round).values(party)
    mail = Delivery.objects.get().body
    for name in ("时间", "地点", "答复截止", "单位", "邀请码"):
        assert values[name] and values[name] in mail and values[name].replace(" ", "") in paper.replace(" ", ""), name
    assert AuditRecord.objects.get(action="试打印邀请函").object_id == str(party.pk)
    foreign = signed_in(make.district_officer("gaoxin")).get(address, {"party": party.public_id})
    assert foreign.status_code == 404
    for kind in ("invitation", "letter"):
        with pytest.raises(ValidationError, match=r"\{时间\}、\{地点\}、\{答复截止\}"):
            check_text(kind, "请柬", "{联系电话}{答复链接}")
