"""Attacks on requests of persons about their data, and what must be gone after a deletion (docs/security.md)."""

import io
import re
from datetime import timedelta

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Contact, ContactShare, User
from accounts.services.contacts import (
    ContactDetails,
    reveal_contact,
    save_contacts,
    share_contact,
)
from achievements.models import Completer
from achievements.services.editing import update_achievement
from audit.models import AuditRecord
from favourites.models import Favourite
from members.services.sign_ups import Proof
from notices.models import Delivery, Notice
from privacy.copies import person_copy
from privacy.models import DataRequest
from privacy.records import records_of
from privacy.services import handling, notifications, requests
from subscriptions.models import SavedSearch
from tests import factories as make
from tests.achievements import uploads
from tests.members.services.test_sign_ups import application

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact():
    return Contact.objects.create(
        organisation=make.firm("大连藏龙轴承有限公司"),
        name="司徒明",
        phone="13904110001",
        email="situ@example.cn",
        consented_at=timezone.now(),
    )


def asked(kind="delete", by=None, **fields) -> DataRequest:
    """A request, prepared as the task does."""
    request = requests.submit_request(kind, **({"name": "司徒明", "email": "situ@example.cn"} | fields), by=by)
    requests.prepare_request(request.pk)
    request.refresh_from_db()
    return request


def link_of(address="situ@example.cn") -> str:
    body = Delivery.objects.filter(address=address).latest("pk").body
    return re.search(r"https?://[^/]+(/personal-data/link/[\w-]+/)", body)[1]


def verified(**fields) -> DataRequest:
    request = asked(**fields)
    requests.confirm_by_link(request)
    return request


def keys(request: DataRequest, *kinds: str) -> list[str]:
    return [row.key for row in records_of(request) if row.kind in kinds or not kinds]


def texts_of_notices(user: User) -> str:
    return "".join(Notice.objects.filter(recipient=user).values_list("text", flat=True))


