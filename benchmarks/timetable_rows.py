"""A plan from rows to rows: `python -m benchmarks.timetable_rows [--firms N]`, by default 1,000.

The day of `benchmarks.timetable` is stored as a round. Measured, each in seconds of the clock and of this processor
(without those of PostgreSQL): from the start of the worker's task until the first plan is stored; a repair of the
published plan after a party stays away, until its draft is stored; the board of the page. Prints one JSON line.
"""

import argparse
import json
import time
from collections.abc import Callable
from datetime import timedelta

from benchmarks.environment import database
from benchmarks.timetable import invented


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firms", type=int, default=1000)
    options = parser.parse_args()
    with database():
        print(json.dumps(measured(options.firms)), flush=True)


def measured(firms: int) -> dict:
    from rounds.models import Party
    from rounds.services import timetables
    from rounds.services.publishing import publish_timetable
    from rounds.services.replanning import NoShow, replan
    from rounds.views.staff.timetable_board import timetable_board

    docking_round, officer = stored_day(firms)
    version = timetables.start_planning(docking_round, by=officer, seconds=60)
    stopped = timetables._save_progress

    def save_and_stop(*args, **kwargs) -> bool:  # the first plan is enough
        stopped(*args, **kwargs)
        timetables._finish(version, timetables.Status.DRAFT)
        return False

    timetables._save_progress = save_and_stop
    first = _seconds(lambda: timetables.run_planning(version.pk))
    timetables._save_progress = stopped
    version.refresh_from_db()
    placed = version.placements.count()
    publish_timetable(version, revision=0, by=officer)
    busiest = Party.objects.filter(docking_round=docking_round, side="office").order_by("pk").first()
    again = _seconds(lambda: replan(docking_round, NoShow(busiest), by=officer))
    board = _seconds(lambda: timetable_board(docking_round))
    return {
        "benchmark": "timetable_rows",
        "firms": firms,
        "wishes": docking_round.meetings.count(),
        "placed": placed,
        "first_plan": first,
        "replan": again,
        "board": board,
    }


def _seconds(action: Callable[[], object]) -> dict[str, float]:
    clock, processor = time.perf_counter(), time.process_time()
    action()
    return {
        "seconds": round(time.perf_counter() - clock, 2),
        "processor_seconds": round(time.process_time() - processor, 2),
    }


def stored_day(firms: int):
    """(round, officer of the city): the invented day as rows."""
    from django.utils import timezone

    from accounts.models import Organisation
    from rounds.models import Meeting, Party, Slot
    from tests import factories as make

    event = invented(firms, seed=1)
    starts_at = (timezone.now() + timedelta(days=30)).replace(hour=0, minute=0, second=0, microsecond=0)
    docking_round = make.docking_round(
        starts_at=starts_at + timedelta(minutes=event.slots[0].start),
        ends_at=starts_at + timedelta(minutes=event.slots[-1].end),
        status="gathering",
    )
    make.hall(docking_round, tables=event.halls[0].tables)

    def at(minute: int):
        return starts_at + timedelta(minutes=minute)

    for slot in event.slots:
        Slot.objects.create(docking_round=docking_round, starts_at=at(slot.start), ends_at=at(slot.end))
    region = make.region()
    organisations = Organisation.objects.bulk_create(
        Organisation(name=f"规模{party.id}", kind="firm", stat_region=region)
        if str(party.id).startswith("F")
        else Organisation(name=f"规模{party.id}大学", kind="institution")
        for party in event.parties
    )
    parties = Party.objects.bulk_create(
        Party(
            docking_round=docking_round,
            organisation=organisation,
            side="firm" if organisation.kind == "firm" else "office",
            answer="coming",
            invited_at=timezone.now(),
            answered_at=timezone.now(),
            arrives_at=at(party.availability[0][0]) if party.availability else None,
            leaves_at=at(party.availability[0][1]) if party.availability else None,
        )
        for organisation, party in zip(organisations, event.parties, strict=True)
    )
    row_of = {party.id: row for party, row in zip(event.parties, parties, strict=True)}
    Meeting.objects.bulk_create(
        Meeting(
            docking_round=docking_round,
            firm_party=row_of[meeting.parties[0]],
            institution_party=row_of[meeting.parties[1]],
            topic=f"课题 {meeting.id}",
            priority=1 + int(meeting.id) % 3,
            origin="staff",
        )
        for meeting in event.meetings
    )
    return docking_round, make.city_officer()


if __name__ == "__main__":
    main()
