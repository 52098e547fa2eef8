"""Sources of open work (待办) of docking rounds: late answers for the planner, talks that a guest has to accept."""

from django.db.models import Case, F, When
from django.urls import reverse

from accounts.models import User
from open_work.sources import Clock, OpenWork
from rounds.models import DockingRound, LateAnswer, Meeting, Party
from rounds.own_plan import partner_name

LATE_WORKDAYS = 1
TALK_WORKDAYS = 3


def round_work(user: User) -> list[OpenWork]:
    scope = user.scope
    works = [_late_answers()] if scope.is_city else []
    return works + ([_talks(user)] if scope.firm_ids or scope.institution_ids else [])


def _late_answers() -> OpenWork:
    rows = LateAnswer.objects.open().filter(party__docking_round__status__in=DockingRound.OPEN)
    return OpenWork(
        "late-answers",
        "日程发布后的答复",
        rows.select_related("party__organisation", "party__docking_round"),
        Clock("made_at", workdays=LATE_WORKDAYS),
        reverse("admin:rounds_dockinground_changelist"),
        "决定迟到的答复",
        "市级专员",
        lambda late: reverse("admin:rounds_late_answers", args=[late.party.docking_round_id]),
    )


def _talks(user: User) -> OpenWork:
    scope = user.scope
    own = Party.objects.represented_by(user).coming()
    rows = Meeting.objects.asking(own).filter(docking_round__status__in=DockingRound.OPEN)
    is_of_firm = When(firm_party__in=own, firm_word=Meeting.Word.ASKED, then=F("made_at"))
    rows = rows.with_institution_asked_at().annotate(asked_at=Case(is_of_firm, default=F("institution_asked_at")))

    def party_of(meeting: Meeting) -> Party:
        sides = [party for party in meeting.asked_sides if party.organisation_id in scope.organisation_ids]
        return sides[0]

    return OpenWork(
        "talks-to-accept",
        "等您接受的洽谈",
        rows.select_related(
            "match__demand__firm",
            "match__follow_up",
            "unmatched_demand__firm",
            "firm_party__organisation",
            "institution_party__organisation",
        ),
        Clock("asked_at", workdays=TALK_WORKDAYS),
        reverse("my_invitations"),
        "接受或不接受",
        "本单位",
        lambda meeting: reverse("my_meeting_requests", args=[party_of(meeting).public_id]),
        title_of=lambda meeting: partner_name(meeting, party_of(meeting).pk),
    )
