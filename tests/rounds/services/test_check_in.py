"""Check-in, absences and walk-ins: idempotent, also when sent late or simultaneously."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import Organisation
from audit.models import AuditRecord
from rounds.models import Attendee, Meeting, Party
from rounds.services.check_in import (
    AlreadyCheckedIn,
    add_walk_in,
    check_in,
    check_in_party,
    mark_absent,
    mark_returned,
    undo_check_in,
)
from rounds.services.meeting_status import begin_meeting
from tests import factories as make
from tests.concurrency import run_both

pytestmark = pytest.mark.django_db


@pytest.fixture
def docking_round():
    return make.docking_round(status="running")


@pytest.fixture
def person(docking_round):
    return make.attendee(make.party(docking_round), name="钱多")


def closed(docking_round, *, minutes_ago: int):
    docking_round.status, docking_round.closed_at = "closed", timezone.now() - timedelta(minutes=minutes_ago)
    docking_round.match_run = make.match_run()
    docking_round.save()


class TestCheckIn:
    def test_records_time_and_user(self, person):
        officer = make.district_officer()
        at = timezone.now() - timedelta(minutes=20)
        check_in(person, by=officer, key=uuid4(), at=at)
        assert (person.checked_in_at, person.checked_in_by) == (at, officer)
        assert AuditRecord.objects.get(action="签到").object_label == "钱*"

    def test_same_key_is_applied_once(self, person):
        officer, key = make.city_officer(), uuid4()
        check_in(person, by=officer, key=key)
        first = person.checked_in_at
        assert check_in(person, by=officer, key=key).checked_in_at == first
        assert AuditRecord.objects.filter(action="签到").count() == 1

    def test_second_desk_gets_the_first_desks_name(self, person):
        check_in(person, by=make.city_officer(name="王晓"), key=uuid4())
        with pytest.raises(AlreadyCheckedIn, match="由王晓签到"):
            check_in(person, by=make.city_officer(name="李明"), key=uuid4())

    def test_key_serves_one_person(self, person):
        key, officer = uuid4(), make.city_officer()
        check_in(person, by=officer, key=key)
        with pytest.raises(ValidationError, match="重新扫码"):
            check_in(make.attendee(person.party), by=officer, key=key)

    def test_wrong_device_clock_is_clamped(self, person):
        check_in(person, by=make.city_officer(), at=timezone.now() + timedelta(days=300))
        assert person.checked_in_at <= timezone.now()
        other = make.attendee(person.party)
        check_in(other, by=make.city_officer(), at=timezone.now() - timedelta(days=300))
        assert other.checked_in_at > timezone.now() - timedelta(days=2)

    def test_check_in_sets_coming_and_clears_absence(self, docking_round):
        party = make.party(docking_round, answer="invited", absent_at=timezone.now())
        check_in(make.attendee(party), by=make.city_officer())
        party.refresh_from_db()
        assert (party.answer, party.absent_at) == ("coming", None)

    @pytest.mark.parametrize("status", ["preparing", "gathering"])
    def test_refused_before_the_event(self, status):
        person = make.attendee(make.party(make.docking_round(status=status)))
        with pytest.raises(ValidationError, match="还没有开始"):
            check_in(person, by=make.city_officer())

    def test_steps_before_the_end_are_accepted_after_it(self, person, docking_round):
        closed(docking_round, minutes_ago=30)
        with pytest.raises(ValidationError, match="已经结束"):
            check_in(person, by=make.city_officer())
        check_in(person, by=make.city_officer(), at=timezone.now() - timedelta(minutes=40))
        assert person.checked_in_at

    def test_other_roles_are_refused(self, person):
        for user in (make.auditor(), make.firm_officer(person.party.organisation), make.district_officer("gaoxin")):
            with pytest.raises(PermissionDenied):
                check_in(person, by=user)
        assert not Attendee.objects.checked_in().exists()

    def test_hosting_district_checks_in_everybody(self):
        officer = make.district_officer("gaoxin")
        host = Organisation.objects.get(kind="district", stat_region__code="gaoxin")
        docking_round = make.docking_round(status="running", host_kind="district", host=host)
        guest = make.attendee(make.party(docking_round, make.institution()))
        check_in(guest, by=officer)
        assert guest.checked_in_by == officer

    @pytest.mark.django_db(transaction=True)
    def test_two_simultaneous_desks_check_in_once(self, docking_round):
        person, desks = make.attendee(make.party(docking_round)), [make.city_officer() for _ in range(2)]

        def come(officer):
            try:
                return bool(check_in(Attendee.objects.get(pk=person.pk), by=officer, key=uuid4()))
            except AlreadyCheckedIn:
                return False

        assert sorted(run_both(*(lambda key=key: come(key) for key in desks))) == [False, True]
        assert AuditRecord.objects.filter(action="签到").count() == 1


@pytest.mark.long
def test_fifty_people_at_three_offline_desks(docking_round):
    """Each desk sends its whole outbox twice; every third person stood in two queues."""
    desks = [make.city_officer(name=name) for name in ("王晓", "李明", "张宁")]
    party = make.party(docking_round)
    people = [make.attendee(party) for _ in range(50)]
    steps = [(person, desks[n % 3], uuid4()) for n, person in enumerate(people)]
    steps += [(person, desks[(n + 1) % 3], uuid4()) for n, person in enumerate(people) if n % 3 == 0]
    done_by = 0
    for person, desk, key in [*steps, *steps]:
        try:
            check_in(person, by=desk, key=key)
        except AlreadyCheckedIn:
            done_by += 1
    assert Attendee.objects.checked_in().count() == AuditRecord.objects.filter(action="签到").count() == 50
    assert done_by == 2 * 17
    assert all(person.checked_in_by == desks[n % 3] for n, person in enumerate(Attendee.objects.order_by("pk")))


class TestUndo:
    def test_only_the_same_desk_undoes(self, person):
        officer, key = make.city_officer(), uuid4()
        check_in(person, by=officer, key=key)
        assert not undo_check_in(person, by=officer, key=uuid4())
        assert person.checked_in_at
        assert undo_check_in(person, by=officer, key=key)
        assert person.checked_in_at is None
        assert not undo_check_in(person, by=officer, key=key)

    def test_another_desk_may_check_in_afterwards(self, person):
        officer, key = make.city_officer(), uuid4()
        check_in(person, by=officer, key=key)
        undo_check_in(person, by=officer, key=key)
        check_in(person, by=make.city_officer(name="李明"), key=uuid4())
        assert person.checked_in_by.name == "李明"


class TestWholeParty:
    def test_checks_in_everybody_missing(self, person):
        make.attendee(person.party, name="赵一")
        officer, key = make.city_officer(), uuid4()
        check_in(person, by=officer)
        came = check_in_party(person.party, by=officer, key=key)
        assert [attendee.name for attendee in came] == ["赵一"]
        check_in_party(person.party, by=officer, key=key)
        assert AuditRecord.objects.filter(action="签到").count() == 2

    def test_party_without_people_is_refused(self, docking_round):
        with pytest.raises(ValidationError, match="请填写到场人员的姓名"):
            check_in_party(make.party(docking_round), by=make.city_officer())


class TestWalkIn:
    def test_walk_in_of_a_registered_firm(self, docking_round):
        firm = make.firm("大连海天齿轮有限公司")
        key, officer = uuid4(), make.city_officer()
        guests = [
            add_walk_in(docking_round, name="孙二", organisation=firm.name, by=officer, key=key) for _ in range(2)
        ]
        assert guests[0] == guests[1]
        party = Party.objects.get()
        assert (party.is_walk_in, party.answer, party.side) == (True, "coming", "firm")
        assert guests[0].checked_in_at

    def test_walk_in_of_an_expected_party(self, person):
        guest = add_walk_in(person.party.docking_round, name="孙二", party=person.party, by=make.city_officer())
        assert guest.party == person.party
        assert not guest.party.is_walk_in

    def test_unknown_firm_is_registered(self, docking_round):
        with pytest.raises(ValidationError, match="请选择所在区市县"):
            add_walk_in(docking_round, name="孙二", organisation="大连新来轴承有限公司", by=make.city_officer())
        guest = add_walk_in(
            docking_round,
            name="孙二",
            organisation="大连新来轴承有限公司",
            region=make.region(),
            by=make.district_officer("jinpu"),
        )
        assert guest.party.organisation.stat_region.code == "jinpu"

    def test_district_registers_no_firm_of_another_district(self, docking_round):
        with pytest.raises(PermissionDenied):
            add_walk_in(
                docking_round,
                name="孙二",
                organisation="大连新来轴承有限公司",
                region=make.region("gaoxin"),
                by=make.district_officer("jinpu"),
            )
        assert not Party.objects.exists()

    def test_party_of_another_round_is_refused(self, person):
        with pytest.raises(ValidationError, match="不在这次活动"):
            add_walk_in(make.docking_round(status="running"), name="孙二", party=person.party, by=make.city_officer())

    @pytest.mark.parametrize("name", ["", " ", "长" * 31])
    def test_empty_name_is_refused(self, person, name):
        with pytest.raises(ValidationError):
            add_walk_in(person.party.docking_round, name=name, party=person.party, by=make.city_officer())

    @pytest.mark.django_db(transaction=True)
    def test_two_desks_that_add_a_firm_create_one_party(self, docking_round):
        officer, firm = make.city_officer(), make.firm("大连海天齿轮有限公司")

        def come(name):
            return add_walk_in(docking_round, name=name, organisation=firm.name, by=officer, key=uuid4())

        run_both(lambda: come("孙二"), lambda: come("李三"))
        assert Party.objects.count() == 1
        assert Attendee.objects.count() == 2


class TestAbsence:
    def test_absence_is_recorded_once_and_cleared(self, person):
        officer, party = make.district_officer(), person.party
        assert mark_absent(party, by=officer)
        assert not mark_absent(party, by=officer)
        assert party.absent_at
        assert mark_returned(party, by=officer)
        assert not mark_returned(party, by=officer)
        assert list(AuditRecord.objects.order_by("pk").values_list("action", flat=True))[-2:] == [
            "记为未到",
            "恢复到场",
        ]

    def test_refused_during_a_meeting(self, docking_round):
        meeting = make.meeting(make.party(docking_round), make.party(docking_round, make.institution()))
        begin_meeting(meeting, by=make.city_officer())
        with pytest.raises(ValidationError, match="正在洽谈"):
            mark_absent(meeting.institution_party, by=make.city_officer())

    def test_refused_for_parties_that_do_not_come(self, docking_round):
        with pytest.raises(ValidationError, match="没有答复参加"):
            mark_absent(make.party(docking_round, answer="declined"), by=make.city_officer())

    def test_other_roles_are_refused(self, person):
        with pytest.raises(PermissionDenied):
            mark_absent(person.party, by=make.auditor())

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("turn", range(3))
    def test_simultaneous_begin_and_absence_exclude_each_other(self, docking_round, turn):
        """Either it has begun and the party is there, or the party is absent and it has not begun."""
        officer = make.city_officer()
        meeting = make.meeting(make.party(docking_round), make.party(docking_round, make.institution()))

        def tried(step):
            try:
                return bool(step())
            except ValidationError:
                return False

        party = Party.objects.get(pk=meeting.firm_party_id)
        run_both(
            lambda: tried(lambda: begin_meeting(Meeting.objects.get(pk=meeting.pk), by=officer)),
            lambda: tried(lambda: mark_absent(party, by=officer)),
        )
        meeting.refresh_from_db()
        party.refresh_from_db()
        assert (meeting.status == "begun") == (party.absent_at is None)
