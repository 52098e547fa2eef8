"""Attacks on the name of an anonymous firm in one matter: who reads it, on pages, in figures and in their files."""

import io
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import Role
from accounts.names import PUBLIC, knows_name, name_for
from matching.models import BrokerRequest, FollowUp, Match
from mechanism.kpi.query_scope import parse_scope
from tests import factories as make
from tests.walk.visits import readable

pytestmark = pytest.mark.django_db
SECRET, ALIAS = "大连澄砚密封科技有限公司", "高新区某密封企业"


@pytest.fixture
def matter():
    """An accepted match about an anonymous demand, asked and not agreed, with a meeting that was held."""
    firm = make.firm(SECRET, region_code="gaoxin")
    firm.credit_code = "91210200MADEM0001W"
    firm.save()
    demand = make.demand(firm=firm, title="密封端面减摩", is_anonymous=True, public_alias=ALIAS)
    office = make.institution("大连北岸大学")
    city = make.city_officer()
    match = make.match(
        achievement=make.achievement(institution=office, title="类金刚石涂层"), demand=demand,
        status="accepted", reviewed_by=city, reviewed_at=timezone.now(),
    )  # fmt: skip
    FollowUp.objects.create(match=match, owner=city)
    docking_round = make.docking_round(status="running")
    meeting = make.meeting(
        make.party(docking_round, firm), make.party(docking_round, office), match=match,
        status="held", begun_at=timezone.now(), ended_at=timezone.now(), topic=f"{SECRET}的密封",
    )  # fmt: skip
    return SimpleNamespace(firm=firm, demand=demand, office=office, match=match, meeting=meeting, city=city)


def readers(matter) -> dict:
    agency = make.agency("大连桥梁服务中心")
    asked, taken = (
        make.broker(user=make.user(Role.BROKER, agency.organisation), agency=agency).user for _number in range(2)
    )
    BrokerRequest.objects.create(match=matter.match, broker=taken.broker, asked_by=matter.city, status="taken",
                                 answered_at=timezone.now())  # fmt: skip
    return {
        "public": None,
        "anonymous": AnonymousUser(),
        "nobody": make.user(),
        "own firm": make.firm_officer(matter.firm),
        "other firm": make.firm_officer(make.firm("大连别家有限公司")),
        "own office": make.institution_officer(matter.office),
        "other office": make.institution_officer(make.institution("大连别家大学")),
        "own district": make.district_officer("gaoxin"),
        "other district": make.district_officer("jinpu"),
        "city": make.city_officer(),
        "auditor": make.auditor(),
        "sysadmin": make.sysadmin(),
        "broker": asked,
        "broker who took it": taken,
    }


ALWAYS = {"own firm", "own district", "city", "auditor"}


def agree(matter) -> None:
    now = timezone.now()
    words = make.own_words(matter.match, stance="willing")
    FollowUp.objects.filter(match=matter.match).update(status="talks", agreed_at=now, next_on=now.date(), **words)


def test_who_knows_the_firm_before_and_after_both_agreed(matter):
    everybody = readers(matter)
    for name in ("asked", "agreed"):
        if name == "agreed":
            agree(matter)
        match = Match.objects.get(pk=matter.match.pk)
        knowing = {role for role, user in everybody.items() if knows_name(matter.firm, user, match)}
        assert knowing == ALWAYS | ({"own office", "broker who took it"} if name == "agreed" else set())
        by_demand = {role for role, user in everybody.items() if name_for(matter.firm, user, matter.demand) == SECRET}
        assert by_demand == ALWAYS


def test_an_inactive_user_is_the_public(matter):
    user = make.firm_officer(matter.firm)
    user.is_active = False
    assert name_for(matter.firm, user, matter.demand) == ALIAS


def test_another_organisation_beside_an_anonymous_matter_keeps_its_name(matter):
    assert name_for(matter.office, PUBLIC, matter.demand) == "大连北岸大学"


def test_the_holder_of_an_invitation_code_knows_only_the_own_side(matter):
    meeting = matter.meeting
    assert meeting.name_of(meeting.firm_party, meeting.firm_party.reader, full=True) == SECRET
    assert meeting.name_of(meeting.firm_party, meeting.institution_party.reader, full=True).startswith("匿名企业")


@pytest.mark.parametrize("role", ["own office", "other district"])
def test_rows_and_workbook_of_the_meetings_figure_do_not_name_the_firm(matter, role):
    user = readers(matter)[role]
    client = Client()
    client.force_login(user)
    for name in ("figure_rows", "figure_export"):
        for key in ("meetings", "firms", "intents"):
            response = client.get(reverse(name, args=[key]))
            if response.status_code == 200:
                text = readable(response)
                assert "澄砚" not in text and "91210200MADEM0001W" not in text, (role, name, key)


def test_the_district_reads_the_name_in_the_same_rows(matter):
    client = Client()
    client.force_login(make.district_officer("gaoxin"))
    assert SECRET in client.get(reverse("figure_rows", args=["meetings"])).text
    book = load_workbook(io.BytesIO(client.get(reverse("figure_export", args=["meetings"])).content))
    assert any(SECRET in str(cell) for row in book.active.iter_rows(values_only=True) for cell in row)


def test_a_figure_filtered_by_a_firm_does_not_print_its_name(matter):
    """The filter takes institutions: the id of a firm would be answered with its name in the title."""
    with pytest.raises(ValidationError, match="没有这个"):
        parse_scope({"institution": matter.firm.public_id}, make.city_officer())


@pytest.mark.long
def test_a_renamed_firm_does_not_stand_in_the_title_of_its_published_demand(matter):
    """Texts are masked when they are read, so a new name is masked too."""
    matter.firm.name, matter.firm.short_name = "大连密封端面有限公司", "端面通"
    matter.firm.save()
    type(matter.demand).objects.filter(pk=matter.demand.pk).update(title="端面通的减摩")
    client = Client()
    client.force_login(make.institution_officer(matter.office))
    for path in ("/demands/", f"/demands/{matter.demand.public_id}/", "/workbench/follow-ups/", "/workbench/"):
        assert "端面通" not in client.get(path).text, path
    for path in ("/demands/", "/api/v1/demands/"):
        assert matter.demand.public_id not in client.get(path, {"q": "端面通"}).text
        assert matter.demand.public_id in client.get(path, {"q": "减摩"}).text


def test_a_search_by_the_name_finds_no_follow_up_or_demand(matter):
    client = Client()
    client.force_login(make.institution_officer(matter.office))
    for path in ("/demands/", "/workbench/follow-ups/", "/api/v1/demands/"):
        text = client.get(path, {"q": "澄砚密封"}).text.replace("澄砚密封", "")
        if path != "/workbench/follow-ups/":
            assert matter.demand.public_id not in text
        assert "澄砚" not in text
