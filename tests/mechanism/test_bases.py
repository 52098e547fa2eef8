"""Pilot bases: list, permissions for requests and answers, concurrent answers."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from mechanism.models import Base, BaseRequest, FreePeriod
from mechanism.services.base_requests import answer_base_request, request_base, withdraw_base_request
from notices.models import Notice
from taxonomy.models import Industry
from tests import factories as make

pytestmark = pytest.mark.django_db


def base(**fields) -> Base:
    values = {"name": "大连演示中试基地", "kind": "pilot", "takes": ["lab", "pilot"]} | fields
    return Base.objects.create(**values)


def asked(pilot_base: Base | None = None, by=None, **fields) -> BaseRequest:
    by = by or make.institution_officer()
    organisation = by.memberships.get().organisation
    return request_base(pilot_base or base(), organisation=organisation, what="放大 5 公斤", by=by, **fields)


class TestRequesting:
    def test_the_operator_or_else_the_city_is_notified(self):
        city = make.city_officer()
        broker = make.user("broker", make.organisation("agency", "运营机构"))
        asked(base(organisation=make.organisation("agency", "运营机构")))
        asked(base(name="没有运营单位的基地"))
        assert list(Notice.objects.order_by("pk").values_list("recipient", flat=True)) == [broker.pk, city.pk]

    def test_only_for_own_organisations_and_own_achievements(self):
        user, pilot_base = make.firm_officer(), base()
        with pytest.raises(PermissionDenied):
            request_base(pilot_base, organisation=make.institution(), what="放大", by=user)
        with pytest.raises(PermissionDenied):
            asked(pilot_base, user, achievement=make.achievement())
        for other in (make.city_officer(), make.district_officer()):
            with pytest.raises(PermissionDenied):
                asked(pilot_base, other)

    def test_rejected_requests(self, monkeypatch):
        user, pilot_base, today = make.firm_officer(), base(), timezone.localdate()
        organisation = user.memberships.get().organisation
        with pytest.raises(ValidationError, match="要做什么"):
            request_base(pilot_base, organisation=organisation, what=" ", by=user)
        with pytest.raises(ValidationError, match="不能早于"):
            asked(pilot_base, user, wanted_from=today, wanted_to=today - timedelta(days=1))
        monkeypatch.setattr("mechanism.services.base_requests.MAX_WAITING", 1)
        asked(pilot_base, user)
        with pytest.raises(ValidationError, match="等待答复"):
            asked(pilot_base, user)
        Base.objects.filter(pk=pilot_base.pk).update(is_listed=False)
        with pytest.raises(ValidationError, match="不接受申请"):
            asked(pilot_base, make.institution_officer())


class TestAnswering:
    def test_only_operator_and_city_staff_answer(self):
        agency = make.organisation("agency", "运营机构")
        request = asked(base(organisation=agency))
        strangers = (
            make.firm_officer(),
            make.district_officer(),
            make.auditor(),
            make.user("broker", make.organisation("agency", "别的机构")),
        )
        for user in (*strangers, request.asked_by):
            with pytest.raises(PermissionDenied):
                answer_base_request(request, accept=True, answer="", by=user)
        answer_base_request(request, accept=True, answer="", by=make.user("broker", agency))
        assert request.status == "accepted"
        assert Notice.objects.for_user(request.asked_by).filter(text__contains="已接受").exists()
        other = asked(request.base)
        answer_base_request(other, accept=False, answer="年内没有空档", by=make.city_officer())
        assert other.status == "declined"

    def test_declining_requires_a_reason(self):
        with pytest.raises(ValidationError, match="为什么不能接受"):
            answer_base_request(asked(), accept=False, answer=" ", by=make.city_officer())

    def test_a_request_is_answered_once(self):
        request, city = asked(), make.city_officer()
        answer_base_request(request, accept=True, answer="", by=city)
        with pytest.raises(ValidationError, match="已接受，不能再改"):
            answer_base_request(request, accept=False, answer="满了", by=city)
        with pytest.raises(ValidationError, match="已接受，不能再改"):
            withdraw_base_request(request, by=request.asked_by)

    def test_the_applicant_withdraws_and_notices_disappear(self):
        make.city_officer()
        request = asked()
        with pytest.raises(PermissionDenied):
            withdraw_base_request(request, by=make.firm_officer())
        withdraw_base_request(request, by=request.asked_by)
        assert not Notice.objects.active().exists()

    def test_database_constraints(self):
        request = asked()
        for broken in ({"status": "accepted"}, {"answered_at": timezone.now()}):
            with pytest.raises(IntegrityError), transaction.atomic():
                BaseRequest.objects.filter(pk=request.pk).update(**broken)


@pytest.mark.django_db(transaction=True)
def test_one_of_two_concurrent_answers_is_kept():
    request, officers = asked(), [make.city_officer(), make.city_officer()]
    start, refused = Barrier(2), []

    def answer(accept: bool, by) -> None:
        try:
            own = BaseRequest.objects.get(pk=request.pk)
            start.wait(timeout=60)
            answer_base_request(own, accept=accept, answer="年内没有空档", by=by)
        except ValidationError as error:
            refused.append(error.messages[0])
        finally:
            connection.close()

    threads = [Thread(target=answer, args=(number == 0, by)) for number, by in enumerate(officers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    request.refresh_from_db()
    assert request.status in {"accepted", "declined"}
    assert len(refused) == 1
    assert Notice.objects.filter(recipient=request.asked_by).count() == 1


class TestPages:
    def test_the_list_is_filtered_and_hides_unlisted_bases(self, client):
        base(name="中试甲").fields.add(Industry.objects.get(slug="materials"))
        base(name="验证乙", kind="proof", takes=["concept"])
        base(name="不公开的丙", is_listed=False)
        shown = lambda query: [row.name for row in client.get(reverse("base_list") + query).context["page"]]  # noqa: E731
        assert shown("") == ["中试甲", "验证乙"]
        assert shown("?kind=proof") == ["验证乙"]
        assert shown("?field=materials") == ["中试甲"]
        assert shown("?takes=pilot") == ["中试甲"]
        assert shown("?q=甲") == ["中试甲"]
        assert shown("?kind=%00&field=%00&takes=x&q=%00") == []

    def test_list_query_count_is_independent_of_rows(self, client, django_assert_num_queries):
        base()
        client.get(reverse("base_list"))
        with django_assert_num_queries(5):
            client.get(reverse("base_list"))
        base(name="乙"), base(name="丙")
        with django_assert_num_queries(5):
            client.get(reverse("base_list"))

    def test_a_request_from_form_to_answer(self, signed_in):
        pilot_base = base()
        today = timezone.localdate()
        FreePeriod.objects.create(
            base=pilot_base, starts_on=today - timedelta(days=9), ends_on=today - timedelta(days=2)
        )
        FreePeriod.objects.create(base=pilot_base, starts_on=today, ends_on=today + timedelta(days=9), note="二号线")
        user = make.institution_officer()
        achievement = make.achievement(institution=user.memberships.get().organisation)
        client = signed_in(user)
        page = client.get(reverse("base_detail", args=[pilot_base.public_id]))
        assert [period.note for period in page.context["base"].free] == ["二号线"]
        data = {
            "organisation": achievement.institution.public_id,
            "achievement": achievement.public_id,
            "what": "放大 5 公斤",
            "wanted_from": today.isoformat(),
        }
        assert client.post(reverse("base_ask", args=[pilot_base.public_id]), data).status_code == 302
        request = BaseRequest.objects.get()
        assert (request.achievement, request.wanted_from) == (achievement, today)
        officer = signed_in(make.city_officer())
        assert "放大 5 公斤" in officer.get(reverse("base_requests")).content.decode()
        path = reverse("base_request_answer", args=[request.public_id])
        assert officer.post(path, {"answer": "decline", "words": "已排满"}).status_code == 302
        assert "已排满" in client.get(reverse("base_requests")).content.decode()

    def test_a_rejected_form_keeps_its_input(self, signed_in):
        client, pilot_base = signed_in(make.firm_officer()), base()
        answer = client.post(
            reverse("base_ask", args=[pilot_base.public_id]), {"what": "写了一半", "wanted_from": "去年"}
        )
        assert answer.status_code == 422
        assert "写了一半" in answer.content.decode()
