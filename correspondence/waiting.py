"""Which rows wait for an institution's office, as querysets: 待办, the inbox and its counts read the same ones."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from correspondence.models import Handover
from enquiries.models import Approach, TalkTime
from enquiries.models.approach import Side
from enquiries.presentation import has_unread
from matching.models import FollowUp, Question, SideResponse
from rounds.models import Party


def approaches_with_news(user: User) -> QuerySet[Approach]:
    """Own approaches that are answered or sent by the office: the firm has written again or proposed times."""
    times = TalkTime.objects.proposed().filter(approach=OuterRef("pk"), side=Side.FIRM, starts_at__gt=timezone.now())
    own = Approach.objects.open().filter(institution__in=user.scope.institution_ids)
    unanswered = Q(kind=Approach.Kind.ENQUIRY, status__in=Approach.UNANSWERED)  # waits already as an enquiry
    return own.exclude(unanswered).filter(Q(has_unread(user)) | Exists(times))


def open_questions(user: User) -> QuerySet[Question]:
    """Questions of reviewers about the institution's achievements."""
    own = Question.objects.addressed_to(user).open().filter(side=Side.INSTITUTION)
    return own.filter(match__achievement__institution__in=user.scope.institution_ids)


def open_invitations(user: User) -> QuerySet[Party]:
    """Invitations to rounds that still gather their guests."""
    rows = Party.objects.represented_by(user).awaiting_answer()
    return rows.filter(side=Party.Side.INSTITUTION, docking_round__status="gathering")


def answers_to_send(user: User) -> QuerySet[Handover]:
    """Answers of completers that wait for the office, of questions that still wait."""
    return still_asked(Handover.objects.to_approve().filter(institution__in=user.scope.institution_ids))


def still_asked(handovers: QuerySet[Handover]) -> QuerySet[Handover]:
    """Those whose question the institution can still answer, as `targets.is_waiting` says of one."""
    asked = SideResponse.objects.filter(
        follow_up=OuterRef("follow_up"), side=Side.INSTITUTION, status__in=SideResponse.OPEN
    )
    return handovers.filter(
        Q(approach__status__in=Approach.OPEN)
        | Q(question__status=Question.Status.ASKED)
        | Q(follow_up__status=FollowUp.Status.ASKING) & Exists(asked)
    )
