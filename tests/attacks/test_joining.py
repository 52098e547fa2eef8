"""Attacks on who belongs to an organisation: sign-ups, invitations, memberships (docs/security.md)."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Contact, Membership, Organisation, Role, SignUp, SourceFile, User
from accounts.services.source_files import store_source_file
from demands.imports import check_demands
from demands.models import Demand
from members.models import Invitation
from members.services import invitations, join_requests, memberships
from members.services.sign_ups import Proof, approve_sign_up
from members.views.public.sign_up import MAX_POSTS
from notices.models import Delivery, Notice
from tests import factories as make
from tests.achievements import uploads
from tests.demands import sheets as demand_sheets
from tests.members.services.test_sign_ups import application, code

pytestmark = pytest.mark.django_db
LICENCE = ["已核对营业执照"]
PDF = Proof("执照.pdf", uploads.PDF)


@pytest.fixture
def firm():
    """A firm with an administrator, a second user and an anonymous demand; officers of its district and the city."""
    row = make.firm("大连藏龙轴承有限公司")
    Organisation.objects.filter(pk=row.pk).update(credit_code=code(7))
    owner, colleague = make.firm_officer(row), make.firm_officer(row)
    demand = make.demand(firm=row, is_anonymous=True, public_alias="某轴承企业")
    return SimpleNamespace(
        row=row,
        owner=owner,
        colleague=colleague,
        demand=demand,
        district=make.district_officer(),
        city=make.city_officer(),
    )


def stranger(**fields) -> SignUp:
    """The stranger's application with the firm's own name and code, announced as the task does."""
    values = {"firm_name": "大连藏龙轴承有限公司", "credit_code": code(7), "name": "陌生人"} | fields
    sign_up = application(**values)
    join_requests.announce_sign_up(sign_up.pk)
    sign_up.refresh_from_db()
    return sign_up


def overdue(sign_up: SignUp) -> SignUp:
    SignUp.objects.filter(pk=sign_up.pk).update(answer_due_on=timezone.localdate() - timedelta(days=1))
    sign_up.refresh_from_db()
    return sign_up


def texts_of_notices(user: User) -> str:
    return "".join(Notice.objects.filter(recipient=user).values_list("text", flat=True))


class TestJoiningAFirmWithUsers:
    def test_the_district_cannot_let_a_stranger_in_and_everybody_there_is_told(self, firm):
        """Attack 3: sign-up with an existing firm's name and credit code."""
        sign_up = stranger(proof=PDF)
        for officer in (firm.district, firm.city):
            with pytest.raises(ValidationError, match="已有用户"):
                approve_sign_up(sign_up, by=officer, checks=LICENCE)
        assert not User.objects.filter(name="陌生人").exists()
        assert "申请加入本单位" in texts_of_notices(firm.owner)
        assert "申请加入本单位" in texts_of_notices(firm.colleague)

    def test_not_even_before_the_firm_is_told(self, firm):
        sign_up = application(firm_name="另一个名字的公司", credit_code=code(7), proof=PDF)
        with pytest.raises(ValidationError, match="已有用户"):
            approve_sign_up(sign_up, by=firm.district, checks=LICENCE)

    def test_only_its_administrator_lets_in(self, firm):
        sign_up = stranger()
        for other in (firm.colleague, firm.district, firm.city, make.sysadmin(), make.firm_officer()):
            with pytest.raises(PermissionDenied):
                join_requests.accept_join_request(sign_up, by=other)
        user = join_requests.accept_join_request(sign_up, by=firm.owner)
        assert Demand.objects.visible_to(user).filter(pk=firm.demand.pk).exists()
        assert not user.memberships.get().is_administrator
        assert "已加入本单位" in texts_of_notices(firm.colleague)

    def test_the_city_waits_and_needs_proof_check_reason(self, firm):
        arguments = {"by": firm.city, "checks": LICENCE, "reason": "原用户均已离职"}
        early = stranger(proof=PDF)
        with pytest.raises(ValidationError, match="答复期限"):
            join_requests.approve_for_silent_firm(early, **arguments)
        without_proof = overdue(stranger(username="other"))
        with pytest.raises(ValidationError, match="没有营业执照或授权书"):
            join_requests.approve_for_silent_firm(without_proof, **arguments)
        ready = overdue(early)
        with pytest.raises(ValidationError, match="请勾选"):
            join_requests.approve_for_silent_firm(ready, **arguments | {"checks": []})
        with pytest.raises(ValidationError, match="请写明"):
            join_requests.approve_for_silent_firm(ready, **arguments | {"reason": " "})
        for other in (firm.district, firm.owner, make.sysadmin(), make.auditor()):
            with pytest.raises(PermissionDenied):
                join_requests.approve_for_silent_firm(ready, **arguments | {"by": other})
        user = join_requests.approve_for_silent_firm(ready, **arguments)
        assert user.scope.firm_ids == {firm.row.pk}
        assert "代为通过" in texts_of_notices(firm.owner)

    def test_one_objection_of_any_user_stops_the_city(self, firm):
        sign_up = overdue(stranger(proof=PDF))
        join_requests.object_to_join_request(sign_up, by=firm.colleague, words="不认识")
        with pytest.raises(ValidationError, match="异议"):
            join_requests.approve_for_silent_firm(sign_up, by=firm.city, checks=LICENCE, reason="离职")
        with pytest.raises(ValidationError, match="不能驳回"):
            join_requests.dismiss_objection(sign_up, by=firm.city, reason="查过")
        sign_up.refresh_from_db()
        assert sign_up.status == "submitted"
        with pytest.raises(PermissionDenied):
            join_requests.object_to_join_request(stranger(username="b"), by=make.firm_officer(), words="不认识")

    @pytest.mark.parametrize("name", ["大连藏龙（集团）有限公司", "大连藏龙(集团)有限公司"])
    def test_the_other_kind_of_brackets_is_the_same_firm(self, firm, name):
        Organisation.objects.filter(pk=firm.row.pk).update(name="大连藏龙（集团）有限公司", credit_code="")
        sign_up = stranger(firm_name=name, credit_code=code(9), proof=PDF)
        assert sign_up.organisation == firm.row
        join_requests.accept_join_request(sign_up, by=firm.owner)
        firm.row.refresh_from_db()
        assert firm.row.credit_code == ""  # the stranger's code does not become the firm's

    def test_a_firm_that_gets_its_users_while_the_application_waits_is_asked(self):
        row = make.firm("大连藏龙轴承有限公司")
        sign_up = stranger(proof=PDF)
        assert sign_up.answer_due_on is None
        owner = make.firm_officer(row)
        with pytest.raises(ValidationError, match="已有用户"):
            approve_sign_up(sign_up, by=make.city_officer(), checks=LICENCE)
        join_requests.announce_sign_up(sign_up.pk)
        sign_up.refresh_from_db()
        assert sign_up.answer_due_on
        assert "申请加入本单位" in texts_of_notices(owner)

    def test_the_second_administrator_hears_what_happened(self, firm, client):
        sign_up = stranger()
        Membership.objects.filter(user=firm.colleague).update(is_administrator=True)
        join_requests.refuse_join_request(sign_up, by=firm.owner, reason="不是我们的人")
        client.force_login(firm.colleague)
        url = reverse("organisation_members", args=[firm.row.public_id])
        page = client.post(url, {"action": "accept", "sign_up": sign_up.pk}, follow=True).content.decode()
        assert f"已由{firm.owner.name}处理：未通过" in page
        assert not User.objects.filter(name="陌生人").exists()
        status = Client().get(reverse("sign_up_state", args=[sign_up.public_id])).content.decode()
        assert "不是我们的人" in status
        assert firm.owner.name not in status


