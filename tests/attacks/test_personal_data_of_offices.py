"""One person in everything that an institution's office keeps: the copy has it; after a deletion nothing names it."""

import io
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from django.utils import timezone

from accounts.models import Contact
from achievements.models import Completer
from correspondence.models import CompleterLetter, Handover
from correspondence.people import completers_of
from correspondence.services.completer_answers import answer_by_link
from correspondence.services.handovers import hand_over
from deals.models import IncomeCase, IncomeShare, PriceObjection, PricePublicity
from drafting.models import DocumentDraft, DraftDocument
from drafting.services import documents
from portfolio.models import CompleterConsent
from portfolio.services.consents import give_consent
from privacy.copies import person_copy
from privacy.models import DataRequest
from privacy.records import records_of
from privacy.services import handling, requests
from tests import factories as make

pytestmark = pytest.mark.django_db
NAME, MAIL = "司徒明", "situ@example.cn"
KINDS = {"share", "objection", "draft", "handover", "consent", "letter"}
TEXT = (
    f"成果名称：海带净化装置\n负责人：{NAME}\n完成人：{NAME}；司徒明华\n"
    f"成果简介：装置由{NAME}团队研制，已在三家企业使用。\n"
)


@pytest.fixture
def school():
    return make.institution("大连隐私大学")


@pytest.fixture
def office(school):
    return make.institution_officer(school)


@pytest.fixture
def item(school, office):
    contact = Contact.objects.create(organisation=school, name=NAME, email=MAIL, consented_at=timezone.now())
    item = make.achievement(institution=school, lead_person=NAME, contact=contact)
    Completer.objects.create(achievement=item, name=NAME, unit="化工学院")
    give_consent(item, NAME, by=office)
    CompleterLetter.objects.create(contact=contact, month=date(2026, 10, 1), item_count=1)
    return item


@pytest.fixture
def shares(school, office):
    """A share of the person in a decided case and in a draft; in each also one of another person."""
    rows = []
    for status in ("decided", "draft"):
        done = {"decided_at": timezone.now(), "evidence": "income/a.pdf"} if status == "decided" else {}
        values = {"way": "transfer", "income_on": timezone.localdate(), "gross_wan": Decimal(100), "status": status}
        case = IncomeCase.objects.create(institution=school, title=f"收入{status}", made_by=office, **values, **done)
        for name in (NAME, "司马光"):
            rows.append(IncomeShare.objects.create(case=case, name=name, amount_wan=Decimal("31.41")))
    return rows


@pytest.fixture
def objection(school):
    today = timezone.localdate()
    publicity = PricePublicity.objects.create(
        deal=make.deal(seller=school), place="网站", price_wan=Decimal(9), starts_on=today,
        ends_on=today + timedelta(days=20),
    )  # fmt: skip
    return PriceObjection.objects.create(
        publicity=publicity, who=NAME, contact=MAIL, raised_on=today, text=f"{NAME}认为价格偏低", is_from_page=True
    )


@pytest.fixture
def draft(school, office):
    (draft,) = documents.add_documents([], text=TEXT, institution=school, by=office)
    documents.read_draft_document(draft.documents.get())
    draft.refresh_from_db()
    assert NAME in draft.text_of("lead_person")
    draft.typed = {"completers": f"{NAME}（化工学院）；司徒明华"}
    draft.save()
    return draft


@pytest.fixture
def handover(item, office):
    approach = make.approach(achievement=item)
    person = next(key for key, name in completers_of(item).items() if name == NAME)
    row = hand_over(approach, person, closes_on=timezone.localdate() + timedelta(days=3), by=office)
    answer_by_link(row, "text", text="可以试用，我来对接。")
    row.refresh_from_db()
    return row


def asked(kind: str, city) -> DataRequest:
    request = requests.submit_request(kind, name=NAME, email="", unit="隐私", by=None)
    requests.verify_by_officer(request, by=city, note="本人来访，出示身份证")
    request.refresh_from_db()
    return request


def cells(content: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return str([cell.value for sheet in book for row in sheet.iter_rows() for cell in row])


@pytest.mark.long
def test_one_person_across_all(item, shares, objection, draft, handover, settings, django_capture_on_commit_callbacks):
    city = make.city_officer()
    request = asked("access", city)
    rows = [row for row in records_of(request) if row.kind in KINDS]
    assert {row.kind for row in rows} == KINDS
    handling.confirm_records(request, [row.key for row in rows], by=city)
    request.refresh_from_db()
    copy, officers = cells(person_copy(request)), cells(person_copy(request, for_officer=True))
    for part in ("31.41", f"{NAME}认为价格偏低", MAIL, "可以试用，我来对接", "2026-10", "负责人"):
        assert part in copy, part
    assert "31.41" not in officers, "not even the city reads the amount of a person"

    stored = Path(settings.MEDIA_ROOT) / draft.documents.get().file.name
    assert stored.exists()
    request = asked("delete", city)
    with django_capture_on_commit_callbacks(execute=True):
        handling.erase_records(request, [row.key for row in records_of(request)], by=city)

    assert not stored.exists()
    for model in (IncomeShare, PriceObjection, DocumentDraft, DraftDocument, Handover):
        texts = str(list(model.objects.values())).replace("司徒明华", "")
        assert NAME not in texts, model
        assert MAIL not in texts, model
    draft.refresh_from_db()
    assert draft.text_of("completers") == "司徒明华", "the other person stays"
    assert sorted(IncomeShare.objects.values_list("case__status", "name")) == [
        ("decided", "司**"), ("decided", "司马光"), ("draft", "司马光"),
    ]  # fmt: skip
    handover.refresh_from_db()
    assert (handover.fingerprint, "对接" in handover.text) == ("", False)
    assert not CompleterLetter.objects.exists()
    assert item.contact.letter_preference.stopped_at
    assert not CompleterConsent.objects.given().exists()
    again = {row.kind for row in records_of(asked("delete", city))}
    assert again <= {"consent"}, "what stays is the proof of the consent, without a name"


def test_a_withdrawn_consent_of_a_completer_pauses_the_achievement(item):
    city = make.city_officer()
    request = asked("withdraw", city)
    keys = [row.key for row in records_of(request) if row.kind == "consent"]
    assert handling.withdraw_consents(request, keys, by=city) == 1
    item.refresh_from_db()
    assert item.status == "paused"
