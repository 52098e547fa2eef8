"""Parts of pages of other apps: `{% enquiry_box achievement %}`, `{% approach_card %}`."""

from functools import cache

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from achievements.models import Achievement
from enquiries.forms import EnquiryForm, firms_to_ask_for
from enquiries.presentation import card_counts, open_enquiry_of

register = template.Library()


@register.inclusion_tag("enquiries/public/_enquiry_box.html", takes_context=True)
def enquiry_box(context: template.Context, achievement: Achievement) -> dict:
    """我想谈这项 on the page of an achievement: the form, or why this reader cannot send one."""
    request = context["request"]
    user: User | None = request.user if request.user.is_authenticated else None
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "user": request.user,
        "achievement": achievement,
        "form": EnquiryForm(achievement=achievement, by=user) if user else None,
        "visitor_fields": "" if user else _visitor_fields(),
        "running": open_enquiry_of(user, achievement) if user else None,
        "is_offered": _is_offered(achievement),
        "is_own": user is not None and achievement.institution_id in user.scope.institution_ids,
        "may_send": user is None or firms_to_ask_for(user).exists(),
    }


@cache
def _visitor_fields() -> SafeString:
    """The fields of a visitor without an account: the same on the page of each achievement."""
    form = EnquiryForm(achievement=Achievement(), by=None)
    return mark_safe("".join(field.as_field_group() for field in form))  # noqa: S308 rendered by Django


def _is_offered(achievement: Achievement) -> bool:
    """`on_offer` of a published row, without a query; the service that sends the enquiry asks the database."""
    is_exclusive = achievement.exclusive_from is not None and achievement.exclusive_from <= timezone.localdate()
    return achievement.status in Achievement.OFFERED and not is_exclusive


@register.inclusion_tag("enquiries/workbench/_card.html", takes_context=True)
def approach_card(context: template.Context) -> dict:
    """收到的询问 on the workbench of a firm or an institution."""
    user = context["request"].user
    return {"counts": card_counts(user), "is_firm": bool(user.scope.firm_ids), "user": user}
