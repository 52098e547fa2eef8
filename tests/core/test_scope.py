import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from core.scope import NOBODY, scope_of
from tests import factories

pytestmark = pytest.mark.django_db


def test_scope_follows_from_memberships():
    firm, user = factories.firm(), factories.district_officer("jinpu")
    scope = scope_of(user)
    assert scope.region_ids == {factories.region("jinpu").pk}
    assert (scope.is_district, scope.is_city, scope.sees_all) == (True, False, False)
    assert scope_of(factories.firm_officer(firm)).firm_ids == {firm.pk}
    assert scope_of(factories.auditor()).sees_all
    assert not scope_of(factories.auditor()).is_city


def test_anonymous_and_inactive_users_have_no_scope():
    switched_off = factories.city_officer(is_active=False)
    assert scope_of(AnonymousUser()) == scope_of(None) == scope_of(switched_off) == NOBODY


def test_scope_costs_one_query_per_request(django_assert_num_queries):
    user = User.objects.get(pk=factories.district_officer().pk)
    with django_assert_num_queries(1):
        assert user.scope.is_district
        assert not user.scope.is_city
