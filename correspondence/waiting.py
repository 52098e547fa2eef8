"""Which rows wait for an institution's office, as querysets: 待办, the inbox and its counts read the same ones."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from correspondence.models import Handover
from enquiries.models import Approach
from enquiries.models.approach import Side
from enquiries.presentation import has_news
from matching.models import FollowUp, Question, SideResponse
from rounds.models import Party


def approaches_with_news(user: User) -> QuerySet[Approach]:
    """Own approaches in which the firm has written again or proposed times; an unanswered enquiry waits as such."""
    return Approach.objects.filter(has_news(user), institution__in=user.scope.institution_ids)


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