class TestWhoAsks:
    def test_the_answer_never_tells_whether_the_person_is_on_record(self, contact):
        pages = []
        for email in ("situ@example.cn", "nobody@example.cn"):
            client = Client()
            form = {"kind": "access", "name": "司徒明", "email": email}
            page = client.post(reverse("personal_data"), form, follow=True).content.decode()
            request = DataRequest.objects.latest("pk")
            requests.prepare_request(request.pk)
            pages.append(re.sub(rf'{request.public_id}|value="[\w-]{{64}}"|nonce="[^"]*"', "", page))
        assert pages[0] == pages[1]
        assert list(Delivery.objects.values_list("address", flat=True)) == ["situ@example.cn"]

    def test_the_mailed_link_does_nothing_when_a_scanner_fetches_it(self, contact, client):
        request = asked()
        assert client.get(link_of()).status_code == 200
        client.post(link_of(), {"action": "nonsense"})
        request.refresh_from_db()
        assert request.status == "received"
        client.post(link_of(), {"action": "confirm"})
        request.refresh_from_db()
        assert (request.status, request.verified_how) == ("verified", "mail")

    def test_the_owner_of_the_mailbox_disowns_a_request_of_somebody_else(self, contact, client):
        request = asked()
        client.post(link_of(), {"action": "disown"})
        client.post(link_of(), {"action": "confirm"})
        request.refresh_from_db()
        assert request.status == "refused"
        with pytest.raises(ValidationError):
            handling.erase_records(request, keys(request), by=make.city_officer())

    def test_nothing_is_done_for_an_unverified_person(self, contact):
        request, officer = asked(), make.city_officer()
        for deed in (handling.erase_records, handling.withdraw_consents, handling.confirm_records):
            with pytest.raises(ValidationError, match="先核实身份"):
                deed(request, keys(request), by=officer)
        with pytest.raises(ValidationError, match="先核实身份"):
            handling.answer_request(request, by=officer, answer="已删除")
        contact.refresh_from_db()
        assert contact.name == "司徒明"

    def test_only_the_city_verifies_and_names_the_proof(self, contact):
        request = asked(email="", phone="13904110001")
        owner = make.firm_officer(contact.organisation)
        for other in (owner, make.district_officer(), make.sysadmin(), make.auditor()):
            with pytest.raises(PermissionDenied):
                requests.verify_by_officer(request, by=other, note="看过身份证")
        with pytest.raises(ValidationError, match="怎样核对"):
            requests.verify_by_officer(request, by=make.city_officer(), note="  ")

    def test_a_signed_in_user_gets_no_copy_of_somebody_else(self, contact):
        thief = make.firm_officer(email="thief@example.cn")
        request = asked("access", by=thief)
        assert request.status == "verified"  # it is the thief who is verified, not the person named
        text = str([[cell.value for cell in row] for row in _sheet(person_copy(request)).iter_rows()])
        assert thief.username in text
        assert "13904110001" not in text

    def test_the_copy_has_what_the_user_wrote_and_nothing_of_others(self, contact):
        user, colleague = make.firm_officer(contact.organisation), make.firm_officer(contact.organisation)
        anonymous = make.demand(
            firm=make.firm("大连启岭轴承制造有限公司"),
            title="启岭轴承求检测仪",
            is_anonymous=True,
            public_alias="某轴承企业",
        )
        for author, note in ((user, "问问周期"), (colleague, "同事的备注")):
            Favourite.objects.create(user=author, demand=anonymous, note=note)
            SavedSearch.objects.create(user=author, kind="achievement", name=f"订阅{note}", text="轴承")
        copy = io.BytesIO(person_copy(asked("access", by=user)))
        text = str([[cell.value for cell in row] for row in openpyxl.load_workbook(copy)["本人填写"].iter_rows()])
        assert "问问周期" in text and "订阅问问周期" in text
        assert "同事的备注" not in text and "启岭" not in text

    def test_the_mailbox_gives_no_copy_of_another_telephone(self, contact):
        Contact.objects.create(
            organisation=contact.organisation, name="欧阳", email="ou@example.cn", phone="13904110009"
        )
        request = verified(kind="access", email="ou@example.cn", phone=contact.phone, name=contact.name)
        text = str([[cell.value for cell in row] for row in _sheet(person_copy(request)).iter_rows()])
        assert "13904110009" in text
        assert contact.phone not in text

    def test_an_officer_cannot_close_the_account_of_a_colleague(self):
        auditor, officer = make.auditor(email="auditor@example.cn"), make.city_officer()
        request = asked(email="auditor@example.cn", name=auditor.name)
        requests.verify_by_officer(request, by=officer, note="本人来访，出示身份证")
        with pytest.raises(ValidationError, match="本人登录"):
            handling.erase_records(request, keys(request, "user"), by=officer)
        auditor.refresh_from_db()
        assert auditor.is_active

    def test_an_organisation_sees_verified_requests_and_acts_on_its_own_rows_only(self, contact, signed_in):
        owner, plain = make.firm_officer(contact.organisation), make.firm_officer(contact.organisation)
        other = Contact.objects.create(organisation=make.firm(), name="司徒明", email="situ@example.cn")
        request = asked()
        url = reverse("data_request", args=[request.public_id])
        assert signed_in(owner).get(url).status_code == 404
        requests.confirm_by_link(request)
        assert signed_in(owner).get(url).status_code == 200
        assert signed_in(plain).get(url).status_code == 404
        assert "个人信息请求" in texts_of_notices(owner)
        signed_in(owner).post(url, {"action": "erase", "record": [f"contact-{other.pk}"]})
        other.refresh_from_db()
        assert other.name == "司徒明"
        with pytest.raises(PermissionDenied):
            handling.answer_request(request, by=owner, answer="已删除")

    def test_an_auditor_reads_and_does_nothing(self, contact, signed_in):
        request = verified()
        auditor = signed_in(make.auditor())
        url = reverse("data_request", args=[request.public_id])
        page = auditor.get(url).content.decode()
        assert "situ@example.cn" not in page
        for action in ("erase", "withdraw", "answer", "refuse", "verify", "correct", "confirm"):
            auditor.post(url, {"action": action, "record": keys(request), "answer": "x", "note": "x"})
        assert auditor.get(reverse("data_request_copy", args=[request.public_id])).status_code == 403
        request.refresh_from_db()
        contact.refresh_from_db()
        assert (request.status, contact.name) == ("verified", "司徒明")

    def test_throttled_by_address_and_by_the_mailbox_named(self, contact):
        form = {"kind": "access", "name": "司徒明", "email": "situ@example.cn"}
        answers = [
            Client(REMOTE_ADDR=f"203.0.113.{n}").post(reverse("personal_data"), form).status_code for n in range(4)
        ]
        assert answers == [302] * 3 + [429]
        others = [
            Client().post(reverse("personal_data"), form | {"email": f"a{n}@example.cn"}).status_code for n in range(6)
        ]
        assert others == [302] * 5 + [429]

    def test_bad_values_get_a_plain_sentence(self, client):
        bad = {"kind": "everything", "name": "\u200b", "phone": "abc", "email": "x", "words": "字" * 1001}
        for field, value in bad.items():
            form = {"kind": "access", "name": "司徒明", "email": "situ@example.cn"} | {field: value}
            response = client.post(reverse("personal_data"), form)
            assert response.status_code == 422, field
            assert list(response.context["form"].errors) == [field]


def _sheet(content: bytes):
    return openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]


