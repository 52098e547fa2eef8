"""Attacks on delegations: a college reads or writes another's, a completer another item, rights outlive their end."""

import io

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from achievements.models import Achievement
from members.models import Delegation, Invitation
from members.services.delegating import start_delegation
from members.services.delegations import end_delegation
from members.services.invitations import accept_with_account
from portfolio.delegated_items import delegated_items, give_items
from portfolio.models import ItemProposal
from portfolio.services.item_proposals import accept_proposal, propose
from tests import factories as make

pytestmark = pytest.mark.django_db
CHANGE = {"p-summary": "新的简介，已在两家企业试用。", "p-stage": "middle"}


@pytest.fixture
def school():
    return make.institution()


@pytest.fixture
def admin(school):
    return make.institution_officer(school)


def item_of(school, college, **fields):
    return make.achievement(institution=school, college=college, **fields)


def delegate(school, admin, *, college="", items=()):
    """A user who accepted an invitation to a college, or to be a completer with these items."""
    person = make.user(email=f"p{Delegation.objects.count()}@example.cn")
    kind = Delegation.Kind.COLLEGE if college else Delegation.Kind.COMPLETER
    new = start_delegation(school, kind=kind, college=college, email=person.email, by=admin)
    if items:
        give_items(new.invitation.delegation, items, by=admin)
    accept_with_account(new.invitation, by=person)
    return person


def test_a_college_reads_exports_and_changes_only_its_own(client, school, admin):
    own, other = item_of(school, "化工学院", title="甲院的成果"), item_of(school, "机械学院", title="乙院的成果")
    elsewhere = item_of(make.institution("大连海事大学"), "化工学院", title="外校化工的成果")
    nameless = item_of(school, "", title="没写学院的成果")
    person = delegate(school, admin, college="化工学院")
    client.force_login(person)
    assert list(delegated_items(person)) == [own]
    page = client.get(reverse("delegated")).text
    assert own.title in page and not any(row.title in page for row in (other, elsewhere, nameless))
    page = client.get(reverse("delegated"), {"q": "成果"}).text
    assert other.title not in page
    content = client.get(reverse("delegated_export"), {"q": "成果"}).content
    titles = texts_of(content)
    assert own.title in titles and not titles & {other.title, elsewhere.title, nameless.title}
    for row in (other, elsewhere, nameless):
        address = reverse("delegated_item", args=[row.public_id])
        assert client.get(address).status_code == client.post(address, CHANGE).status_code == 404
        with pytest.raises(PermissionDenied):
            propose(row, {"summary": "改掉"}, by=person)
    assert client.post(reverse("delegated_item", args=[own.public_id]), CHANGE).status_code == 302
    assert ItemProposal.objects.get().achievement == own


def texts_of(content):
    """All texts of a workbook."""
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return {str(cell.value) for row in sheet.iter_rows() for cell in row}


def test_a_completer_reads_only_the_items_given_to_him_also_of_his_own_name(client, school, admin):
    mine, namesake = (item_of(school, "化工学院", lead_person="张伟") for _ in range(2))
    client.force_login(delegate(school, admin, items=[mine]))
    assert client.get(reverse("delegated_item", args=[mine.public_id])).status_code == 200
    assert client.get(reverse("delegated_item", args=[namesake.public_id])).status_code == 404


def test_a_delegate_gets_nothing_of_what_the_office_may(client, school, admin):
    """The table, bulk edits, cells, renewals, files, exports and submissions of the office."""
    own = item_of(school, "化工学院")
    draft = item_of(school, "化工学院", registered=False)
    client.force_login(delegate(school, admin, college="化工学院"))
    at = [own.public_id]
    for name in ("achievement_file", "achievement_cell", "achievement_edit", "gallery"):
        assert client.get(reverse(name, args=at)).status_code == 404, name
    assert own.title not in client.get(reverse("my_achievements")).text
    chosen = {"chosen": own.public_id, "field": "college", "confirmed": "1"}
    for name in ("achievements_bulk", "renewal_new"):
        assert client.post(reverse(name), chosen).status_code == 404, name
    for name in ("proposals", "delegations"):
        assert client.get(reverse(name)).status_code == 404, name
    for name in ("delegation_college", "delegation_completer"):
        assert client.post(reverse(name), {"email": "x@example.cn", "college": "化工学院"}).status_code == 403, name
    before = Achievement.objects.values_list("pk", "status", "updated_at")
    stored = list(before)
    client.post(reverse("achievement_edit", args=[draft.public_id]), {"title": "改名"})
    assert list(before.all()) == stored and not Delegation.objects.exclude(kind="college").exists()
    assert client.get(reverse("organisation_members", args=[school.public_id])).status_code == 404


