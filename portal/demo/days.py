"""The days of the demo city's past rounds: who came, who met whom at which table, and what they said came of it."""

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

from achievements.models import Achievement
from demands.models import Demand
from matching.models import Match
from portal.demo.city import past_rounds, rows
from portal.demo.people import Cast
from rounds.models import Attendee, DockingRound, Hall, Meeting, Outcome, Party, Placement, Slot, Timetable

TABLES, SLOTS, MINUTES, BREAK = 12, 8, 25, 5
MOST_MEETINGS, MOST_PER_PARTY = 70, 5
PER_DAY = 4
"""Slots before noon; the others begin in the afternoon."""
SURNAMES = "顾沈陆程方姚邹汤尹黎易常武乔贺赖龚文"
GIVEN = ("远帆", "听澜", "思源", "知行", "云舒", "景行", "若谷", "望舒", "清和", "子衿", "承泽", "嘉树", "怀瑾")
POSITIONS = {"firm": ("技术总监", "总工程师", "研发经理", "总经理助理"), "office": ("教授", "副教授", "项目负责人")}
NEXT_STEPS = ("安排来厂交流", "到校看样机", "寄送样品", "发送详细资料", "商定合同条款")
REASONS = (Match.RejectReason.PRICE, Match.RejectReason.TOO_EARLY, Match.RejectReason.INDICATOR)


def hold_past_days(cast: Cast) -> None:
    """Every past round without a published timetable gets its day; each in a few bulk writes."""
    for number, row in enumerate(past_rounds()):
        docking_round = DockingRound.objects.get(name=row["name"])
        if not docking_round.timetables.filter(status="published").exists():
            _Day(docking_round, cast, is_first=number == 0).hold()