class TestAKnownFirmWithoutUsers:
    @pytest.fixture
    def known(self):
        row = make.firm("大连藏龙轴承有限公司")
        Contact.objects.create(organisation=row, name="司徒甲", email="situ@example.cn", phone="13900000001")
        return row

    def test_needs_a_proof_and_its_contacts_are_told(self, known):
        sign_up, officer = stranger(), make.district_officer()
        with pytest.raises(ValidationError, match="必须有营业执照或授权书"):
            approve_sign_up(sign_up, by=officer, checks=LICENCE)
        mail = Delivery.objects.get(address="situ@example.cn")
        assert reverse("sign_up_objection", args=[sign_up.objection_code]) in mail.body
        assert "陌生人" not in mail.body

    def test_an_objection_by_the_mailed_link_stops_the_district(self, known, client):
        sign_up = stranger(proof=PDF)
        url = reverse("sign_up_objection", args=[sign_up.objection_code])
        client.get(url)  # a mail scanner
        sign_up.refresh_from_db()
        assert sign_up.objected_at is None
        client.post(url, {"words": "本企业没有这个人"})
        sign_up.refresh_from_db()
        for officer in (make.district_officer(), make.city_officer()):
            with pytest.raises(ValidationError, match="本企业没有这个人"):
                approve_sign_up(sign_up, by=officer, checks=LICENCE)
        with pytest.raises(PermissionDenied):
            join_requests.dismiss_objection(sign_up, by=make.district_officer(), reason="查过")

    def test_approving_one_closes_the_others_without_telling_them_why(self, known):
        real, squatter = stranger(proof=PDF), stranger(username="squat", name="抢注人")
        approve_sign_up(real, by=make.district_officer(), checks=LICENCE)
        squatter.refresh_from_db()
        assert (squatter.status, squatter.password_hash) == ("rejected", "")
        assert not re.search("已通过|已有用户|已注册", squatter.decision_note)


