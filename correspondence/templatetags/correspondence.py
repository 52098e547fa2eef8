"""Parts of pages of other apps: `{% item_feedback achievement %}`."""

from django import template

from achievements.models import Achievement
from correspondence.feedback import feedback_of
from correspondence.inbox import Inbox, InboxFilter

register = template.Library()


@register.inclusion_tag("correspondence/workbench/_feedback.html", takes_context=True)
def item_feedback(context: template.Context, achievement: Achievement) -> dict:
    """What firms and districts said, and the inbox of this achievement, for its office."""
    user = context["request"].user
    counts = Inbox(user, InboxFilter(item=achievement.public_id)).counts()
    shown = {"all": counts[""], "todo": counts["todo"]}
    return {"achievement": achievement, "feedback": feedback_of(achievement), "counts": shown}
