"""The walk lets one ask for another only where no answer could differ."""

import copy

import pytest
from django.db import connection

from accounts.models import Membership, User
from favourites.models import Favourite
from notices.models import Notice
from notices.templatetags.notices import unread_notices
from tests import factories as make
from tests.walk.facts import FactsRead, asking

pytestmark = pytest.mark.django_db
EVERYBODY = {"nobody", "firm", "other_firm", "auditor", "sysadmin"}


@pytest.mark.parametrize(
    ("ask", "alike"),
    [
        (lambda user: user.is_authenticated and user.is_active, EVERYBODY),
        (lambda user: user.scope.sees_all, EVERYBODY - {"auditor"}),
        (lambda user: user.scope.firm_ids, {"nobody", "auditor", "sysadmin"}),
        (lambda user: user.has_perm("accounts.add_user"), EVERYBODY - {"sysadmin"}),
        (lambda user: user.has_perms(["accounts.add_user"]), EVERYBODY - {"sysadmin"}),
        (lambda user: user.has_perm("accounts.add_user", user), set()),
        (lambda user: user.username, set()),
        (lambda user: user.get_full_name(), set()),
        (lambda user: user.memberships.exists(), set()),
        (lambda user: hasattr(user, "something"), EVERYBODY),
        (lambda user: Membership.objects.filter(user=user.pk).exists(), set()),
        (lambda user: Favourite.objects.filter(user=user).exists(), EVERYBODY),
        (lambda user: Notice.objects.filter(recipient_id=user.scope.user_id).count(), EVERYBODY - {"other_firm"}),
        (lambda user: User.objects.get(pk=user.pk).name, set()),
        (unread_notices, EVERYBODY),
        (lambda user: None, EVERYBODY),
    ],
)  # fmt: skip
def test_one_asks_for_another_only_where_nothing_that_was_read_differs(ask, alike):
    users = {
        "nobody": make.user(),
        "firm": make.firm_officer(),
        "other_firm": make.firm_officer(make.firm("大连另一家有限公司")),
        "auditor": make.auditor(),
        "sysadmin": make.sysadmin(),
    }
    Notice.objects.create(recipient=users["other_firm"], kind="accepted", text="消息", path="/", about="a", key="a")
    people, facts_read = asking(users), FactsRead()
    asked = people["nobody"]

    def see(execute, sql, params, many, context):
        facts_read.see_query(sql)
        return execute(sql, params, many, context)

    with facts_read.installed(), connection.execute_wrapper(see):
        user = copy.copy(asked.user)
        facts_read.begin(user)
        ask(user)
        facts = facts_read.end()
    others = {role for role, who in people.items() if who.gets_the_answer_of(asked, facts)}
    assert others - {"nobody"} == alike - {"nobody"}, facts