class TestTheSignUpForm:
    def filled(self, **fields) -> dict:
        return {
            "firm_name": "大连演示轴承有限公司",
            "credit_code": code(),
            "stat_region": make.region("jinpu").pk,
            "name": "演示员",
            "phone": "13800001234",
            "username": "bearing",
            "password": "Bearing-2026-ok",
            "password_again": "Bearing-2026-ok",
            "consent": "on",
        } | fields

    def answer(self, **fields) -> tuple:
        """Status and text of both pages, without what differs for every application."""
        client = Client()
        response = client.post(reverse("sign_up"), self.filled(**fields))
        assert response.status_code == 302
        sign_up = SignUp.objects.latest("pk")
        join_requests.announce_sign_up(sign_up.pk)
        page = client.get(response.url).content.decode()
        for changing in (sign_up.public_id, r'value="[\w-]{64}"', r"\d\d:\d\d", r'nonce="[^"]*"'):
            page = re.sub(changing, "", page)
        return page.replace(fields.get("firm_name", "大连演示轴承有限公司"), "")

    def test_the_answer_is_the_same_for_taken_and_free(self, firm, django_assert_num_queries):
        """Attack 10: user names and firms cannot be probed."""
        free = self.answer()
        assert self.answer(username=firm.owner.username, credit_code=code(3)) == free
        known = self.answer(firm_name=firm.row.name, credit_code=code(7), username="b")
        assert known == free

    def test_a_pending_application_does_not_block_the_real_firm(self, client):
        application(name="抢注人", username="squat")
        assert client.post(reverse("sign_up"), self.filled()).status_code == 302
        assert SignUp.objects.awaiting_approval().count() == 2

    BAD = (
        ("phone", "abc"),
        ("phone", "12345678901"),
        ("phone", "1380000123"),
        ("phone", "13800001234x"),
        ("phone", "８８８"),
        ("name", "13800001234"),
        ("name", "@"),
        ("name", "\u202e\u200b"),
        ("email", "a@b"),
        ("username", "a b"),
        ("firm_name", "\u200b"),
    )

    def test_bad_values_get_a_plain_sentence_at_their_field(self, client):
        for field, value in self.BAD:
            response = client.post(reverse("sign_up"), self.filled(**{field: value}))
            assert response.status_code == 422, (field, value)
            assert list(response.context["form"].errors) == [field], value
        assert not SignUp.objects.exists()

    def test_real_numbers_are_accepted(self, client):
        for number, phone in enumerate(("13800001234", "+86 138 0000 1234", "0411-84701234", "(0411)84701234-801")):
            filled = self.filled(phone=phone, username=f"u{number}", credit_code=code(number))
            assert client.post(reverse("sign_up"), filled).status_code == 302, phone

    @pytest.mark.long
    def test_throttled_by_address_and_by_firm(self, settings):
        """Attack 9: sign-up ten times."""
        statuses = [Client().post(reverse("sign_up"), {"name": "x"}).status_code for _ in range(MAX_POSTS + 1)]
        assert statuses == [422] * MAX_POSTS + [429]
        elsewhere = Client(REMOTE_ADDR="203.0.113.9")
        limit = settings.SIGN_UPS_PER_ADDRESS
        answers = [
            elsewhere.post(reverse("sign_up"), self.filled(credit_code=code(n))).status_code for n in range(limit + 1)
        ]
        assert answers == [302] * limit + [429]
        by_firm = settings.SIGN_UPS_PER_FIRM
        answers = [
            Client(REMOTE_ADDR=f"203.0.113.{n}")
            .post(reverse("sign_up"), self.filled(username=f"u{n}", credit_code=code(50)))
            .status_code
            for n in range(20, 21 + by_firm)
        ]
        assert answers == [302] * by_firm + [429]

    def test_status_links_cannot_be_guessed(self, client):
        sign_up = application()
        guesses = [client.get(reverse("sign_up_state", args=[f"2345678{n:03}"])).status_code for n in range(21)]
        assert guesses[-1] == 429
        assert client.get(reverse("sign_up_state", args=[sign_up.public_id])).status_code == 429

    HOSTILE = (
        ("a.html", b"<script>"),
        ("a.pdf", b"MZ\x90"),
        ("a.svg", b"<svg/>"),
        ("a.docx", uploads.PDF),
        ("a.pdf", b""),
    )

    def test_hostile_proofs_are_refused(self, client):
        sign_up = application()
        url = reverse("sign_up_state", args=[sign_up.public_id])
        for name, content in self.HOSTILE:
            response = client.post(url, {"proof": SimpleUploadedFile(name, content)})
            sign_up.refresh_from_db()
            assert (response.status_code, bool(sign_up.proof)) == (422, False), (name, content)

    def test_the_proof_is_for_those_who_decide_and_each_download_is_recorded(self, firm, signed_in):
        from audit.models import AuditRecord

        mine = application(proof=PDF)
        joining = stranger(username="b", proof=PDF)
        for user, statuses in {
            firm.city: (200, 200),
            make.auditor(): (200, 200),
            firm.district: (200, 404),  # who may not decide it
            make.district_officer("210202"): (404, 404),
            make.sysadmin(): (404, 404),
            firm.owner: (302, 302),
        }.items():
            browser = signed_in(user)
            paths = [reverse("admin:accounts_signup_proof", args=[row.pk]) for row in (mine, joining)]
            answers = [browser.get(path) for path in paths]
            assert tuple(answer.status_code for answer in answers) == statuses, user
            for answer in answers:
                b"".join(answer)  # closes the file
        assert AuditRecord.objects.filter(action="下载证明材料").count() == 5


