"""Who was asked to the demo city's rounds and what they answered; what became of the talks of the latest one."""

from collections import defaultdict
from datetime import timedelta
from itertools import cycle

from django.utils import timezone

from accounts.models import Organisation
from matching.models import FollowUp, FollowUpCheck, FollowUpStep, Match
from matching.services.checks import answer_check
from notices.models import Notice
from portal.demo.city import moment, past_rounds, rows
from portal.demo.people import Cast
from rounds.models import Attendee, DockingRound, Meeting, Party, PreDockingTarget
from rounds.services.invitations import write_invitations
from rounds.services.meeting_follow_up import follow_outcome

ANNOUNCED_DAYS_AGO = 25
ANSWERS = ("coming", "invited", "coming", "declined", "coming", "listed", "coming", "")
"""By turns in a district that keeps up; the last one nobody has put on the list yet."""
SLOW_ANSWERS = ("invited", "listed", "", "coming", "", "invited")
SLOW = 4
"""One district in so many lags."""
WHY_NOT = ("当天有审核，抽不出人", "需求已经解决", "负责人出差")
SURNAMES = "顾沈陆程方姚邹汤尹黎易常武乔贺赖龚文"
GIVEN = ("远帆", "听澜", "思源", "知行", "云舒", "景行", "若谷", "望舒", "清和", "子衿", "承泽", "嘉树", "怀瑾")
POSITIONS = {"firm": ("技术总监", "总工程师", "研发经理"), "office": ("教授", "副教授", "项目负责人")}
MOST_FOLLOWED = 16


def load_guests(cast: Cast) -> None:
    """Every round without guests gets some: of the past ones those who did not come, of the coming one all sorts."""
    for row in rows("rounds"):
        held = DockingRound.objects.get(name=row["name"])
        if row["starts_in_days"] > 0:
            _invite_to_the_next(held, cast)
        elif not held.parties.exclude(answer="coming").exists():
            _who_stayed_away(held, cast)


