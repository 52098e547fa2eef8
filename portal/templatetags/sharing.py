"""The part of the <head> that says how a shared page looks: `{% share_head achievement %}`, `{% page_head round %}`."""

from django import template
from django.conf import settings
from django.templatetags.static import static

from achievements.models import Achievement
from demands.models import Demand
from portal import structured_data as data
from portal.page_data import Kind, page_data

register = template.Library()


@register.inclusion_tag("portal/public/_share_head.html", takes_context=True)
def share_head(context: template.Context, item: Achievement | Demand) -> dict[str, object]:
    """Only for published items: what it writes is read by everybody to whom the address is sent."""
    request = context["request"]
    address = request.build_absolute_uri(request.path)
    return {
        "title": data.title_of(item),
        "description": data.description_of(item),
        "address": address,
        "image": request.build_absolute_uri(static("share.png")),
        "site_name": settings.SITE["name"],
        "structured": data.as_script_content(data.structured_data(item, address)),
    }


@register.inclusion_tag("portal/public/_share_head.html", takes_context=True)
def page_head(context: template.Context, item: Kind) -> dict[str, object]:
    """The same for an institution, an agency, a round or a call."""
    request = context["request"]
    address = request.build_absolute_uri(request.path)
    shown = page_data(item)
    return {
        "title": shown.title,
        "description": shown.description,
        "address": address,
        "image": request.build_absolute_uri(static("share.png")),
        "site_name": settings.SITE["name"],
        "structured": data.as_script_content(shown.structured(address)),
    }