class TestMembers:
    def test_the_system_administrator_plants_nobody_in_a_firm_with_users(self, firm):
        with pytest.raises(PermissionDenied, match="已有用户"):
            memberships.add_member_by_staff(make.user(), firm.row, Role.FIRM, by=make.sysadmin())
        for other in (firm.city, firm.district, make.auditor()):
            with pytest.raises(PermissionDenied):
                memberships.add_member_by_staff(make.user(), make.firm(), Role.FIRM, by=other)

    def test_the_people_of_a_staff_organisation_are_told_of_a_new_colleague(self):
        officer = make.city_officer()
        memberships.add_member_by_staff(
            make.user(name="新同事"), officer.memberships.get().organisation, Role.CITY, by=make.sysadmin()
        )
        assert "新同事" in texts_of_notices(officer)

    def test_who_is_taken_away_loses_open_sessions_files_and_mails_at_once(self, firm, signed_in):
        store_source_file("demands", content=b"x", name="需求.xlsx", by=firm.colleague, organisation=firm.row)
        browser = signed_in(firm.colleague)
        url = reverse("demand_detail", args=[firm.demand.public_id])
        page = reverse("organisation_members", args=[firm.row.public_id])
        assert browser.get(page).status_code == 200
        Notice.objects.create(recipient=firm.colleague, kind="accepted", text="匹配", path="/", about="a", key="a")
        member = Membership.objects.get(user=firm.colleague)
        memberships.remove_member(firm.row, member.pk, by=firm.owner)
        assert browser.get(page).status_code == 404
        assert firm.row.name not in browser.get(url).content.decode()
        gone = User.objects.get(pk=firm.colleague.pk)
        assert not SourceFile.objects.visible_to(gone).exists()
        assert not Notice.objects.unread().filter(recipient=gone, text="匹配").exists()

    def test_a_plain_member_changes_nobody(self, firm, signed_in):
        browser = signed_in(firm.colleague)
        owner = Membership.objects.get(user=firm.owner)
        url = reverse("organisation_members", args=[firm.row.public_id])
        for action in ("remove", "dismiss", "appoint"):
            browser.post(url, {"action": action, "member": owner.pk})
        mine = Membership.objects.get(user=firm.colleague)
        browser.post(url, {"action": "appoint", "member": mine.pk})
        browser.post(url, {"action": "invite", "email": "x@example.cn", "is_administrator": "on"})
        assert list(Membership.objects.filter(organisation=firm.row, is_administrator=True)) == [owner]
        assert not Invitation.objects.exists()

    def test_an_administrator_reaches_no_other_organisation(self, firm, signed_in):
        other = make.firm_officer()
        theirs = other.memberships.get()
        browser = signed_in(firm.owner)
        browser.post(
            reverse("organisation_members", args=[firm.row.public_id]), {"action": "remove", "member": theirs.pk}
        )
        foreign = reverse("organisation_members", args=[theirs.organisation.public_id])
        assert browser.post(foreign, {"action": "remove", "member": theirs.pk}).status_code == 404
        assert Membership.objects.filter(pk=theirs.pk).exists()

    def test_two_administrators_who_dismiss_each_other_leave_one(self, firm):
        Membership.objects.filter(user=firm.colleague).update(is_administrator=True)
        mine, theirs = (Membership.objects.get(user=user) for user in (firm.owner, firm.colleague))
        memberships.dismiss_administrator(firm.row, theirs.pk, by=firm.owner)
        with pytest.raises(PermissionDenied):
            memberships.dismiss_administrator(firm.row, mine.pk, by=firm.colleague)
        with pytest.raises(ValidationError, match="唯一的管理员"):
            memberships.dismiss_administrator(firm.row, mine.pk, by=firm.owner)
        with pytest.raises(ValidationError, match="唯一的管理员"):
            memberships.remove_member(firm.row, mine.pk, by=firm.owner)

    def test_a_newcomer_does_not_rule_those_who_let_him_in(self, firm):
        """The only administrator is suspended: any user decides who joins, and may appoint one of them."""
        User.objects.filter(pk=firm.owner.pk).update(is_active=False)
        user = join_requests.accept_join_request(stranger(), by=firm.colleague)
        assert not user.memberships.get().is_administrator
        with pytest.raises(PermissionDenied):
            memberships.remove_member(firm.row, Membership.objects.get(user=firm.colleague).pk, by=user)
        memberships.appoint_administrator(firm.row, Membership.objects.get(user=firm.colleague).pk, by=firm.colleague)
        with pytest.raises(PermissionDenied):
            memberships.appoint_administrator(firm.row, user.memberships.get().pk, by=user)

    def test_the_second_window_hears_what_happened(self, firm, signed_in):
        Membership.objects.filter(user=firm.colleague).update(is_administrator=True)
        third = make.firm_officer(firm.row)
        member = third.memberships.get()
        url = reverse("organisation_members", args=[firm.row.public_id])
        signed_in(firm.owner).post(url, {"action": "remove", "member": member.pk})
        page = signed_in(firm.colleague).post(url, {"action": "remove", "member": member.pk}, follow=True)
        assert "已经不在本单位" in page.content.decode()

    def test_posted_nonsense_gets_a_sentence(self, firm, signed_in):
        client, url = signed_in(firm.owner), reverse("organisation_members", args=[firm.row.public_id])
        for member in ("", "abc", "-1", "9" * 30, "１", "0"):
            response = client.post(url, {"action": "remove", "member": member}, follow=True)
            assert response.status_code == 200, member
            assert "已经不在本单位" in response.content.decode(), member


