"""Planned = held + not held + cancelled, whatever was recorded; report, checklist and overview count alike."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rounds.checklist import checklist
from rounds.day.guest_list import guest_list
from rounds.fates import Fate
from rounds.models import Attendee, Meeting, Party, Placement, Timetable
from rounds.readiness import round_facts
from rounds.report.counting import count_figures
from rounds.report.document import build_document
from rounds.report.figures import counted_rows
from rounds.report.text import section_texts
from rounds.services.check_in import add_walk_in, check_in
from rounds.services.report import draft_report
from rounds.views.staff.report_rows import record_cells
from tests import factories as make
from tests.rounds.report.rounds import outcome

pytestmark = pytest.mark.long

TALKS = 6
NOT_PLACED, REPLACED, PUBLISHED = "not placed", "replaced", "published"
OUTCOMES = ((), ("host",), ("firm",), ("firm", "office"))
talk = st.tuples(
    st.sampled_from(Meeting.Status.values),
    st.sampled_from((NOT_PLACED, REPLACED, PUBLISHED)),
    st.booleans(),
    st.sampled_from(OUTCOMES),
)


@pytest.fixture
def docking_round(db):
    """A running round with TALKS pairs, none of which has a place yet, and two published timetables."""
    docking_round = make.docking_round(status="running")
    hall = make.hall(docking_round, tables=TALKS)
    (slot,) = make.slots(docking_round, 1)
    for number, status in ((1, "replaced"), (2, "published")):
        Timetable.objects.create(docking_round=docking_round, number=number, status=status, published_at=timezone.now())
    for number in range(TALKS):
        sides = (make.party(docking_round), make.party(docking_round, make.institution(f"第 {number} 大学")))
        make.meeting(*sides)
    docking_round.free = (hall, slot)
    return docking_round


def set_up(docking_round, talks) -> None:
    hall, slot = docking_round.free
    timetables = {timetable.status: timetable for timetable in docking_round.timetables.all()}
    meetings = Meeting.objects.filter(docking_round=docking_round).order_by("pk")
    for table, (meeting, (status, placed, is_absent, sides)) in enumerate(zip(meetings, talks, strict=True), start=1):
        reason = "展品没有运到" if status == "dropped" else ""
        Meeting.objects.filter(pk=meeting.pk).update(status=status, dropped_reason=reason)
        Party.objects.filter(pk=meeting.firm_party_id).update(absent_at=timezone.now() if is_absent else None)
        if placed != NOT_PLACED:
            place = {"meeting": meeting, "slot": slot, "hall": hall, "table": table}
            Placement.objects.create(timetable=timetables[placed], **place)
        if status == "held":
            for side in sides:
                outcome(meeting, side, "intent")


@settings(  # each example is rolled back; half of the usual number, since each counts the whole report
    max_examples=settings.default.max_examples // 2, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(talks=st.lists(talk, min_size=TALKS, max_size=TALKS))
def test_sums_hold_whatever_was_recorded(docking_round, talks):
    with transaction.atomic():
        set_up(docking_round, talks)
        figures = count_figures(docking_round)
        totals, facts = figures["totals"], round_facts(docking_round)
        expected = Counter(placed != NOT_PLACED for _status, placed, _absent, _sides in talks)[True]
        assert totals["planned"] == expected == sum(totals[fate.value] for fate in Fate)
        assert totals["held"] == totals["planned_held"] + totals["extra"]
        verdicts = ("intent", "go_on", "no_fit", "one_sided", "host_only", "silent")
        assert totals["held"] == sum(totals[name] for name in verdicts)
        for lines in figures["by"].values():
            for line in lines:
                assert line["planned"] == sum(line[fate.value] for fate in Fate)
        assert (facts.not_begun, facts.without_outcome) == (totals["unrecorded"] + totals["pending"], totals["silent"])
        item = next(item for item in checklist("close", facts) if item.key == "outcomes")
        assert item.is_done == (not facts.not_begun and not facts.unfinished and not facts.without_outcome)
        transaction.set_rollback(True)


def test_talks_never_begun_are_named_with_their_reason(docking_round):
    """One of six was held, one dropped, one missed, the firm of one was absent; nothing is known of the others."""
    talks = [(status, PUBLISHED, False, ()) for status in ("held", "dropped", "missed", "wanted", "wanted", "wanted")]
    talks[3] = ("wanted", PUBLISHED, True, ())
    set_up(docking_round, talks)
    figures = count_figures(docking_round)
    texts = section_texts(docking_round, figures)
    assert texts["talks"] == (
        "日程安排洽谈 6 场：如期举行 1 场，一方没有到场 1 场，未能进行 1 场，未举行（没有记录） 2 场，已取消 1 场。"
        "实际洽谈共 1 场。"
    )
    assert "2 场排定的洽谈没有举行，也没有记录原因。" in texts["problems"]
    assert "补记 3 场洽谈的情况和结果" in texts["next_steps"]
    (cancelled,) = counted_rows(Fate.CANCELLED.value, docking_round)
    assert "已取消：展品没有运到" in record_cells("meeting", cancelled)
    report = draft_report(docking_round, by=make.city_officer())
    (table,) = next(section for section in build_document(report).sections if section.key == "talks").tables
    *lines, total = [int(row.cells[0].words) for row in table.rows]
    assert sum(lines) == total == 6


def test_attendance_is_counted_over_the_confirmed_and_alike_everywhere(signed_in):
    """Four confirmed of whom three came, one without a check-in; one was only invited, one a walk-in."""
    docking_round, officer = make.docking_round(status="running"), make.city_officer()
    before = timezone.now() - timedelta(days=2)
    confirmed = [make.party(docking_round, answered_at=before) for _ in range(4)]
    asked = make.party(docking_round, answer="invited")
    for party in (*confirmed[:2], asked):
        check_in(make.attendee(party), by=officer)
    add_walk_in(docking_round, name="来宾", organisation="大连来宾厂", region=make.region("gaoxin"), by=officer)
    make.meeting(confirmed[2], make.party(docking_round, make.institution()), status="begun")
    Attendee.objects.filter(party=confirmed[2]).update(checked_in_at=None)

    figures = count_figures(docking_round)
    names = ("coming_firms", "coming_came_firms", "unannounced_firms", "came_firms")
    assert [figures["totals"][name] for name in names] == [4, 3, 2, 5]
    text = section_texts(docking_round, figures)["guests"]
    assert "确认参加 4 家，其中到会 3 家，到会率 75.0%；另有 2 家没有确认而到会，共到会 5 家。" in text
    here = figures["totals"]["came_firms"] + figures["totals"]["came_teams"]
    assert sum(party["here"] for party in guest_list(docking_round, officer)["parties"]) == here
    overview = signed_in(officer).get(reverse("admin:rounds_day_day", args=[docking_round.public_id]))
    assert overview.context["parties_here"] == here
