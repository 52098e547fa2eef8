"""What 403 and 404 say to somebody who has sent a form: what was typed, and which mandate has ended."""

import re
from datetime import timedelta

from django import template
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from mandates.models import Mandate

register = template.Library()
LEAST, MOST_TEXTS, MOST_MANDATES = 6, 20, 3
SHOWN_FOR = timedelta(days=60)
"""How long after its end a mandate is named as the reason."""
_SECRET = re.compile("password|token|secret|code|key", re.IGNORECASE)
_WORDS = re.compile(r"[\u4e00-\u9fff]")


@register.simple_tag(takes_context=True)
def posted_texts(context: template.Context) -> list[str]:
    """The texts of the refused form, so that they can be copied; no passwords, no choices."""
    request: HttpRequest = context["request"]
    if request.method != "POST" or not isinstance(getattr(request, "user", None), User):
        return []
    names = [name for name in request.POST if not _SECRET.search(name)]
    texts = [value.strip() for name in names for value in request.POST.getlist(name)]
    return [text for text in texts if len(text) >= LEAST and _WORDS.search(text)][:MOST_TEXTS]


@register.simple_tag(takes_context=True)
def ended_mandates(context: template.Context) -> list[Mandate]:
    """The user's mandates that ended lately: the usual reason why an agent finds a closed door."""
    user = getattr(context["request"], "user", None)
    if not isinstance(user, User) or not user.scope.is_broker:
        return []
    rows = Mandate.objects.visible_to(user).filter(confirmed_at__isnull=False).with_sides()
    over = rows.filter(closed_at__gte=timezone.now() - SHOWN_FOR) | rows.expired()
    return list(over.order_by("-closed_at")[:MOST_MANDATES])