class TestWithdrawnConsent:
    def test_the_contact_is_not_shown_from_that_moment_and_the_parties_are_told(self, contact):
        institution_officer, owner = make.institution_officer(), make.firm_officer(contact.organisation)
        other_side = institution_officer.memberships.get().organisation
        share_contact(contact, with_=other_side, about="follow_up 1", by=None)
        assert reveal_contact(contact, by=institution_officer, reason="对接").phone
        request, officer = verified(kind="withdraw"), make.city_officer()
        handling.withdraw_consents(request, keys(request, "contact"), by=officer)
        contact.refresh_from_db()
        with pytest.raises(PermissionDenied):
            reveal_contact(contact, by=institution_officer, reason="对接")
        with pytest.raises(ValidationError):
            reveal_contact(contact, by=officer, reason="对接")
        assert "139" not in contact.masked_phone
        assert "撤回" in texts_of_notices(institution_officer)
        assert "换一位联系人" in texts_of_notices(owner)

    def test_neither_a_form_nor_a_second_share_brings_it_back(self, contact):
        request = verified(kind="withdraw")
        handling.withdraw_consents(request, keys(request, "contact"), by=make.city_officer())
        details = ContactDetails(contact.organisation_id, "司徒明", "139 0411-0001", "SITU@example.cn", consents=True)
        again = save_contacts([details])[details]
        same = ContactDetails(contact.organisation_id, "司徒明", contact.phone, contact.email, consents=True)
        save_contacts([same])
        for row in (contact, again):
            row.refresh_from_db()
        assert (contact.consented_at, again.consented_at, again.name) == (None, None, "已删除")
        share_contact(contact, with_=make.institution(), about="follow_up 2", by=None)
        assert not ContactShare.objects.filter(ended_at=None).exists()
        # Another organisation may ask the person anew.
        elsewhere = ContactDetails(make.firm().pk, "司徒明", contact.phone, consents=True)
        asked_anew = save_contacts([elsewhere])[elsewhere]
        asked_anew.refresh_from_db()
        assert asked_anew.consented_at


class TestDeletion:
    @pytest.mark.long
    def test_a_completer_is_gone_from_page_interface_export_and_search_and_stays_gone(self, signed_in):
        officer = make.institution_officer()
        institution = officer.memberships.get().organisation
        item = make.achievement(institution=institution, lead_person="司徒明")
        Completer.objects.create(achievement=item, name="司徒明", unit="化工学院")
        city = make.city_officer()
        request = asked(email="", unit=institution.name)
        requests.verify_by_officer(request, by=city, note="本人来访，出示身份证")
        handling.erase_records(request, keys(request, "completer", "lead"), by=city)
        public, staff = Client(), signed_in(city)
        paths = [
            reverse("achievement_detail", args=[item.public_id]),
            f"/api/v1/achievements/{item.public_id}/",
            reverse("achievement_list") + "?q=司徒明",
        ]
        texts = [public.get(path).content.decode() for path in paths[:2]]
        assert not any("司徒明" in text for text in texts)
        assert item.title not in public.get(paths[2]).content.decode()
        update_achievement(
            item, {"lead_person": "司徒明"}, by=officer, detail_rows={"completers": [{"name": "司徒明", "unit": ""}]}
        )
        assert item.lead_person == "已删除"
        assert not item.completers.exists()
        page = staff.get(reverse("admin:achievements_achievement_change", args=[item.pk])).content.decode()
        assert "司徒明" not in page

    def test_the_trail_keeps_that_it_happened_and_not_the_data(self, contact):
        officer = make.institution_officer()
        item = make.achievement(institution=officer.memberships.get().organisation)
        update_achievement(
            item, {"lead_person": "司徒明"}, by=officer, detail_rows={"completers": [{"name": "司徒明", "unit": ""}]}
        )
        request = verified()
        handling.erase_records(request, keys(request), by=make.city_officer())
        trail = str(list(AuditRecord.objects.values()))
        assert AuditRecord.objects.filter(action="删除个人信息").exists()
        assert not re.search(r"司徒明|13904110001|situ@example\.cn", trail)

    def test_a_deleted_contact_is_in_no_row(self, contact):
        make.demand(firm=contact.organisation, contact=contact)
        request = verified()
        handling.erase_records(request, keys(request), by=make.city_officer())
        handling.answer_request(request, by=make.city_officer(), answer="已删除您的联系方式。")
        assert "13904110001" not in str(list(Contact.objects.values()))
        assert "situ@example.cn" not in str(list(Contact.objects.values())) + str(list(Delivery.objects.values()))
        DataRequest.objects.filter(pk=request.pk).update(handled_at=timezone.now() - timedelta(days=31))
        assert handling.forget_persons() == 1
        assert "situ@example.cn" not in str(list(DataRequest.objects.values()))

    def test_a_closed_account_ends_sessions_and_rights_and_keeps_its_history(self, signed_in):
        user = make.firm_officer(email="own@example.cn", phone="13904110077")
        colleague = make.firm_officer(user.memberships.get().organisation)
        browser = signed_in(user)
        assert browser.get(reverse("workbench")).status_code == 200
        request = asked(by=user, email="", name=user.name)
        handling.erase_records(request, keys(request, "user"), by=make.city_officer())
        assert browser.get(reverse("workbench")).status_code == 302
        user.refresh_from_db()
        assert (user.name, user.email, user.phone, user.is_active) == ("已删除", "", "", False)
        assert not user.has_usable_password()
        assert not user.memberships.exists()
        assert "注销了账号" in texts_of_notices(colleague)

    def test_a_deleted_application_loses_its_proof(self, settings):
        from pathlib import Path

        sign_up = application(email="applicant@example.cn", proof=Proof("执照.pdf", uploads.PDF))
        stored = Path(settings.MEDIA_ROOT) / sign_up.proof.name
        assert stored.exists()
        request = verified(email="applicant@example.cn", name="演示员")
        handling.erase_records(request, keys(request, "sign_up"), by=make.city_officer())
        sign_up.refresh_from_db()
        assert not stored.exists()
        assert (sign_up.name, sign_up.phone, sign_up.email, sign_up.password_hash) == ("已删除", "", "", "")
        assert sign_up.status == "rejected"

    def test_what_a_guest_eats_and_needs_is_in_its_copy_and_goes_with_its_name(self):
        party = make.party(make.docking_round(), make.firm("大连藏龙轴承有限公司"))
        person = make.attendee(party, name="司徒明", dietary="清真", access="轮椅通道")
        deputy = make.attendee(party, name="李华", stands_in_for="司徒明")
        request = verified(unit="藏龙轴承")
        handling.confirm_records(request, keys(request, "attendee"), by=make.city_officer())
        request.refresh_from_db()
        assert "轮椅通道" in str([[cell.value for cell in row] for row in _sheet(person_copy(request)).iter_rows()])
        handling.erase_records(request, keys(request, "attendee"), by=make.city_officer())
        person.refresh_from_db()
        deputy.refresh_from_db()
        assert (person.name, person.dietary, person.access, deputy.stands_in_for) == ("已删除", "", "", "已删除")


