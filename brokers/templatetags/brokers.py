"""The name of a broker, as a link to the public page where everybody may open it."""

from django import template
from django.urls import reverse
from django.utils.html import format_html

from brokers.models import Broker

register = template.Library()


@register.simple_tag
def broker_name(broker: Broker) -> str:
    """Only certified brokers have a page for everybody: the name of another one is text."""
    if not (broker.is_active and broker.certificate_is_valid):
        return broker.name
    return format_html('<a href="{}">{}</a>', reverse("broker_detail", args=[broker.public_id]), broker.name)