class TestInvitations:
    @pytest.fixture
    def link(self, firm):
        new = invitations.invite_member(firm.row, email="li@example.cn", is_administrator=False, by=firm.owner)
        return "/" + new.link.split("/", 3)[3]

    def form(self, **fields) -> dict:
        return {
            "email": "LI@example.cn",
            "name": "李示例",
            "username": "li",
            "password": "Bearing-2026-ok",
            "password_again": "Bearing-2026-ok",
        } | fields

    def test_a_scanner_that_fetches_the_link_uses_nothing_and_the_second_user_gets_nothing(self, firm, link):
        client = Client()
        assert client.get(link).status_code == 200
        assert Client().head(link).status_code in {200, 405}
        assert client.post(link, self.form()).status_code == 302
        assert User.objects.get(username="li").scope.firm_ids == {firm.row.pk}
        assert Client().get(link).status_code == 404
        assert Client().post(link, self.form(username="second")).status_code == 404
        assert "李示例" in texts_of_notices(firm.colleague)

    def test_a_forwarded_link_is_worth_nothing_without_the_address(self, firm, link, signed_in):
        assert Client().post(link, self.form(email="thief@example.cn")).status_code == 422
        thief = make.user(email="thief@example.cn")
        signed_in(thief).post(link)
        nameless = make.user(email="")
        signed_in(nameless).post(link)
        assert Membership.objects.filter(organisation=firm.row).count() == 2

    @pytest.mark.parametrize("how", ["expired", "withdrawn", "inviter gone", "inviter dismissed"])
    def test_a_link_that_no_longer_counts(self, firm, link, how):
        if how == "expired":
            Invitation.objects.update(expires_at=timezone.now())
        elif how == "withdrawn":
            invitations.withdraw_invitation(firm.row, Invitation.objects.get().pk, by=firm.owner)
        elif how == "inviter gone":
            User.objects.filter(pk=firm.owner.pk).update(is_active=False)
        else:
            Membership.objects.filter(user=firm.owner).update(is_administrator=False)
        assert Client().post(link, self.form()).status_code == 404
        assert not User.objects.filter(username="li").exists()

    def test_the_secret_stands_only_in_the_mail(self, firm, link, signed_in):
        secret = link.strip("/").rpartition("/")[2]
        from audit.models import AuditRecord

        assert secret not in str(list(AuditRecord.objects.values())) + str(list(Invitation.objects.values()))
        assert secret not in str(list(Notice.objects.values()))
        mail = Delivery.objects.get(address="li@example.cn")
        page = signed_in(make.sysadmin()).get(reverse("admin:notices_delivery_change", args=[mail.pk]))
        assert page.status_code == 200
        assert secret not in page.content.decode()

    def test_the_invited_role_is_that_of_the_organisation(self, firm, signed_in):
        url = reverse("organisation_members", args=[firm.row.public_id])
        signed_in(firm.owner).post(url, {"action": "invite", "email": "a@example.cn", "role": "sysadmin"})
        assert Invitation.objects.get().role == Role.FIRM

    def test_a_taken_user_name_is_not_told_at_the_form(self, firm, link):
        make.user(username="li")
        assert Client().post(link, self.form()).status_code == 302
        assert User.objects.get(email="li@example.cn").username != "li"


class TestSheets:
    """Finding 12: a staff sheet must not tell known from unknown firms of the whole city."""

    @pytest.mark.parametrize("only_own", [False, True])
    @pytest.mark.parametrize("region", ["高新区", None])
    def test_a_demand_sheet_says_the_same_of_known_and_unknown_firms_elsewhere(self, region, only_own):
        make.firm("大连他区有限公司", region_code="gaoxin")
        Organisation.objects.filter(name="大连他区有限公司").update(credit_code=demand_sheets.OTHER_CODE)
        district = make.district_officer("jinpu")

        def problems(firm: str, credit_code: str) -> list:
            row = {"企业名称": firm, "统一社会信用代码": credit_code, "所属区市县": region}
            report = check_demands(demand_sheets.workbook(row), "需求.xlsx", by=district, only_own=only_own)
            return [(problem.row, problem.key, problem.message) for problem in report.errors] + report.notices

        unknown = problems("大连无名有限公司", code(77))
        assert unknown
        assert problems("大连他区有限公司", "") == problems("大连无名有限公司", "")
        assert problems("大连他区有限公司", code(77)) == unknown
        assert problems("大连无名有限公司", demand_sheets.OTHER_CODE) == unknown
