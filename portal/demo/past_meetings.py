"""Load the event days of past rounds: attendees, timetable, meetings and outcomes."""

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from achievements.models import Achievement
from demands.models import Demand
from matching.models import Match
from portal.demo.dataset import past_rounds, rows
from portal.demo.people import DemoContext
from rounds.models import Attendee, DockingRound, Hall, Meeting, Outcome, Party, Placement, Slot, Timetable
from rounds.services.anonymous_numbers import assign_anonymous_numbers

TABLES, SLOTS, MINUTES, BREAK = 12, 8, 25, 5
MOST_MEETINGS, MOST_PER_PARTY = 70, 5
PER_DAY = 4
"""Slots before noon; the others are in the afternoon."""
SURNAMES = "顾沈陆程方姚邹汤尹黎易常武乔贺赖龚文"
GIVEN = ("远帆", "听澜", "思源", "知行", "云舒", "景行", "若谷", "望舒", "清和", "子衿", "承泽", "嘉树", "怀瑾")
POSITIONS = {"firm": ("技术总监", "总工程师", "研发经理", "总经理助理"), "office": ("教授", "副教授", "项目负责人")}
NEXT_STEPS = ("安排来厂交流", "到校看样机", "寄送样品", "发送详细资料", "商定合同条款")
REASONS = (Match.RejectReason.PRICE, Match.RejectReason.TOO_EARLY, Match.RejectReason.INDICATOR)


def load_past_meetings(demo: DemoContext) -> None:
    """Load every past round without a published timetable, with a few bulk writes each."""
    for number, row in enumerate(past_rounds()):
        docking_round = DockingRound.objects.get(name=row["name"])
        if not docking_round.timetables.filter(status="published").exists():
            _PastRoundLoader(docking_round, demo, is_first=number == 0).load()


