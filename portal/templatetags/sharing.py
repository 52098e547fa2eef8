"""The part of the <head> that says how a shared page looks: `{% share_head achievement %}`, `{% page_head round %}`."""

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse

from achievements.models import Achievement
from demands.models import Demand
from portal import structured_data as data
from portal.handouts.share_card import HEIGHT, WIDTH, share_card_of
from portal.page_data import Kind, page_data

register = template.Library()
SIGN_SIDE = 320
"""Width and height of share.png, the sign of the platform, in pixels."""


@register.inclusion_tag("portal/public/_share_head.html", takes_context=True)
def share_head(context: template.Context, item: Achievement | Demand) -> dict[str, object]:
    """Only for published items: what it writes is read by everybody to whom the address is sent.

    The page of an achievement has its ready pictures as `pictures`.
    """
    request = context["request"]
    address = request.build_absolute_uri(request.path)
    card = share_card_of(item, context.get("pictures"))
    kind = "achievement" if isinstance(item, Achievement) else "demand"
    picture = f"{reverse(f'{kind}_share_card', args=[item.public_id])}?v={card.digest[:8]}"
    return {
        "title": data.title_of(item),
        "description": data.description_of(item),
        "address": address,
        "image": request.build_absolute_uri(picture),
        "width": WIDTH,
        "height": HEIGHT,
        "picture_text": f"{card.voice} {card.title}",
        "card": "summary_large_image",
        "site_name": settings.SITE["name"],
        "structured": data.as_script_content(data.structured_data(item, address)),
    }


@register.inclusion_tag("portal/public/_share_head.html", takes_context=True)
def page_head(context: template.Context, item: Kind) -> dict[str, object]:
    """The same for an institution, a district or all of them, an agency, a round or a call."""
    request = context["request"]
    address = request.build_absolute_uri(request.path)
    shown = page_data(item)
    return {
        "title": shown.title,
        "description": shown.description,
        "address": address,
        "image": request.build_absolute_uri(static("share.png")),
        "width": SIGN_SIDE,
        "height": SIGN_SIDE,
        "picture_text": settings.SITE["name"],
        "card": "summary",
        "site_name": settings.SITE["name"],
        "structured": data.as_script_content(shown.structured(address)),
    }
