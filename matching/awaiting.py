"""Follow-ups that wait for a user: one condition for lists, tabs, 待办 and the inbox."""

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from matching.models import ConfirmationRequest, FollowUp, SideResponse, with_open_inquiry


def awaiting_user(user: User) -> QuerySet[FollowUp]:
    """Follow-ups in which a side of the user has to answer, an inquiry waits for the user, or the user is overdue."""
    return FollowUp.objects.visible_to(user).filter(awaits_user(user))


def with_answer_day(rows: QuerySet[FollowUp], user: User) -> QuerySet[FollowUp]:
    """With `answer_on`: until when the user's side is asked to answer, else the day of the next step, or None."""
    asked = SideResponse.objects.awaiting_answer_of(user).filter(follow_up=OuterRef("pk"))
    return rows.annotate(answer_on=Coalesce(Subquery(asked.order_by("due_on").values("due_on")[:1]), F("next_on")))


def awaits_user(user: User) -> Q:
    """Condition on a `FollowUp`."""
    unanswered = SideResponse.objects.awaiting_answer_of(user).exclude(with_open_inquiry())
    inquired = SideResponse.objects.awaiting_answer().filter(with_open_inquiry(), follow_up__match__reviewed_by=user.pk)
    overdue = FollowUp.objects.overdue().filter(owner=user.pk)
    asked = ConfirmationRequest.objects.open().represented_by(user)
    return (
        Q(pk__in=unanswered.values("follow_up"))
        | Q(pk__in=asked.values("follow_up"))
        | Q(pk__in=inquired.values("follow_up"))
        | Q(pk__in=overdue.values("pk"))
    )
