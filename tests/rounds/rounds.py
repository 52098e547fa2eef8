"""A small round for timetable tests: firms, institutions, halls, slots and meetings."""

from datetime import datetime, timedelta
from types import SimpleNamespace

from django.utils.timezone import get_current_timezone

from rounds.models import DockingRound, Meeting, Timetable
from rounds.services.timetables import run_planning, start_planning
from tests import factories as make

DAY = datetime(2027, 3, 18, 13, 30, tzinfo=get_current_timezone())


def small_round(
    *, firms: int = 3, teams: int = 2, tables: int = 2, slots: int = 4, pairs=None, starts_at: datetime = DAY
) -> SimpleNamespace:
    """`pairs`: (firm, institution) by number; all pairs by default. The city officer is `by`."""
    by = make.city_officer()
    docking_round = make.docking_round(starts_at=starts_at, ends_at=starts_at + timedelta(hours=8), status="gathering")
    hall = make.hall(docking_round, tables=tables, name="一号厅")
    names = "甲乙丙丁戊己庚辛壬癸"
    tag = docking_round.pk
    organisations = [
        make.organisation("firm", f"大连{name}{tag}有限公司", short_name=f"{name}公司", stat_region=make.region())
        for name in names[:firms]
    ]
    institutions = [
        make.organisation("institution", f"大连{name}{tag}大学", short_name=f"{name}大学") for name in names[:teams]
    ]
    firm_parties = [make.party(docking_round, organisation) for organisation in organisations]
    team_parties = [make.party(docking_round, institution) for institution in institutions]
    wanted = pairs if pairs is not None else [(a, b) for a in range(firms) for b in range(teams)]
    return SimpleNamespace(
        by=by,
        round=docking_round,
        hall=hall,
        slots=make.slots(docking_round, slots),
        firms=firm_parties,
        teams=team_parties,
        meetings=[make.meeting(firm_parties[a], team_parties[b]) for a, b in wanted],
    )


def planned(world, *, seconds: int = 8, **options) -> Timetable:
    """Return a version that a worker has just solved."""
    timetable = start_planning(world.round, by=world.by, seconds=seconds, **options)
    run_planning(timetable.pk)
    timetable.refresh_from_db()
    return timetable


def accept_all(docking_round: DockingRound) -> None:
    """Both sides of every talk accept it."""
    words = dict.fromkeys(("firm_word", "institution_word"), Meeting.Word.ACCEPTED)
    docking_round.meetings.awaiting_acceptance().update(**words)
