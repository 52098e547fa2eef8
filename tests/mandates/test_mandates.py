"""A mandate: both sides, its term, its document, and what it lets the agent do to demands."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services.contacts import ContactDetails
from audit.models import AuditRecord
from audit.revisions import version_of
from demands.models import Demand
from demands.services.editing import create_demand, update_demand
from demands.services.lifecycle import close_demand
from demands.services.publication import publish_demand
from demands.services.review import submit_demand
from demands.services.revisions import propose_revision
from mandates.models import Mandate, MandatedAct, ReplacedDocument
from mandates.services import contacts, mandates
from tests import factories as make
from tests.achievements import uploads

TOMORROW = timedelta(days=1)
VALUES = {"title": "轴承寿命提升", "problem": "轴承保持架磨损快，需要热处理办法。", "kind": "problem"}
HIDDEN = VALUES | {"is_anonymous": True}


@pytest.fixture
def sides(db):
    """(firm, its officer, broker with an account)."""
    firm = make.firm()
    return firm, make.firm_officer(firm), make.broker_account()


def fresh(user: User) -> User:
    """As the next request reads the user."""
    return User.objects.get(pk=user.pk)


def proposal(firm, broker, by, **fields) -> Mandate:
    ends_on = timezone.localdate() + timedelta(days=90)
    values = {"rights": ["post"], "purpose": "寻找热处理技术", "ends_on": ends_on} | fields
    return mandates.propose_mandate(client=firm, agent=broker, by=by, **values)


class TestBothSides:
    def test_counts_only_after_the_other_side_has_confirmed(self, sides):
        firm, officer, broker = sides
        mandate = proposal(firm, broker, broker.user)
        with pytest.raises(PermissionDenied):
            create_demand(firm=firm, by=broker.user, values=HIDDEN)
        with pytest.raises(PermissionDenied, match="委托方办理"):
            mandates.confirm_mandate(mandate, by=broker.user)
        mandates.confirm_mandate(mandate, by=officer)
        assert create_demand(firm=firm, by=broker.user, values=HIDDEN).firm == firm
        with pytest.raises(ValidationError, match="不能再确认"):
            mandates.confirm_mandate(mandate, by=officer)

    def test_nobody_agrees_with_himself(self, sides):
        firm, _officer, broker = sides
        mandate = proposal(firm, broker, broker.user)
        make.Membership.objects.create(user=broker.user, organisation=firm, role="firm_officer")
        with pytest.raises(PermissionDenied, match="同时属于"):
            mandates.confirm_mandate(mandate, by=fresh(broker.user))
        with pytest.raises(PermissionDenied, match="同时属于"):
            proposal(firm, broker, fresh(broker.user))
        with pytest.raises(PermissionDenied):
            mandates.end_mandate(mandate, by=make.firm_officer())

    def test_a_second_one_waits_until_the_first_has_ended(self, sides):
        firm, officer, broker = sides
        old = make.mandate(firm, broker, starts_on=timezone.localdate() - 9 * TOMORROW)
        with pytest.raises(ValidationError, match="已有一份"):
            proposal(firm, broker, officer)
        Mandate.objects.filter(pk=old.pk).update(ends_on=timezone.localdate() - TOMORROW)
        assert proposal(firm, broker, officer).status == "proposed"
        old.refresh_from_db()
        assert (old.status, old.closed_side) == ("ended", "term")

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"rights": []}, "至少选择一项"),
            ({"rights": ["consent"]}, "至少选择一项"),
            ({"rights": ["named"]}, "要同时选"),
            ({"ends_on": timezone.localdate() - TOMORROW}, "已经过去"),
            ({"ends_on": timezone.localdate() + timedelta(days=4000)}, "最长三年"),
            ({"rights": ["contact"]}, "选择一位"),
        ],
    )
    def test_terms_that_make_no_sense(self, sides, change, words):
        firm, officer, broker = sides
        with pytest.raises(ValidationError, match=words):
            proposal(firm, broker, officer, **change)

    def test_a_broker_without_a_valid_certificate_gets_none(self, sides):
        firm, officer, broker = sides
        broker.expires_on = timezone.localdate() - TOMORROW
        broker.save()
        with pytest.raises(ValidationError, match="证书已过期"):
            proposal(firm, broker, officer)


class TestDocument:
    def test_staff_confirm_for_a_client_without_an_account(self, db):
        firm, broker, district = make.firm(), make.broker_account(), make.district_officer("jinpu")
        mandate = proposal(firm, broker, broker.user)
        with pytest.raises(ValidationError, match="还没有委托书"):
            mandates.confirm_by_document(mandate, by=district)
        with pytest.raises(ValidationError, match="不是可以接收的类型"):
            mandates.add_document(mandate, name="委托书.pdf", content=b"MZ not a pdf", by=broker.user)
        mandates.add_document(mandate, name="委托书.pdf", content=uploads.PDF, by=broker.user)
        with pytest.raises(PermissionDenied):
            mandates.confirm_by_document(mandate, by=make.district_officer("gaoxin"))
        mandates.confirm_by_document(mandate, by=district)
        assert (mandate.basis, mandate.is_in_force) == ("document", True)

    def test_a_client_with_an_account_confirms_itself(self, sides):
        firm, _officer, broker = sides
        mandate = proposal(firm, broker, broker.user, document=("委托书.pdf", uploads.PDF))
        with pytest.raises(ValidationError, match="由委托方自己确认"):
            mandates.confirm_by_document(mandate, by=make.district_officer("jinpu"))

    def test_is_added_and_replaced_while_it_is_in_force_with_word_to_the_other_side(self, sides, client):
        firm, officer, broker = sides
        mandate = make.mandate(firm, broker)
        page, upload = (reverse(name, args=[mandate.public_id]) for name in ("mandate", "mandate_document"))
        for user, name, other, words in (
            (broker.user, "委托书.pdf", officer, "上传了委托书"),
            (officer, "盖章的委托书.pdf", broker.user, "换了一份委托书"),
        ):
            client.force_login(user)
            client.post(upload, {"document": SimpleUploadedFile(name, uploads.PDF + name.encode())})
            assert other.notices.filter(text__contains=words).count() == 1
            assert not user.notices.filter(text__contains=words).exists()
        text = client.get(page).text
        earlier = ReplacedDocument.objects.get(mandate=mandate)
        address = reverse("mandate_replaced_file", args=[earlier.public_id])
        assert "盖章的委托书.pdf" in text and address in text and earlier.filed_by == broker.user
        assert b"".join(client.get(address).streaming_content).endswith("委托书.pdf".encode())
        client.force_login(make.firm_officer())
        assert client.get(address).status_code == 404
        mandates.end_mandate(mandate, by=officer)
        with pytest.raises(ValidationError, match="不能再换"):
            mandates.add_document(mandate, name="委托书.pdf", content=uploads.PDF, by=broker.user)

    def test_what_staff_have_checked_is_not_replaced_by_the_agent(self, db):
        firm, broker = make.firm(), make.broker_account()
        mandate = proposal(firm, broker, broker.user, document=("委托书.pdf", uploads.PDF))
        mandates.confirm_by_document(mandate, by=make.district_officer("jinpu"))
        with pytest.raises(ValidationError, match="已经核对"):
            mandates.add_document(mandate, name="另一份.pdf", content=uploads.PDF, by=broker.user)
        mandates.add_document(mandate, name="新签的.pdf", content=uploads.PDF, by=make.firm_officer(firm))
        assert mandate.replaced_documents.get().file_name == "委托书.pdf"


class TestDemands:
    def test_writes_and_submits_in_the_name_of_the_client_only(self, sides):
        firm, officer, broker = sides
        mandate = make.mandate(firm, broker, rights=["post"])
        demand = create_demand(firm=firm, by=broker.user, values=HIDDEN)
        update_demand(demand, by=broker.user, values={"goal": "寿命提高一倍"})
        submit_demand(demand, by=broker.user)
        trail = AuditRecord.objects.filter(object_type="demands.demand", object_id=str(demand.pk))
        mandates_in_trail = {row.action: row.changes.get("mandate") for row in trail}
        assert set(mandates_in_trail) == {"填报需求", "修改需求", "提交初审"}
        assert all(value == [None, f"受{firm}委托"] for value in mandates_in_trail.values())
        assert MandatedAct.objects.visible_to(officer).filter(mandate=mandate).count() == 3
        assert not MandatedAct.objects.visible_to(make.firm_officer()).exists()
        with pytest.raises(PermissionDenied):
            create_demand(firm=make.firm(), by=broker.user, values=HIDDEN)
        with pytest.raises(PermissionDenied):  # the end of a demand is the firm's own
            close_demand(demand, by=broker.user, reason="不再需要")

    def test_names_the_client_only_where_the_mandate_says_so(self, sides):
        firm, _officer, broker = sides
        mandate = make.mandate(firm, broker, rights=["post"])
        with pytest.raises(ValidationError, match="以企业名称公开"):
            create_demand(firm=firm, by=broker.user, values=VALUES)
        Mandate.objects.filter(pk=mandate.pk).update(rights=["post", "named"])
        assert create_demand(firm=firm, by=broker.user, values=VALUES).public_firm_name == firm.name

    def test_consent_cannot_be_given_for_the_client(self, sides):
        """Neither to be named, nor to what an anonymous text shows, nor for a person of the firm."""
        firm, _officer, broker = sides
        make.mandate(firm, broker, rights=["post", "named"])
        details = ContactDetails(firm.pk, "示例人", phone="13904110002", consents=True)
        hidden = create_demand(firm=firm, by=broker.user, values=HIDDEN, contact=details)
        assert hidden.contact.consented_at is None
        with pytest.raises(ValidationError, match="只有企业自己可以"):
            update_demand(hidden, by=broker.user, values={"is_anonymous": False})
        submit_demand(hidden, by=broker.user)
        district = make.district_officer("jinpu")
        with pytest.raises(ValidationError, match="不能代企业确认"):
            publish_demand(hidden, by=district)
        hidden.refresh_from_db()
        assert hidden.status == "draft"

    def test_a_revision_waits_for_the_district_as_the_firms_own(self, sides):
        firm, _officer, broker = sides
        make.mandate(firm, broker, rights=["post"])
        demand = make.demand(firm=firm)
        values = {"problem": "轴承保持架磨损快，需要新的热处理办法。"}
        seen = version_of(demand, None)
        revised = propose_revision(demand, by=broker.user, values=values, indicators=[], seen=seen)
        assert revised.revision.status == "pending"
        assert AuditRecord.objects.filter(action="提交修改待审", changes__mandate__isnull=False).exists()

    @pytest.mark.parametrize(
        "way", ["client ends it", "its term ends", "agency closed", "broker inactive", "certificate ends"]
    )
    def test_after_its_end_nothing_is_lost_and_nothing_may_be_done(self, sides, way):
        firm, officer, broker = sides
        agent = broker.agency if way == "agency closed" else broker
        mandate = make.mandate(firm, agent, rights=["post"], starts_on=timezone.localdate() - 9 * TOMORROW)
        demand = create_demand(firm=firm, by=broker.user, values=HIDDEN)
        assert demand in Demand.objects.visible_to(broker.user)
        if way == "client ends it":
            mandates.end_mandate(mandate, by=officer)
        elif way == "its term ends":
            Mandate.objects.filter(pk=mandate.pk).update(ends_on=timezone.localdate() - TOMORROW)
        elif way == "agency closed":
            broker.agency.organisation.is_active = False
            broker.agency.organisation.save()
        elif way == "broker inactive":
            broker.is_active = False
            broker.save()
        else:
            broker.expires_on = timezone.localdate() - TOMORROW
            broker.save()
        assert demand not in Demand.objects.visible_to(broker.user)  # the same user object: nothing is remembered
        with pytest.raises(PermissionDenied):
            update_demand(demand, by=broker.user, values={"goal": "别的"})
        assert demand in Demand.objects.managed_by(officer)


class TestTalks:
    def test_attends_and_answers_for_nobody(self, sides, client):
        firm, _officer, broker = sides
        demand = make.demand(firm=firm)
        accepted = {"status": "accepted", "reviewed_by": make.city_officer(), "reviewed_at": timezone.now()}
        follow_up = make.follow_up(make.match(demand=demand, **accepted), status="asking")
        page = reverse("follow_up", args=[follow_up.public_id])
        client.force_login(broker.user)
        assert client.get(page).status_code == 404
        mandate = make.mandate(firm, broker, rights=["attend"])
        assert client.get(page).status_code == 200
        answer = {"side": "firm", "answer": "unwilling", "unwilling-firm-reason": "timing"}
        answered = client.post(reverse("follow_up_answer", args=[follow_up.public_id]), answer)
        assert answered.status_code == 403
        assert not follow_up.responses.exclude(status="asked").exists()
        Mandate.objects.filter(pk=mandate.pk).update(rights=["post"])
        assert client.get(page).status_code == 404


class TestContact:
    def test_only_with_the_right_and_while_in_force(self, sides):
        firm, officer, broker = sides
        person = make.contact(firm, phone="13904110001")
        mandate = proposal(firm, broker, broker.user, rights=["contact"])
        with pytest.raises(ValidationError, match="选择一位"):
            mandates.confirm_mandate(mandate, by=officer)
        with pytest.raises(ValidationError, match="本单位的联系人"):
            mandates.confirm_mandate(mandate, by=officer, contact=make.contact(make.firm()))
        mandates.confirm_mandate(mandate, by=officer, contact=person)
        assert contacts.reveal_client_contact(mandate, by=broker.user).phone == "13904110001"
        mandates.end_mandate(mandate, by=officer)
        with pytest.raises(PermissionDenied):
            contacts.reveal_client_contact(mandate, by=broker.user)
        assert not person.shares.filter(ended_at=None).exists()


def test_the_clock_closes_and_reminds_once(sides):
    firm, officer, broker = sides
    mandate = make.mandate(firm, broker, starts_on=timezone.localdate() - 9 * TOMORROW)
    Mandate.objects.filter(pk=mandate.pk).update(ends_on=timezone.localdate() + TOMORROW)
    for _twice in range(2):
        mandates.remind_of_ending()
    assert officer.notices.filter(text__contains="为止").count() == 1
    Mandate.objects.filter(pk=mandate.pk).update(ends_on=timezone.localdate() - TOMORROW)
    assert [mandates.close_expired_mandates() for _twice in range(2)] == [1, 0]


def test_the_client_extends_it_and_the_agent_hears_of_it(sides, client):
    firm, officer, broker = sides
    mandate = make.mandate(firm, broker, proposed_by=officer)
    page, step = (reverse(name, args=[mandate.public_id]) for name in ("mandate", "mandate_extend"))
    later = mandate.ends_on + timedelta(days=90)
    client.force_login(broker.user)
    assert step not in client.get(page).text
    assert client.post(step, {"ends_on": later}).status_code == 403
    client.force_login(officer)
    for day, words in [(mandate.ends_on, "不晚于现在的"), (later + timedelta(days=3 * 366), "最长三年")]:
        refused = client.post(step, {"ends_on": day})
        assert refused.status_code == 422 and words in refused.text
    client.post(step, {"ends_on": later})
    mandate.refresh_from_db()
    assert mandate.ends_on == later
    assert broker.user.notices.filter(text__contains=f"延长到 {later}").exists()
    mandates.end_mandate(mandate, by=officer)
    assert step not in client.get(page).text


def test_a_refused_reason_stays_in_its_field_and_the_mandate_in_force(db, client):
    firm, broker = make.firm(), make.broker_account()
    mandate = make.mandate(firm, broker)
    client.force_login(broker.user)
    reason = "企业改由技术部自己联系，" * 40
    answer = client.post(reverse("mandate_end", args=[mandate.public_id]), {"reason": reason})
    assert answer.status_code == 422 and f'value="{reason}"' in answer.text
    mandate.refresh_from_db()
    assert mandate.status == "confirmed"
