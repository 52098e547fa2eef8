import pytest
from django.core.cache import cache
from django.urls import reverse

from accounts.models import SignUp
from members.services.sign_ups import approve_sign_up, reject_sign_up
from tests import factories
from tests.members.services.test_sign_ups import application, code

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counts():
    cache.clear()


class TestSignUp:
    def filled(self, **fields) -> dict:
        return {
            "firm_name": "大连演示轴承有限公司",
            "credit_code": code(),
            "stat_region": factories.region("jinpu").pk,
            "name": "演示员",
            "phone": "13800001234",
            "username": "bearing",
            "password": "Bearing-2026-ok",
            "password_again": "Bearing-2026-ok",
            "consent": "on",
        } | fields

    def test_submission_redirects_to_the_status_page(self, client):
        response = client.post(reverse("sign_up"), self.filled(), follow=True)
        page = response.content.decode()
        assert response.redirect_chain[-1][0] == reverse("sign_up_state", args=[SignUp.objects.get().public_id])
        assert "金普新区科技部门会核对" in page
        assert "13800001234" not in page

    def test_errors_are_shown_at_their_fields_and_values_are_kept(self, client):
        response = client.post(reverse("sign_up"), self.filled(credit_code=code()[:-1], password_again="Other-2026-ok"))
        page = response.content.decode()
        assert response.status_code == 422
        assert "有 2 处需要修改" in page
        assert "应为 18 位，现在是 17 位" in page
        assert 'value="大连演示轴承有限公司"' in page
        assert "Bearing-2026-ok" not in page

    def test_double_submission_creates_one_application(self, client):
        first = client.post(reverse("sign_up"), self.filled())
        assert client.post(reverse("sign_up"), self.filled()).url == first.url
        assert SignUp.objects.count() == 1

    def test_only_reporting_units_are_offered(self, client):
        response = client.post(reverse("sign_up"), self.filled(stat_region=factories.region("210213").pk))
        assert response.status_code == 422

    @pytest.mark.parametrize("decided", ["approved", "rejected"])
    def test_status_page_shows_the_decision(self, client, decided):
        sign_up, officer = application(), factories.city_officer()
        if decided == "approved":
            approve_sign_up(sign_up, by=officer, checks=["已核对营业执照"])
        else:
            reject_sign_up(sign_up, by=officer, reason="名称与执照不一致")
        page = client.get(reverse("sign_up_state", args=[sign_up.public_id])).content.decode()
        assert ("审核通过" in page, "名称与执照不一致" in page) == (decided == "approved", decided == "rejected")
        assert officer.name not in page

    def test_unknown_application_is_404(self, client):
        assert client.get(reverse("sign_up_state", args=["23456789ab"])).status_code == 404
