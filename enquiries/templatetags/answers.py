"""Parts of the page of an approach: `{% answer_offer approach %}`, `{% staff_part approach %}`."""

from django import template

from brokers.models import Broker
from enquiries.comparison import pair_reason
from enquiries.models import Approach, Offer
from enquiries.models.approach import Side
from enquiries.permissions import may_remind
from matching.suggestions import suggest_brokers

register = template.Library()
MAX_BROKERS = 300


@register.inclusion_tag("enquiries/workbench/_answer_offer.html", takes_context=True)
def answer_offer(context: template.Context, approach: Approach) -> dict:
    """What an answer offers, and what each side does next: compare or decline, name the achievement."""
    side = approach.side_of(context["request"].user.scope)
    return {
        "approach": approach,
        "offer": Offer.objects.filter(approach=approach).first() if not approach.is_enquiry else None,
        "is_firm": side == Side.FIRM,
        "may_compare": side != Side.INSTITUTION,
        "names_achievement": side == Side.INSTITUTION and approach.achievement is None and approach.is_open,
    }


@register.inclusion_tag("enquiries/staff/_staff_part.html", takes_context=True)
def staff_part(context: template.Context, approach: Approach) -> dict:
    """For staff in charge: the engine's reasons, notes for colleagues, and the broker of a pair that agreed."""
    user = context["request"].user
    is_staff = Approach.objects.managed_by(user).filter(pk=approach.pk).exists()
    if not is_staff:
        return {"is_staff": False}
    match = approach.match
    request = match.broker_requests.order_by("-asked_at").select_related("broker").first() if match else None
    may_act = may_remind(approach, user)
    asks_broker = may_act and match is not None and (request is None or request.status in request.OVER)
    suggested = suggest_brokers(approach.demand, user=user) if asks_broker and approach.demand else []
    others = Broker.objects.visible_to(user).certified().order_by("name") if asks_broker else Broker.objects.none()
    return {
        "is_staff": True,
        "approach": approach,
        "csrf_token": context.get("csrf_token"),
        "reason": pair_reason(approach),
        "notes": approach.staff_notes.select_related("by"),
        "typed_note": context.get("typed_note", ""),
        "may_act": may_act,
        "broker_request": request,
        "asks_broker": asks_broker,
        "suggested": suggested,
        "others": others.exclude(pk__in=[advice.who.pk for advice in suggested])[:MAX_BROKERS],
    }
