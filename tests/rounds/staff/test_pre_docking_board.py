from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Region
from notices.models import Notice
from rounds.models import DistrictReminder, PreDockingTarget
from rounds.services.targets import remind_districts, set_targets
from rounds.views.staff.pre_docking_figures import (
    FIGURES,
    BoardScope,
    DistrictRow,
    assess,
    district_rows,
    elapsed_share,
)
from tests import factories as make
from tests.browser_client import readable

pytestmark = pytest.mark.django_db
BOARD = "/admin/rounds/party/board/"


@pytest.fixture
def city():
    return make.city_officer()


@pytest.fixture
def docking_round():
    now = timezone.now()
    return make.docking_round(
        announced_at=now - timedelta(days=20), starts_at=now + timedelta(days=20), ends_at=now + timedelta(days=21)
    )


def a_city_at_work(docking_round):
    """Something of everything in 金普新区, a little in 高新园区."""
    make.party(docking_round, answer="listed")
    make.party(docking_round, answer="invited", letter="paper")
    make.party(docking_round)
    make.party(docking_round, answer="declined")
    make.party(docking_round, make.firm(region_code="gaoxin"))
    make.party(docking_round, make.institution(), team=f"电池{docking_round.parties.count()}")
    make.match()
    make.demand(firm=make.firm())


def test_every_figure_equals_the_number_of_its_rows(city, docking_round):
    a_city_at_work(docking_round)
    for line in district_rows(BoardScope(city, docking_round)):
        for name, figure in FIGURES.items():
            if line.region:
                assert line.counts[name] == figure.rows(BoardScope(city, docking_round, line.region)).count(), (
                    line.region,
                    name,
                )


def test_a_district_sees_only_its_own_row(docking_round):
    a_city_at_work(docking_round)
    officer = make.district_officer("gaoxin")
    (line,) = district_rows(BoardScope(officer, docking_round))
    assert (line.region.code, line.counts["coming"], line.counts["listed"]) == ("gaoxin", 1, 0)


@pytest.mark.long
def test_the_number_of_queries_is_constant(signed_in, city, docking_round):
    browser = signed_in(city)
    a_city_at_work(docking_round)
    browser.get(BOARD)
    with CaptureQueriesContext(connection) as few:
        assert browser.get(BOARD).status_code == 200
    for _number in range(2):
        a_city_at_work(docking_round)
    with CaptureQueriesContext(connection) as many:
        browser.get(BOARD)
    assert len(few) == len(many)


@pytest.mark.parametrize(
    ("reached", "gone", "state"),
    [(10, 0.9, "done"), (5, 0.5, "going"), (5, 0.6, "behind"), (1, 0.5, "far"), (0, 0.01, "going")],
)
def test_the_state_follows_from_time_and_target(reached, gone, state):
    counts = dict.fromkeys(FIGURES, 0) | {"coming": reached}
    line = assess(DistrictRow(None, counts, {PreDockingTarget.Kind.COMING: 10}), gone)
    assert line.state == state
    assert line.missing == ([] if state == "done" else [f"确认参会企业 {reached}/10"])


def test_a_district_without_targets_does_not_lag():
    assert assess(DistrictRow(None, dict.fromkeys(FIGURES, 0), {}), 1.0).state == "free"


def test_the_district_furthest_behind_comes_first(city, docking_round):
    gaoxin, jinpu = make.region("gaoxin"), make.region("jinpu")
    set_targets(docking_round, {(jinpu.pk, "coming"): 10, (gaoxin.pk, "coming"): 10}, by=city)
    for _number in range(5):
        make.party(docking_round)
    assert next(line.region for line in district_rows(BoardScope(city, docking_round))) == gaoxin
    assert elapsed_share(docking_round) == pytest.approx(0.5, abs=0.01)


