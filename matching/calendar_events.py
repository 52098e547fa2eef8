"""Until when a user's organisations should answer, for the user's own calendar."""

from collections.abc import Iterator

from django.urls import reverse

from accounts.models import User
from calendars.sources import CalendarEvent
from matching.models import Question, SideResponse

MOST_EVENTS = 200


def answer_deadlines(user: User) -> Iterator[CalendarEvent]:
    """One day-long entry for each pair that waits for the user's side; it leaves the calendar with the answer."""
    waiting = SideResponse.objects.awaiting_answer_of(user).select_related(
        "follow_up__match__achievement", "follow_up__match__demand__firm"
    )
    for response in waiting.order_by("due_on", "pk")[:MOST_EVENTS]:
        follow_up, match = response.follow_up, response.follow_up.match
        is_firm = response.side == Question.Side.FIRM
        what = match.achievement.title if is_firm else match.demand.public_text("title")
        yield CalendarEvent(
            key=f"answer-{follow_up.public_id}-{response.side}",
            summary="答复期限：%(what)s" % {"what": what},
            sequence=response.due_on.toordinal(),
            changed_at=follow_up.opened_at,
            day=response.due_on,
            description="请答复是否愿意对接。",
            path=reverse("follow_up", args=[follow_up.public_id]),
        )
