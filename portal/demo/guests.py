"""Load the guest lists of the demo rounds with their answers, and follow-ups of the latest past round."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import cycle

from django.utils import timezone

from accounts.models import Organisation, User
from matching.models import FollowUp, FollowUpCheck, FollowUpStep, Match
from matching.services.follow_up_checks import answer_check
from notices.models import Notice
from portal.demo.dataset import moment, past_rounds, rows
from portal.demo.people import DemoContext
from rounds.models import Attendee, DockingRound, GuestMessage, GuestTerms, Meeting, Party, PreDockingTarget
from rounds.services.guest_letters import LetterWriter
from rounds.services.guest_reach import Reach, recipients_by_party
from rounds.services.invitations import send_invitations
from rounds.services.meeting_follow_up import follow_up_outcome

ANNOUNCED_DAYS_AGO = 25
ANSWERS = ("coming", "invited", "coming", "declined", "coming", "listed", "coming", "")
"""Answers in turn of the firms of a district; the empty one is not on the guest list."""
SLOW_ANSWERS = ("invited", "listed", "", "coming", "", "invited")
SLOW_DISTRICT_EVERY = 4
"""One district in 4 uses SLOW_ANSWERS."""
DECLINE_REASONS = ("当天有审核，抽不出人", "需求已经解决", "负责人出差")
SURNAMES = "顾沈陆程方姚邹汤尹黎易常武乔贺赖龚文"
GIVEN = ("远帆", "听澜", "思源", "知行", "云舒", "景行", "若谷", "望舒", "清和", "子衿", "承泽", "嘉树", "怀瑾")
POSITIONS = {"firm": ("技术总监", "总工程师", "研发经理"), "office": ("教授", "副教授", "项目负责人")}
MAX_FOLLOW_UPS = 16


def load_guests(demo: DemoContext) -> None:
    """Add guests to each round without any: absent ones to past rounds, all kinds of answers to the coming round."""
    for row in rows("rounds"):
        docking_round = DockingRound.objects.get(name=row["name"])
        if row["starts_in_days"] > 0:
            _load_coming_round(docking_round, demo)
        elif not docking_round.parties.exclude(answer="coming").exists():
            _load_absent_guests(docking_round, demo)


def _load_coming_round(docking_round: DockingRound, demo: DemoContext) -> None:
    if docking_round.parties.exists() or docking_round.status not in DockingRound.OPEN:
        return
    DockingRound.objects.filter(pk=docking_round.pk).update(announced_at=moment(-ANNOUNCED_DAYS_AGO))
    by_unit = defaultdict(list)
    for firm in Organisation.objects.firms().filter(demands__isnull=False).distinct().order_by("pk"):
        by_unit[firm.stat_region_id].append(firm)
    represented = {demo.organisations[key].pk for row in rows("people") for key in row["organisations"]}
    parties, targets = [], []
    for number, (unit, firms) in enumerate(sorted(by_unit.items(), key=lambda item: item[0] or 0)):
        answers = cycle(SLOW_ANSWERS if number % SLOW_DISTRICT_EVERY == 1 else ANSWERS)
        by = demo.district_of(firms[0]) if unit else demo.city
        chosen = [(firm, "invited" if firm.pk in represented else answer) for firm, answer in zip(firms, answers)]  # noqa: B905
        parties += [
            _party(docking_round, firm, answer, by, firm.pk in represented) for firm, answer in chosen if answer
        ]
        if unit:
            wanted = {"invited": len(firms), "coming": max(1, len(firms) * 2 // 3), "needs": max(1, len(firms) // 4)}
            targets += [
                PreDockingTarget(docking_round=docking_round, region_id=unit, kind=kind, number=value, set_by=demo.city)
                for kind, value in wanted.items()
            ]
    parties += _institution_parties(docking_round, demo)
    Party.objects.bulk_create(parties)
    contact = {"contact_name": "会务组（演示）", "contact_phone": "000-00000000"}
    GuestTerms.objects.get_or_create(docking_round=docking_round, defaults=contact | {"changed_by": demo.city})
    PreDockingTarget.objects.bulk_create(targets)
    _load_attendees(parties)
    invited = [party for party in parties if party.answer == "invited" and party.organisation_id in represented]
    people = recipients_by_party(invited)
    reach = [Reach(party, GuestMessage.Way.NOTICE, people=tuple(people[party.pk])) for party in invited]
    send_invitations(invited, demo.city, reach)
    _load_messages([party for party in parties if party.invited_at and party not in invited], demo.city)


def _load_messages(parties: list[Party], by: User) -> None:
    """What the other guests were told: those without a mail address are on the call list until they answer."""
    letters: dict[int, LetterWriter] = {}
    for party in parties:
        letters.setdefault(party.docking_round_id, LetterWriter(party.docking_round))
    rows = []
    for party in parties:
        written = letters[party.docking_round_id].write("invitation", party)
        way = GuestMessage.Way.NOTICE if party.letter == Party.Letter.MAIL else GuestMessage.Way.CALL
        row = GuestMessage(docking_round_id=party.docking_round_id, party=party, kind=GuestMessage.Kind.INVITATION)
        row.way, row.subject, row.text, row.made_at, row.made_by = (
            way,
            written.subject,
            written.body,
            party.invited_at,
            by,
        )
        rows.append(row)
    GuestMessage.objects.bulk_create(rows)


def _institution_parties(docking_round: DockingRound, demo: DemoContext) -> list[Party]:
    """One party per institution; the first has a second team, the last has not answered."""
    institutions = list(Organisation.objects.institutions().order_by("pk"))
    parties = [
        _party(docking_round, institution, "invited" if institution == institutions[-1] else "coming", demo.city, True)
        for institution in institutions
    ]
    return [*parties, _party(docking_round, institutions[0], "coming", demo.city, True, team="精细化工团队")]


def _load_absent_guests(docking_round: DockingRound, demo: DemoContext) -> None:
    """Add 14 firms that declined or did not answer."""
    listed = docking_round.parties.values("organisation")
    firms = Organisation.objects.firms().exclude(pk__in=listed).order_by("-pk")[:14]
    Party.objects.bulk_create(
        _party(
            docking_round,
            firm,
            "declined" if number % 2 else "invited",
            demo.city,
            False,
            starts_at=docking_round.starts_at,
        )
        for number, firm in enumerate(firms)
    )


def _party(
    docking_round: DockingRound,
    organisation: Organisation,
    answer: str,
    by: User,
    by_mail: bool,
    *,
    team: str = "",
    starts_at: datetime | None = None,
) -> Party:
    """An unsaved party; invited 21 days before `starts_at` of a past round, or after the coming round was announced."""
    number = organisation.pk
    asked = starts_at - timedelta(days=21) if starts_at else moment(-18 + number % 12, 10)
    party = Party(
        docking_round=docking_round,
        organisation=organisation,
        team=team,
        side=Party.Side.FIRM if organisation.kind == "firm" else Party.Side.INSTITUTION,
        answer=answer,
    )
    if answer != Party.Answer.LISTED:
        party.invited_at, party.invited_by = asked, by
        party.letter = "mail" if by_mail else "printed" if number % 3 or starts_at else "paper"
    if answer in (Party.Answer.COMING, Party.Answer.DECLINED):
        party.answered_at = min(asked + timedelta(days=1 + number % 4, hours=2), timezone.now())
    if answer == Party.Answer.DECLINED:
        party.answer_note = DECLINE_REASONS[number % len(DECLINE_REASONS)]
    if answer == Party.Answer.COMING and number % 5 == 0:
        party.arrives_at = docking_round.starts_at + timedelta(hours=1)
    if answer == Party.Answer.COMING and number % 7 == 0:
        party.leaves_at = docking_round.ends_at - timedelta(hours=2)
    return party


def _load_attendees(parties: list[Party]) -> None:
    coming = [party for party in parties if party.answer == Party.Answer.COMING]
    Attendee.objects.bulk_create(
        Attendee(
            party=party,
            name=SURNAMES[(number * 5 + index) % len(SURNAMES)] + GIVEN[(number * 3 + index * 7) % len(GIVEN)],
            position=POSITIONS[party.side][(number + index) % 3],
        )
        for number, party in enumerate(coming)
        for index in range(1 + number % 2)
    )


# --- Follow-ups of the latest round ------------------------------------------------------------------------------
def follow_up_past_meetings(demo: DemoContext) -> None:
    """Follow up meetings of the latest past round; the first check is answered or overdue."""
    if FollowUpCheck.objects.exists():
        return
    docking_round = DockingRound.objects.get(name=past_rounds()[-1]["name"])
    meetings = (
        Meeting.objects.filter(docking_round=docking_round, outcomes__isnull=False).exclude(match=None).distinct()
    )
    answers = cycle(("progress", "going_on", "none", None, "signed", None))
    for meeting in meetings.order_by("pk")[:MAX_FOLLOW_UPS]:
        outcome = meeting.outcomes.order_by("-recorded_at").first()
        follow_up = follow_up_outcome(outcome, by=outcome.recorded_by)
        if follow_up is not None and follow_up.is_agreed:
            _backdate(follow_up, meeting, next(answers))
        Match.objects.get(pk=meeting.match_id).decisions.filter(kind__in=["met", "unfit"]).update(
            made_at=outcome.recorded_at
        )


def _backdate(follow_up: FollowUp, meeting: Meeting, answer: str | None) -> None:
    """Answer the first check, and move the dates to the time after the meeting."""
    first = follow_up.checks.order_by("due_on").first()
    if answer:
        answer_check(first, answer=answer, reason="terms" if answer == "none" else "")
    asked = min(meeting.ended_at + timedelta(days=int(first.kind)), timezone.now())
    # Written directly: services only record today's date.
    follow_up.checks.filter(pk=first.pk).update(sent_at=asked)
    follow_up.checks.filter(pk=first.pk).exclude(answered_at=None).update(answered_at=asked + timedelta(days=2))
    follow_up.responses.filter(answered_in_person=True).update(answered_at=meeting.ended_at)
    meeting_steps = FollowUpStep.objects.filter(follow_up=follow_up, note__contains="洽谈：")
    meeting_steps.update(made_at=meeting.ended_at)
    follow_up.steps.filter(note__contains="企业答复").update(made_at=min(asked + timedelta(days=2), timezone.now()))
    if follow_up.opened_at > meeting.ended_at:
        FollowUp.objects.filter(pk=follow_up.pk).update(opened_at=meeting.ended_at, agreed_at=meeting.ended_at)
    Notice.objects.filter(about=follow_up.about, read_at=None).update(made_at=meeting.ended_at, read_at=asked)