class _Day:
    """One past day, worked out in memory."""

    def __init__(self, docking_round: DockingRound, cast: Cast, *, is_first: bool):
        self.round, self.cast, self.is_first = docking_round, cast, is_first
        self.number = count()

    def hold(self) -> None:
        pairs = self._pairs()
        self.parties = self._load_parties(pairs)
        self._receive()
        self._meet(pairs)

    def _pairs(self) -> list[tuple]:
        """(firm, institution, match or None, topic, how good 1–3): what was accepted before the round and not talked
        about yet, or for the first round what the achievements and needs of the time had for each other."""
        grades = {(row["demand"], row["achievement"]): row["grade"] for row in rows("truth")}
        titles = {row["title"]: row["id"] for kind in ("demands", "achievements") for row in rows(kind)}
        found = []
        if not self.is_first:
            accepted = Match.objects.accepted().filter(reviewed_at__lt=self.round.starts_at, meetings=None)
            for one in accepted.select_related("demand__firm", "achievement__institution").order_by("-score", "pk"):
                grade = grades.get((titles.get(one.demand.title), titles.get(one.achievement.title)), 2)
                topic = one.achievement.title[:120]
                found.append((one.demand.firm, one.achievement.institution, one, topic, grade))
        else:
            needs = {one.title: one for one in Demand.objects.select_related("firm")}
            offers = {one.title: one for one in Achievement.objects.select_related("institution")}
            names = {key: title for title, key in titles.items()}
            for (need, offer), grade in grades.items():
                a, b = needs.get(names[need]), offers.get(names[offer])
                if grade >= 2 and a and b and a.created_at < self.round.starts_at and not a.is_anonymous:
                    found.append((a.firm, b.institution, None, b.title[:120], grade))
        return self._most(found)

    def _most(self, pairs: list[tuple]) -> list[tuple]:
        counts, chosen, seen = Counter(), [], set()
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
        """By organisation. Those that are on the list already stay as they are."""
        known = {one.organisation_id: one for one in self.round.parties.filter(team="")}
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
            organisation__in=[one for pair in pairs for one in pair[:2]]
        ).update(answer=Party.Answer.COMING, answered_at=asked + timedelta(days=3))
        return {one.organisation_id: one for one in self.round.parties.select_related("organisation")}

    def _receive(self) -> None:
        """One or two people of each party, checked in before the round begins; one party in sixteen did not come."""
        parties = list(self.parties.values())
        has = set(Attendee.objects.filter(party__in=parties).values_list("party", flat=True))
        people = []
        for place, party in enumerate(parties):
            if party.pk not in has:
                people += [Attendee(party=party, **self._person(party)) for _ in range(1 + place % 2)]
        Attendee.objects.bulk_create(people)
        away = parties[7::16]
        Party.objects.filter(pk__in=[one.pk for one in away]).update(
            absent_at=self.round.starts_at + timedelta(minutes=40)
        )
        self.away = {one.pk for one in away}
        here = Attendee.objects.filter(party__in=self.parties.values(), checked_in_at=None).select_related("party")
        came = [one for one in here if one.party_id not in self.away]
        for place, person in enumerate(came):
            person.checked_in_at = self.round.starts_at - timedelta(minutes=40 - place % 38)
            person.checked_in_by = self.cast.city
        Attendee.objects.bulk_update(came, ["checked_in_at", "checked_in_by"], batch_size=500)

    def _person(self, party: Party) -> dict:
        number = next(self.number) + 7 * (party.docking_round_id % 11)
        positions = POSITIONS[party.side]
        name = SURNAMES[number % len(SURNAMES)] + GIVEN[number * 5 % len(GIVEN)]
        return {"name": name, "position": positions[number % len(positions)]}

    def _meet(self, pairs: list[tuple]) -> None:
        made_at = self.round.starts_at - timedelta(days=10)
        meetings = [
            Meeting(
                docking_round=self.round,
                firm_party=self.parties[firm.pk],
                office_party=self.parties[institution.pk],
                match=match,
                topic=topic,
                origin=Meeting.Origin.MATCH if match else Meeting.Origin.STAFF,
                made_at=made_at,
                made_by=self.cast.city,
            )
            for firm, institution, match, topic, _grade in pairs
        ]
        known = set(Meeting.objects.filter(docking_round=self.round).values_list("firm_party", "office_party", "match"))
        fresh = [
            (one, pair[4])
            for one, pair in zip(meetings, pairs, strict=True)
            if (one.firm_party_id, one.office_party_id, one.match_id) not in known
        ]
        Meeting.objects.bulk_create([one for one, _grade in fresh])
        self._place(fresh)

    def _place(self, meetings: list[tuple[Meeting, int]]) -> None:
        hall = self.round.halls.filter(tables__gt=0).first() or Hall.objects.create(
            docking_round=self.round, name="洽谈厅", tables=TABLES, order=1
        )
        slots = list(self.round.slots.all()) or self._slots()
        timetable = Timetable.objects.create(
            docking_round=self.round,
            number=self.round.timetables.count() + 1,
            status=Timetable.Status.PUBLISHED,
            made_at=self.round.starts_at - timedelta(days=2),
            made_by=self.cast.city,
            published_at=self.round.starts_at - timedelta(days=1),
            published_by=self.cast.city,
        )
        busy, used, places, held = set(), Counter(), [], []
        for meeting, grade in meetings:
            sides = (meeting.firm_party_id, meeting.office_party_id)
            free = (n for n in range(len(slots)) if used[n] < hall.tables and not {(n, one) for one in sides} & busy)
            slot = next(free, None)
            if slot is None:
                continue  # left out, as on any real day
            busy |= {(slot, one) for one in sides}
            used[slot] += 1
            places.append(
                Placement(timetable=timetable, meeting=meeting, slot=slots[slot], hall=hall, table=used[slot])
            )
            held.append((meeting, grade, slots[slot]))
        Placement.objects.bulk_create(places)
        self._hold_talks(held)

    def _slots(self) -> list[Slot]:
        first, noon = self.round.starts_at + timedelta(minutes=60), timedelta(minutes=90)
        starts = [first + timedelta(minutes=(MINUTES + BREAK) * n) + noon * (n >= PER_DAY) for n in range(SLOTS)]
        starts = [one for one in starts if one + timedelta(minutes=MINUTES) <= self.round.ends_at] or [first]
        return Slot.objects.bulk_create(
            [Slot(docking_round=self.round, starts_at=one, ends_at=one + timedelta(minutes=MINUTES)) for one in starts]
        )

    def _hold_talks(self, held: list[tuple[Meeting, int, Slot]]) -> None:
        outcomes = []
        for number, (meeting, grade, slot) in enumerate(held):
            if {meeting.firm_party_id, meeting.office_party_id} & self.away or number % 17 == 5:
                meeting.status = Meeting.Status.MISSED
                continue
            meeting.status = Meeting.Status.HELD
            meeting.begun_at = slot.starts_at + timedelta(minutes=number % 4)
            meeting.ended_at = slot.ends_at - timedelta(minutes=number % 6)
            outcomes += self._said(meeting, grade, number)
        Meeting.objects.bulk_update(
            [meeting for meeting, *_rest in held], ["status", "begun_at", "ended_at"], batch_size=500
        )
        Outcome.objects.bulk_create(outcomes)

    def _said(self, meeting: Meeting, grade: int, number: int) -> list[Outcome]:
        """The firm says it, mostly also the institution; where neither did, the host of the table."""
        fits = grade + (number % 5 == 0) - (number % 4 == 1)
        verdict = "intent" if fits >= 3 else "go_on" if fits == 2 else "no_fit"
        at = meeting.ended_at + timedelta(minutes=2)
        if number % 11 == 10:
            return [self._outcome(meeting, "host", verdict, number, at)]
        found = [self._outcome(meeting, "firm", verdict, number, at)]
        if number % 3:
            other = "go_on" if verdict == "intent" and number % 7 == 3 else verdict
            found.append(self._outcome(meeting, "office", other, number, at + timedelta(minutes=3)))
        return found

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
            recorded_by=self.cast.city if side == "host" else None,
            recorded_at=at,
        )