def test_only_the_city_sets_targets(city, docking_round):
    region = make.region("jinpu")
    assert set_targets(docking_round, {(region.pk, "coming"): 10, (region.pk, "needs"): None}, by=city) == 1
    assert set_targets(docking_round, {(region.pk, "coming"): 10}, by=city) == 0
    assert set_targets(docking_round, {(region.pk, "coming"): None}, by=city) == 1
    with pytest.raises(PermissionDenied):
        set_targets(docking_round, {(region.pk, "coming"): 5}, by=make.district_officer("jinpu"))
    with pytest.raises(ValidationError, match="0 到 10000"):
        set_targets(docking_round, {(region.pk, "coming"): 10_001}, by=city)


@pytest.mark.parametrize("typed", ["-1", "一百", "1.5", "9" * 30])
def test_a_target_that_is_no_number_is_refused_and_nothing_is_saved(signed_in, city, docking_round, typed):
    answer = signed_in(city).post(f"{BOARD}targets/", {"coming-jinpu": typed, "coming-gaoxin": "5"})
    assert answer.status_code == 422
    assert not PreDockingTarget.objects.exists()


def test_a_district_is_reminded_once_a_day(signed_in, city, docking_round):
    officer = make.district_officer("jinpu")
    set_targets(docking_round, {(make.region("jinpu").pk, "coming"): 10}, by=city)
    browser = signed_in(city)
    for _click in range(2):
        browser.post(f"{BOARD}remind/", {"round": docking_round.public_id})
    assert DistrictReminder.objects.count() == 1
    notice = Notice.objects.get(recipient=officer)
    assert "确认参会企业 0/10" in notice.text
    assert not remind_districts(docking_round, {Region.objects.get(code="jinpu"): "再提醒"}, by=city)


def test_all_silent_guests_of_a_district_are_reminded_in_one_click(signed_in, docking_round):
    long_ago = timezone.now() - timedelta(days=9)
    mine = make.party(docking_round, answer="invited", invited_at=long_ago)
    other = make.party(docking_round, make.firm(region_code="gaoxin"), answer="invited", invited_at=long_ago)
    signed_in(make.district_officer("jinpu")).post(f"{BOARD}remind-guests/", {"round": docking_round.public_id})
    mine.refresh_from_db()
    other.refresh_from_db()
    assert mine.reminded_at
    assert other.reminded_at is None


def test_ticked_guests_are_listed_and_invited(signed_in, docking_round):
    firm = make.demand(firm=make.firm("大连提议公司")).firm
    browser = signed_in(make.district_officer("jinpu"))
    assert "大连提议公司" in browser.get(f"{BOARD}proposals/").content.decode()
    browser.post(
        f"{BOARD}proposals/", {"round": docking_round.public_id, "organisation": [firm.public_id], "deed": "send"}
    )
    assert docking_round.parties.get().answer == "invited"


def test_a_firm_of_another_district_in_the_form_is_refused(signed_in, docking_round):
    stranger = make.firm(region_code="gaoxin")
    browser = signed_in(make.district_officer("jinpu"))
    answer = browser.post(
        f"{BOARD}proposals/", {"round": docking_round.public_id, "organisation": [stranger.public_id]}
    )
    assert answer.status_code == 403
    assert not docking_round.parties.exists()


def test_exports_mask_names_of_people(signed_in, city, docking_round):
    party = make.party(docking_round)
    make.attendee(party, name="诸葛先生")
    browser = signed_in(city)
    board = readable(browser.get(f"{BOARD}export/?round={docking_round.public_id}"))
    rows = readable(browser.get(reverse("admin:rounds_board_rows_export", args=["coming"])))
    assert "仅供对接工作使用" in board
    assert party.organisation.name in rows
    assert "诸葛先生" not in rows


@pytest.mark.parametrize("query", ["?round=nowhere", "?round=" + "x" * 3000])
def test_an_unknown_round_is_not_found(signed_in, city, docking_round, query):
    assert signed_in(city).get(BOARD + query).status_code == 404


def test_the_board_without_any_round_has_a_message(signed_in, city):
    assert "还没有对接活动" in (page := signed_in(city).get(BOARD).text)
    assert "新建对接活动" in page
    assert "新建对接活动" not in signed_in(make.district_officer()).get(BOARD).text


def test_another_districts_row_is_refused(signed_in, docking_round):
    assert signed_in(make.district_officer("jinpu")).get(f"{BOARD}?region=gaoxin").status_code == 403