def _invite_to_the_next(held: DockingRound, cast: Cast) -> None:
    if held.parties.exists() or held.status not in DockingRound.OPEN:
        return
    DockingRound.objects.filter(pk=held.pk).update(announced_at=moment(-ANNOUNCED_DAYS_AGO))
    by_unit = defaultdict(list)
    for firm in Organisation.objects.firms().filter(demands__isnull=False).distinct().order_by("pk"):
        by_unit[firm.stat_region_id].append(firm)
    speakers = {cast.organisations[key].pk for row in rows("people") for key in row["organisations"]}
    parties, targets = [], []
    for number, (unit, firms) in enumerate(sorted(by_unit.items(), key=lambda item: item[0] or 0)):
        answers = cycle(SLOW_ANSWERS if number % SLOW == 1 else ANSWERS)
        by = cast.district_of(firms[0]) if unit else cast.city
        chosen = [(firm, "invited" if firm.pk in speakers else answer) for firm, answer in zip(firms, answers)]  # noqa: B905
        parties += [_party(held, firm, answer, by, firm.pk in speakers) for firm, answer in chosen if answer]
        if unit:
            wanted = {"invited": len(firms), "coming": max(1, len(firms) * 2 // 3), "needs": max(1, len(firms) // 4)}
            targets += [
                PreDockingTarget(docking_round=held, region_id=unit, kind=kind, number=value, set_by=cast.city)
                for kind, value in wanted.items()
            ]
    parties += _teams(held, cast)
    Party.objects.bulk_create(parties)
    PreDockingTarget.objects.bulk_create(targets)
    _bring_people(parties)
    told = [party for party in parties if party.answer == "invited" and party.organisation_id in speakers]
    write_invitations(told, {party.pk: [] for party in told}, cast.city)


def _teams(held: DockingRound, cast: Cast) -> list[Party]:
    """Each institution in the city, one of them with two teams; the last has not answered."""
    offices = list(Organisation.objects.institutions().order_by("pk"))
    found = [
        _party(held, office, "invited" if office == offices[-1] else "coming", cast.city, True) for office in offices
    ]
    return [*found, _party(held, offices[0], "coming", cast.city, True, team="精细化工团队")]


def _who_stayed_away(held: DockingRound, cast: Cast) -> None:
    """Some were asked and said no, or nothing."""
    there = held.parties.values("organisation")
    firms = Organisation.objects.firms().exclude(pk__in=there).order_by("-pk")[:14]
    Party.objects.bulk_create(
        _party(held, firm, "declined" if number % 2 else "invited", cast.city, False, days=held.starts_at)
        for number, firm in enumerate(firms)
    )


def _party(held, organisation, answer: str, by, by_mail: bool, *, team: str = "", days=None) -> Party:
    """Asked three weeks before the round, or in the days after the coming one was announced."""
    number = organisation.pk
    asked = days - timedelta(days=21) if days else moment(-18 + number % 12, 10)
    party = Party(
        docking_round=held,
        organisation=organisation,
        team=team,
        side=Party.Side.FIRM if organisation.kind == "firm" else Party.Side.OFFICE,
        answer=answer,
    )
    if answer != Party.Answer.LISTED:
        party.invited_at, party.invited_by = asked, by
        party.letter = "mail" if by_mail else "printed" if number % 3 or days else "paper"
    if answer in (Party.Answer.COMING, Party.Answer.DECLINED):
        party.answered_at = min(asked + timedelta(days=1 + number % 4, hours=2), timezone.now())
    if answer == Party.Answer.DECLINED:
        party.answer_note = WHY_NOT[number % len(WHY_NOT)]
    if answer == Party.Answer.COMING and number % 5 == 0:
        party.arrives_at = held.starts_at + timedelta(hours=1)
    if answer == Party.Answer.COMING and number % 7 == 0:
        party.leaves_at = held.ends_at - timedelta(hours=2)
    return party


def _bring_people(parties: list[Party]) -> None:
    coming = [party for party in parties if party.answer == Party.Answer.COMING]
    Attendee.objects.bulk_create(
        Attendee(
            party=party,
            name=SURNAMES[(at * 5 + one) % len(SURNAMES)] + GIVEN[(at * 3 + one * 7) % len(GIVEN)],
            position=POSITIONS[party.side][(at + one) % 3],
        )
        for at, party in enumerate(coming)
        for one in range(1 + at % 2)
    )


# --- After the latest round ------------------------------------------------------------------------------------------
def follow_past_talks(cast: Cast) -> None:
    """Some talks of the latest past round are followed: the first question was answered, or is overdue by now."""
    if FollowUpCheck.objects.exists():
        return
    held = DockingRound.objects.get(name=past_rounds()[-1]["name"])
    talks = Meeting.objects.filter(docking_round=held, outcomes__isnull=False).exclude(match=None).distinct()
    answers = cycle(("progress", "going_on", "none", None, "signed", None))
    for meeting in talks.order_by("pk")[:MOST_FOLLOWED]:
        outcome = meeting.outcomes.order_by("pk").first()
        row = follow_outcome(outcome, by=outcome.recorded_by)
        if row is not None:
            _date_back(row, meeting, next(answers))
        Match.objects.get(pk=meeting.match_id).decisions.filter(kind__in=["met", "unfit"]).update(
            made_at=outcome.recorded_at
        )


def _date_back(row: FollowUp, meeting: Meeting, answer: str | None) -> None:
    """What was just written happened after the talk; its first question came a month later."""
    first = row.checks.order_by("due_on").first()
    if answer:
        answer_check(first, answer=answer, reason="terms" if answer == "none" else "")
    asked = min(meeting.ended_at + timedelta(days=int(first.kind)), timezone.now())
    # Straight into the columns: no service may say that something happened on another day than today.
    row.checks.filter(pk=first.pk).update(sent_at=asked)
    row.checks.filter(pk=first.pk).exclude(answered_at=None).update(answered_at=asked + timedelta(days=2))
    row.sides.filter(is_at_table=True).update(answered_at=meeting.ended_at)
    talked = FollowUpStep.objects.filter(follow_up=row, note__contains="洽谈：")
    talked.update(made_at=meeting.ended_at)
    row.steps.filter(note__contains="企业答复").update(made_at=min(asked + timedelta(days=2), timezone.now()))
    if row.opened_at > meeting.ended_at:
        FollowUp.objects.filter(pk=row.pk).update(opened_at=meeting.ended_at, agreed_at=meeting.ended_at)
    Notice.objects.filter(about=row.about, read_at=None).update(made_at=meeting.ended_at, read_at=asked)