def test_a_delegate_does_not_accept_the_own_proposal_nor_one_of_a_colleague(client, school, admin):
    item = item_of(school, "化工学院")
    first, second = (delegate(school, admin, college="化工学院") for _ in range(2))
    proposal = propose(item, {"summary": "更好的简介"}, by=first)
    for person in (first, second):
        client.force_login(person)
        data = {"fields": ["summary"], "seen": ""}
        assert client.post(reverse("proposal_decide", args=[proposal.public_id]), data).status_code == 404
        with pytest.raises(PermissionDenied):
            accept_proposal(proposal, ["summary"], by=person, seen="")
    assert client.post(reverse("proposal_withdraw", args=[proposal.public_id])).status_code == 404
    proposal.refresh_from_db()
    assert proposal.status == "pending"


def test_fields_that_are_not_offered_are_not_proposed(client, school, admin):
    """The college would move the item to another college, or publish, rename and price it by posting more fields."""
    item = item_of(school, "化工学院")
    client.force_login(delegate(school, admin, college="化工学院"))
    more = {f"p-{name}": "机械学院" for name in ("college", "title", "status", "institution", "lead_person")}
    client.post(reverse("delegated_item", args=[item.public_id]), CHANGE | more)
    assert set(ItemProposal.objects.get().after) == {"summary"}


def test_rights_end_with_the_delegation_the_college_and_the_item_and_an_invitation_is_taken_once(client, school, admin):
    item = item_of(school, "化工学院")
    person = delegate(school, admin, college="化工学院")
    client.force_login(person)
    address = reverse("delegated_item", args=[item.public_id])
    assert client.get(address).status_code == 200
    Achievement.objects.filter(pk=item.pk).update(college="机械学院")
    assert client.get(address).status_code == 404
    Achievement.objects.filter(pk=item.pk).update(college="化工学院")
    delegation = Delegation.objects.get()
    end_delegation(delegation, by=admin)
    assert client.get(address).status_code == client.get(reverse("delegated")).status_code == 404
    with pytest.raises(PermissionDenied):
        propose(item, {"summary": "改掉"}, by=person)
    new = start_delegation(school, kind="college", college="化工学院", email="late@example.cn", by=admin)
    end_delegation(new.invitation.delegation, by=admin)
    client.logout()
    path = new.link[new.link.index("/invitations/") :]
    assert client.get(path).status_code == 404
    assert not Invitation.objects.open().exists()


def test_an_officer_without_the_administrator_role_and_one_of_another_school_delegate_nothing(client, school, admin):
    plain, stranger = make.institution_officer(school), make.institution_officer(make.institution("大连海事大学"))
    item_of(school, "化工学院")
    item_of(make.institution("大连海事大学"), "航海学院")
    for person in (plain, stranger):
        with pytest.raises(PermissionDenied):
            start_delegation(school, kind="college", college="化工学院", email="x@example.cn", by=person)
    client.force_login(stranger)
    data = {"institution": school.public_id, "college": "化工学院", "email": "x@example.cn"}
    assert client.post(reverse("delegation_college"), data).status_code == 403
    delegation = start_delegation(school, kind="completer", email="y@example.cn", by=admin).invitation.delegation
    with pytest.raises(PermissionDenied):
        give_items(delegation, [item_of(make.institution("大连海事大学"), "")], by=admin)
    assert Delegation.objects.count() == 1