class TestDeadlines:
    def test_fifteen_working_days_with_reminders_and_a_mark_when_overdue(self, contact, signed_in):
        city = make.city_officer()
        request = asked()
        assert (request.due_on - timezone.localdate()).days >= 19
        assert "请在" in texts_of_notices(city)
        DataRequest.objects.update(due_on=timezone.localdate() - timedelta(days=1))
        assert notifications.remind_handlers() == 1
        assert notifications.remind_handlers() == 1
        assert texts_of_notices(city).count("逾期") == 1
        assert "已逾期" in signed_in(city).get(reverse("data_requests")).content.decode()
        assert "逾期的个人信息请求" in signed_in(city).get(reverse("workbench")).content.decode()

    def test_the_second_officer_hears_what_happened(self, contact):
        request, first = verified(), make.city_officer(name="先办的人")
        handling.answer_request(request, by=first, answer="已删除")
        again = DataRequest.objects.get(pk=request.pk)
        with pytest.raises(ValidationError, match="已经办结"):
            handling.answer_request(again, by=make.city_officer(), answer="已删除")
        with pytest.raises(ValidationError, match="先办的人"):
            handling.answer_request(again, by=make.city_officer(), answer="查无此人", refuse=True)

    def test_the_person_reads_the_answer_and_takes_the_copy_by_the_link(self, contact, client):
        reveal_contact(contact, by=make.city_officer(), reason="通知参加对接会")
        request = verified(kind="access")
        link = link_of()
        assert client.get(f"{link}download/").status_code == 404  # before the answer
        handling.answer_request(request, by=make.city_officer(), answer="副本见附件。")
        assert "副本见附件" in client.get(link).content.decode()
        book = openpyxl.load_workbook(io.BytesIO(client.get(f"{link}download/").content))
        cells = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
        assert {"13904110001", "situ@example.cn", "通知参加对接会"} <= set(cells)

    def test_a_signed_in_person_reads_the_answer_and_takes_the_copy(self, signed_in):
        user = make.firm_officer(phone="13904110088")
        request = asked("access", by=user, email="", name=user.name)
        browser, url = signed_in(user), reverse("own_data_copy", args=[request.public_id])
        assert browser.get(url).status_code == 404  # before the answer
        handling.answer_request(request, by=make.city_officer(), answer="副本见附件。")
        assert "副本见附件" in browser.get(reverse("personal_data")).content.decode()
        cells = [cell.value for row in _sheet(browser.get(url).content).iter_rows() for cell in row]
        assert "13904110088" in cells
        assert signed_in(make.firm_officer()).get(url).status_code == 404
