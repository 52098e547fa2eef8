"""The name of an institution on public pages: a link wherever it has a page."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import Organisation

register = template.Library()


@register.simple_tag
def institution_link(institution: Organisation) -> SafeString:
    """For an institution of which the page shows a published achievement: those that are active have a page."""
    if not institution.is_active or institution.kind != Organisation.Kind.INSTITUTION:
        return format_html("{}", institution.name)
    url = reverse("institution_detail", args=[institution.public_id])
    return format_html('<a class="plain-link" href="{}">{}</a>', url, institution.name)
