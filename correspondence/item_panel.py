"""What firms and districts said of an achievement, on its page for the office."""

from accounts.models import User
from achievements.models import Achievement
from correspondence.feedback import feedback_of
from correspondence.inbox import Inbox, InboxFilter
from portfolio.item_slots import ItemPanel


def feedback_panel(achievement: Achievement, user: User) -> ItemPanel:
    """With the numbers of the inbox of this achievement."""
    counts = Inbox(user, InboxFilter(item=achievement.public_id)).counts()
    shown = {"all": counts[""], "todo": counts["todo"]}
    context = {"achievement": achievement, "feedback": feedback_of(achievement), "counts": shown}
    return ItemPanel("correspondence/workbench/_feedback.html", context)
