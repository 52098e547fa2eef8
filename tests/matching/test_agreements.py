"""Confidentiality agreements: the signed copies of both sides open the files that need them."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from demands.models import Agreement, AgreementCopy, DemandFile
from matching.services.agreements import end_agreement_of, sign_agreement
from tests import factories
from tests.demands.disclosed import pdf, signed_officer, stored_file, teaser_demand

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return factories.firm_officer(factories.firm("大连演示轴承有限公司"))


@pytest.fixture
def officer():
    return signed_officer()


@pytest.fixture
def follow_up(owner, officer):
    demand = teaser_demand(firm=owner.memberships.get().organisation)
    achievement = factories.achievement(institution=officer.memberships.get().organisation)
    city = factories.city_officer()
    accepted = {"status": "accepted", "reviewed_by": city, "reviewed_at": timezone.now()}
    return factories.follow_up(factories.match(demand=demand, achievement=achievement, **accepted), status="talks")


@pytest.fixture
def drawing(follow_up, owner):
    return stored_file(follow_up.match.demand, owner, audience=DemandFile.Audience.AGREEMENT)


def sign(follow_up, by, **fields):
    return sign_agreement(follow_up, content=pdf(), name="保密协议.pdf", by=by, **fields)


def test_both_copies_open_the_file_and_each_side_can_close_it(follow_up, owner, officer, drawing):
    def is_open():
        return DemandFile.objects.readable_by(officer).filter(pk=drawing.pk).exists()

    assert not is_open()  # the undertaking alone is not enough
    sign(follow_up, officer)
    assert not is_open()  # one side's copy binds only that side
    sign(follow_up, owner)
    assert is_open()
    end_agreement_of(follow_up, reason="合作结束", by=officer)
    assert not is_open()


def test_two_copies_of_one_side_are_one(follow_up, officer, drawing):
    sign(follow_up, officer)
    sign(follow_up, officer)
    assert AgreementCopy.objects.filter(replaced_at=None).count() == 1
    assert not Agreement.objects.in_force().exists()


def test_is_of_one_pair(follow_up, owner, officer, drawing):
    sign(follow_up, officer)
    sign(follow_up, owner)
    stranger = signed_officer(factories.institution("大连海事大学"))
    assert not DemandFile.objects.readable_by(stranger).filter(pk=drawing.pk).exists()


def test_expires(follow_up, owner, officer, drawing):
    sign(follow_up, officer, valid_until=timezone.localdate())
    sign(follow_up, owner)
    assert Agreement.objects.in_force().exists()
    AgreementCopy.objects.filter(side="firm").update(valid_until=timezone.localdate() - datetime.timedelta(days=1))
    assert not Agreement.objects.in_force().exists()
    with pytest.raises(ValidationError, match="已经过去"):
        sign(follow_up, owner, valid_until=timezone.localdate() - datetime.timedelta(days=1))


def test_needs_the_consent_of_both_sides_first(owner, officer):
    demand = teaser_demand(firm=owner.memberships.get().organisation)
    asked = factories.follow_up(factories.match(demand=demand), status="asking")
    with pytest.raises(PermissionDenied, match="双方都愿意"):
        sign(asked, owner)


@pytest.mark.long
def test_nobody_signs_for_another(follow_up):
    for user in (
        factories.district_officer(),
        factories.city_officer(),
        factories.firm_officer(),
        signed_officer(factories.institution("大连海事大学")),
    ):
        with pytest.raises(PermissionDenied):
            sign(follow_up, user)


@pytest.mark.long
def test_pages(client, follow_up, owner, officer):
    page = reverse("follow_up", args=[follow_up.public_id])
    upload = reverse("agreement_upload", args=[follow_up.public_id])
    client.force_login(officer)
    assert "上传本单位的签署件" in client.get(page).content.decode()
    response = client.post(upload, {"file": SimpleUploadedFile("协议.pdf", pdf())}, follow=True)
    assert "等企业上传" in response.content.decode()
    response = client.post(upload, {"file": SimpleUploadedFile("协议.pdf", b"MZ")}, follow=True)
    assert "不是可以接收的类型" in response.content.decode()
    client.force_login(owner)
    response = client.post(
        upload, {"file": SimpleUploadedFile("协议.pdf", pdf()), "valid_until": "2099-01-01"}, follow=True
    )
    assert "已生效" in response.content.decode()
    copy = AgreementCopy.objects.filter(side="institution").get(replaced_at=None)
    response = client.get(reverse("agreement_copy", args=[copy.public_id]))
    assert b"".join(response.streaming_content).startswith(b"%PDF")
    response = client.post(reverse("agreement_end", args=[follow_up.public_id]), {"reason": " "}, follow=True)
    assert "请写明原因" in response.content.decode()
    client.force_login(factories.firm_officer())
    assert client.get(reverse("agreement_copy", args=[copy.public_id])).status_code == 404
