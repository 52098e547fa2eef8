import threading
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from accounts.models import Membership, Organisation, SignUp, User
from audit.models import AuditRecord
from members.services.join_requests import announce_sign_up
from members.services.sign_ups import Proof, delete_old_proofs, reject_sign_up, submit_sign_up
from members.services.sign_ups import approve_sign_up as approve
from tests import factories
from tests.achievements import uploads


def code(number: int = 1) -> str:
    """A valid credit code that no organisation has."""
    from sheets.credit_code import check_character

    body = f"91210200MADEM{number:04d}"
    return body + check_character(body)


def application(**fields) -> SignUp:
    values = {
        "firm_name": "大连演示轴承有限公司",
        "credit_code": code(),
        "stat_region": factories.region("jinpu"),
        "username": "bearing",
        "name": "演示员",
        "phone": "13800001234",
        "password": "Bearing-2026-ok",
        "consented": True,
    }
    return submit_sign_up(**values | fields)


def refused(**fields) -> dict:
    with pytest.raises(ValidationError) as error:
        application(**fields)
    return error.value.message_dict


def approve_sign_up(sign_up: SignUp, *, by) -> User:
    return approve(sign_up, by=by, checks=["已核对营业执照"])


def announced(**fields) -> SignUp:
    """An application with a proof, of which the firm's recorded contacts know."""
    sign_up = application(proof=Proof("执照.pdf", uploads.PDF), **fields)
    announce_sign_up(sign_up.pk)
    sign_up.refresh_from_db()
    return sign_up


pytestmark = pytest.mark.django_db


class TestSubmit:
    def test_submission_creates_neither_user_nor_firm(self):
        sign_up = application()
        assert sign_up.status == "submitted"
        assert not User.objects.filter(username="bearing").exists()
        assert not Organisation.objects.filter(name="大连演示轴承有限公司").exists()

    def test_password_is_stored_as_a_hash(self):
        assert "Bearing-2026-ok" not in str(SignUp.objects.filter(pk=application().pk).values().get())

    def test_credit_code_is_normalized(self):
        assert application(credit_code=f" {code()[:8]}-{code()[8:].lower()} ").credit_code == code()

    def test_wrong_check_character_is_an_error_of_the_field(self):
        wrong = code()[:-1] + ("1" if code()[-1] != "1" else "2")
        assert "credit_code" in refused(credit_code=wrong)

    @pytest.mark.parametrize("password", ["short-A1", "alllowercaseletters", "password123", "Bearing2026"])
    def test_password_validators_run_before_hashing(self, password):
        assert "password" in refused(password=password, username="bearing2026")

    def test_without_consent_nothing_is_stored(self):
        assert "consent" in refused(consented=False)
        assert not SignUp.objects.exists()

    def test_all_errors_are_reported_together(self):
        assert refused(username="a b", credit_code="123", password="x").keys() >= {
            "username",
            "credit_code",
            "password",
        }


class TestApprove:
    def test_approval_creates_user_firm_and_membership_with_the_chosen_password(self, rf):
        officer = factories.district_officer("jinpu")
        user = approve_sign_up(application(), by=officer)
        firm = Organisation.objects.get(credit_code=code())
        assert (firm.kind, firm.stat_region.code) == ("firm", "jinpu")
        assert user.scope.firm_ids == {firm.pk}
        assert not user.is_staff
        assert authenticate(rf.post("/"), username="bearing", password="Bearing-2026-ok") == user

    def test_decision_deletes_the_password_hash(self):
        sign_up = application()
        approve_sign_up(sign_up, by=factories.city_officer())
        sign_up.refresh_from_db()
        assert (sign_up.status, sign_up.password_hash) == ("approved", "")

    def test_approval_uses_the_firm_with_the_credit_code(self):
        known = factories.firm("大连演示轴承（集团）有限公司")
        Organisation.objects.filter(pk=known.pk).update(credit_code=code())
        user = approve_sign_up(announced(), by=factories.district_officer("jinpu"))
        assert user.scope.firm_ids == {known.pk}
        assert Organisation.objects.firms().count() == 1

    def test_approval_uses_the_firm_with_the_name_and_sets_its_credit_code(self):
        known = factories.firm("大连演示轴承有限公司")
        approve_sign_up(announced(), by=factories.district_officer("jinpu"))
        known.refresh_from_db()
        assert known.credit_code == code()

    def test_firm_of_another_district_is_refused(self):
        """Otherwise an application with a wrong district would give access to the demands of another firm."""
        factories.firm("大连演示轴承有限公司", region_code="210202")
        sign_up = announced()
        with pytest.raises(ValidationError, match="中山区"):
            approve_sign_up(sign_up, by=factories.district_officer("jinpu"))
        sign_up.refresh_from_db()
        assert sign_up.status == "submitted"
        assert not User.objects.filter(username="bearing").exists()
        assert approve_sign_up(sign_up, by=factories.city_officer())

    def test_firm_with_another_credit_code_is_refused(self):
        known = factories.firm("大连演示轴承有限公司")
        Organisation.objects.filter(pk=known.pk).update(credit_code=code(9))
        with pytest.raises(ValidationError, match=code(9)):
            approve_sign_up(announced(), by=factories.city_officer())

    def test_institution_of_the_same_name_is_refused(self):
        known = factories.institution()
        Organisation.objects.filter(pk=known.pk).update(credit_code=code())
        with pytest.raises(ValidationError, match="不是启用中的企业"):
            approve_sign_up(announced(), by=factories.city_officer())

    def test_a_taken_username_gets_a_number(self):
        sign_up = application()
        factories.user(username="BEARING")
        user = approve_sign_up(sign_up, by=factories.city_officer())
        assert user.username.startswith("bearing")
        assert user.username != "bearing"
        sign_up.refresh_from_db()
        assert sign_up.user == user

    def test_approval_needs_a_check(self):
        with pytest.raises(ValidationError, match="请勾选"):
            approve(application(), by=factories.city_officer(), checks=["看过"])

    def test_the_first_user_of_a_firm_is_its_administrator(self):
        user = approve_sign_up(application(), by=factories.city_officer())
        assert user.memberships.get().is_administrator

    @pytest.mark.parametrize("who", [factories.auditor, factories.sysadmin, factories.institution_officer])
    def test_other_roles_cannot_decide(self, who):
        with pytest.raises(PermissionDenied):
            approve_sign_up(application(), by=who())

    def test_another_district_cannot_decide(self):
        with pytest.raises(PermissionDenied):
            approve_sign_up(application(), by=factories.district_officer("210202"))

    def test_approval_is_audited_without_contact_details(self):
        approve_sign_up(application(), by=factories.city_officer())
        lines = AuditRecord.objects.filter(action="通过注册申请")
        assert lines.get().changes["organisation"] == [None, "大连演示轴承有限公司"]
        assert "13800001234" not in str(list(AuditRecord.objects.values()))