class _PastRoundLoader:
    """Builds the rows of one past round in memory."""

    def __init__(self, docking_round: DockingRound, demo: DemoContext, *, is_first: bool) -> None:
        self.round, self.demo, self.is_first = docking_round, demo, is_first
        self.number = count()

    def load(self) -> None:
        pairs = self._find_pairs()
        self.parties = self._load_parties(pairs)
        self._load_attendees()
        self._load_meetings(pairs)

    def _find_pairs(self) -> list[tuple]:
        """(firm, institution, match or None, topic, grade 1–3) of the pairs to meet.

        These are matches accepted before the round and not met yet; for the first round, pairs of `truth.jsonl` that
        existed by then.
        """
        grades = {(row["demand"], row["achievement"]): row["grade"] for row in rows("truth")}
        titles = {row["title"]: row["id"] for kind in ("demands", "achievements") for row in rows(kind)}
        pairs = []
        if not self.is_first:
            accepted = Match.objects.accepted().filter(reviewed_at__lt=self.round.starts_at, meetings=None)
            for match in accepted.select_related("demand__firm", "achievement__institution").order_by("-score", "pk"):
                grade = grades.get((titles.get(match.demand.title), titles.get(match.achievement.title)), 2)
                topic = match.achievement.title[:120]
                pairs.append((match.demand.firm, match.achievement.institution, match, topic, grade))
        else:
            demands = {demand.title: demand for demand in Demand.objects.select_related("firm")}
            achievements = {row.title: row for row in Achievement.objects.select_related("institution")}
            names = {key: title for title, key in titles.items()}
            for (demand_id, achievement_id), grade in grades.items():
                demand, achievement = demands.get(names[demand_id]), achievements.get(names[achievement_id])
                if grade < 2 or not demand or not achievement or demand.is_anonymous:
                    continue
                if demand.created_at < self.round.starts_at:
                    pairs.append((demand.firm, achievement.institution, None, achievement.title[:120], grade))
        return self._limit(pairs)

    def _limit(self, pairs: list[tuple]) -> list[tuple]:
        counts: Counter[int] = Counter()
        chosen, seen = [], set()
        for pair in pairs:
            firm, institution, match, *_rest = pair
            key = (firm.pk, institution.pk, match and match.pk)
            if key in seen or counts[firm.pk] >= MOST_PER_PARTY or counts[institution.pk] >= SLOTS:
                continue
            seen.add(key)
            counts.update([firm.pk, institution.pk])
            chosen.append(pair)
        return chosen[:MOST_MEETINGS]

    def _load_parties(self, pairs: list[tuple]) -> dict[int, Party]:
        """{organisation id: party}. Creates missing parties; those that were invited now come."""
        known = set(self.round.parties.filter(team="").values_list("organisation", flat=True))
        asked = self.round.starts_at - timedelta(days=21)
        new = {}
        for firm, institution, *_rest in pairs:
            for owner, side in ((firm, "firm"), (institution, "office")):
                if owner.pk not in known:
                    new[owner.pk] = Party(
                        docking_round=self.round,
                        organisation=owner,
                        side=side,
                        answer=Party.Answer.COMING,
                        invited_at=asked,
                        answered_at=asked + timedelta(days=3),
                    )
        Party.objects.bulk_create(new.values())
        Party.objects.filter(docking_round=self.round).exclude(answer__in=["coming", "declined"]).filter(
            organisation__in=[organisation for pair in pairs for organisation in pair[:2]]
        ).update(answer=Party.Answer.COMING, answered_at=asked + timedelta(days=3))
        return {party.organisation_id: party for party in self.round.parties.select_related("organisation")}

    def _load_attendees(self) -> None:
        """One or two attendees per party, checked in before the round begins; one party in 16 is absent."""
        parties = list(self.parties.values())
        with_attendees = set(Attendee.objects.filter(party__in=parties).values_list("party", flat=True))
        people = []
        for place, party in enumerate(parties):
            if party.pk not in with_attendees:
                people += [Attendee(party=party, **self._person(party)) for _ in range(1 + place % 2)]
        Attendee.objects.bulk_create(people)
        absent = parties[7::16]
        Party.objects.filter(pk__in=[party.pk for party in absent]).update(
            absent_at=self.round.starts_at + timedelta(minutes=40)
        )
        self.absent = {party.pk for party in absent}
        attendees = Attendee.objects.filter(party__in=self.parties.values(), checked_in_at=None).select_related("party")
        present = [attendee for attendee in attendees if attendee.party_id not in self.absent]
        for place, person in enumerate(present):
            person.checked_in_at = self.round.starts_at - timedelta(minutes=40 - place % 38)
            person.checked_in_by = self.demo.city
        Attendee.objects.bulk_update(present, ["checked_in_at", "checked_in_by"], batch_size=500)

    def _person(self, party: Party) -> dict:
        number = next(self.number) + 7 * (party.docking_round_id % 11)
        positions = POSITIONS[party.side]
        name = SURNAMES[number % len(SURNAMES)] + GIVEN[number * 5 % len(GIVEN)]
        return {"name": name, "position": positions[number % len(positions)]}

    def _load_meetings(self, pairs: list[tuple]) -> None:
        made_at = self.round.starts_at - timedelta(days=10)
        meetings = [
            Meeting(
                docking_round=self.round,
                firm_party=self.parties[firm.pk],
                institution_party=self.parties[institution.pk],
                match=match,
                topic=topic,
                origin=Meeting.Origin.MATCH if match else Meeting.Origin.STAFF,
                made_at=made_at,
                made_by=self.demo.city,
            )
            for firm, institution, match, topic, _grade in pairs
        ]
        known = set(
            Meeting.objects.filter(docking_round=self.round).values_list("firm_party", "institution_party", "match")
        )
        new = [
            (meeting, pair[4])
            for meeting, pair in zip(meetings, pairs, strict=True)
            if (meeting.firm_party_id, meeting.institution_party_id, meeting.match_id) not in known
        ]
        Meeting.objects.bulk_create([meeting for meeting, _grade in new])
        assign_anonymous_numbers(self.round)
        self._schedule(new)

    def _schedule(self, meetings: list[tuple[Meeting, int]]) -> None:
        hall = self.round.halls.filter(tables__gt=0).first() or Hall.objects.create(
            docking_round=self.round, name="洽谈厅", tables=TABLES, order=1
        )
        slots = list(self.round.slots.all()) or self._slots()
        timetable = Timetable.objects.create(
            docking_round=self.round,
            number=self.round.timetables.count() + 1,
            status=Timetable.Status.PUBLISHED,
            made_at=self.round.starts_at - timedelta(days=2),
            made_by=self.demo.city,
            published_at=self.round.starts_at - timedelta(days=1),
            published_by=self.demo.city,
        )
        busy: set[Any] = set()
        used: Counter[Any] = Counter()
        placements, placed = [], []
        for meeting, grade in meetings:
            sides = (meeting.firm_party_id, meeting.institution_party_id)
            free = (
                number
                for number in range(len(slots))
                if used[number] < hall.tables and not {(number, side) for side in sides} & busy
            )
            slot = next(free, None)
            if slot is None:
                continue  # not scheduled
            busy |= {(slot, side) for side in sides}
            used[slot] += 1
            placements.append(
                Placement(timetable=timetable, meeting=meeting, slot=slots[slot], hall=hall, table=used[slot])
            )
            placed.append((meeting, grade, slots[slot]))
        Placement.objects.bulk_create(placements)
        self._load_outcomes(placed)

    def _slots(self) -> list[Slot]:
        first, noon = self.round.starts_at + timedelta(minutes=60), timedelta(minutes=90)
        starts = [first + timedelta(minutes=(MINUTES + BREAK) * n) + noon * (n >= PER_DAY) for n in range(SLOTS)]
        starts = [start for start in starts if start + timedelta(minutes=MINUTES) <= self.round.ends_at] or [first]
        return Slot.objects.bulk_create(
            [
                Slot(docking_round=self.round, starts_at=start, ends_at=start + timedelta(minutes=MINUTES))
                for start in starts
            ]
        )

    def _load_outcomes(self, placed: list[tuple[Meeting, int, Slot]]) -> None:
        outcomes = []
        for number, (meeting, grade, slot) in enumerate(placed):
            if {meeting.firm_party_id, meeting.institution_party_id} & self.absent or number % 17 == 5:
                meeting.status = Meeting.Status.MISSED
                continue
            meeting.status = Meeting.Status.HELD
            meeting.begun_at = slot.starts_at + timedelta(minutes=number % 4)
            meeting.ended_at = slot.ends_at - timedelta(minutes=number % 6)
            outcomes += self._outcomes(meeting, grade, number)
        Meeting.objects.bulk_update(
            [meeting for meeting, *_rest in placed], ["status", "begun_at", "ended_at"], batch_size=500
        )
        Outcome.objects.bulk_create(outcomes)

    def _outcomes(self, meeting: Meeting, grade: int, number: int) -> list[Outcome]:
        """The outcome as recorded by the firm and often by the institution, or else by the host of the table."""
        fits = grade + (number % 5 == 0) - (number % 4 == 1)
        verdict = "intent" if fits >= 3 else "go_on" if fits == 2 else "no_fit"
        at = meeting.ended_at + timedelta(minutes=2)
        if number % 11 == 10:
            return [self._outcome(meeting, "host", verdict, number, at)]
        outcomes = [self._outcome(meeting, "firm", verdict, number, at)]
        if number % 3:
            other = "go_on" if verdict == "intent" and number % 7 == 3 else verdict
            outcomes.append(self._outcome(meeting, "office", other, number, at + timedelta(minutes=3)))
        return outcomes

    def _outcome(self, meeting: Meeting, side: str, verdict: str, number: int, at: datetime) -> Outcome:
        is_no, is_intent = verdict == "no_fit", verdict == "intent"
        return Outcome(
            meeting=meeting,
            side=side,
            verdict=verdict,
            reason=REASONS[number % len(REASONS)] if is_no else "",
            next_step="" if is_no else NEXT_STEPS[number % len(NEXT_STEPS)],
            next_on=None if is_no else (at + timedelta(days=7 + number % 21)).date(),
            intent_wan=Decimal(20 + number * 35 % 380) if is_intent else None,
            is_signed=is_intent and number % 4 == 0,
            recorded_by=self.demo.city if side == "host" else None,
            recorded_at=at,
        )