def test_a_proof_is_deleted_half_a_year_after_the_decision():
    decided, waiting = announced(), announced(username="waiting")
    reject_sign_up(decided, by=factories.city_officer(), reason="名称不一致")
    assert delete_old_proofs() == 0
    SignUp.objects.filter(pk=decided.pk).update(decided_at=timezone.now() - timedelta(days=181))
    assert delete_old_proofs() == 1
    decided.refresh_from_db()
    waiting.refresh_from_db()
    assert (bool(decided.proof), bool(waiting.proof)) == (False, True)


class TestReject:
    def test_rejection_needs_a_reason_and_stores_it(self):
        sign_up, officer = application(), factories.district_officer("jinpu")
        with pytest.raises(ValidationError, match="请写明退回理由"):
            reject_sign_up(sign_up, by=officer, reason="  ")
        reject_sign_up(sign_up, by=officer, reason="名称与执照不一致")
        sign_up.refresh_from_db()
        assert (sign_up.status, sign_up.decision_note, sign_up.password_hash) == ("rejected", "名称与执照不一致", "")

    def test_decided_application_cannot_be_decided_again(self):
        sign_up, officer = application(), factories.city_officer()
        reject_sign_up(sign_up, by=officer, reason="重复")
        with pytest.raises(ValidationError, match="处理：未通过"):
            approve_sign_up(sign_up, by=officer)

    def test_firm_can_apply_again_with_the_same_username(self):
        reject_sign_up(application(), by=factories.city_officer(), reason="名称不一致")
        assert application().status == "submitted"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_number", range(8))
def test_one_of_two_concurrent_opposite_decisions_wins(round_number):
    sign_up = application()
    officers = [factories.city_officer(), factories.district_officer("jinpu")]
    start, outcomes = threading.Barrier(2), {}

    def decide(name, deed):
        try:
            mine = SignUp.objects.get(pk=sign_up.pk)
            start.wait(timeout=60)
            deed(mine)
            outcomes[name] = "done"
        except ValidationError as error:
            outcomes[name] = error.messages[0]
        finally:
            connection.close()

    threads = [
        threading.Thread(target=decide, args=("approve", lambda row: approve_sign_up(row, by=officers[0]))),
        threading.Thread(
            target=decide, args=("reject", lambda row: reject_sign_up(row, by=officers[1], reason="重复"))
        ),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    sign_up.refresh_from_db()
    winner = "approve" if sign_up.status == "approved" else "reject"
    assert outcomes[winner] == "done"
    loser = next(outcome for name, outcome in outcomes.items() if name != winner)
    assert loser.startswith("这份申请已由")
    assert Membership.objects.filter(user__username="bearing").count() == (winner == "approve")


@pytest.mark.django_db(transaction=True)
def test_one_of_two_concurrent_approvals_wins():
    sign_up = application()
    officer = factories.city_officer()
    start, outcomes = threading.Barrier(2), []

    def approve():
        try:
            mine = SignUp.objects.get(pk=sign_up.pk)
            start.wait(timeout=60)
            approve_sign_up(mine, by=officer)
            outcomes.append("done")
        except ValidationError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=approve) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert sorted(outcomes) == ["done", "refused"]
    assert User.objects.filter(username="bearing").count() == 1
    assert AuditRecord.objects.filter(action="通过注册申请").count() == 1
