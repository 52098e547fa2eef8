"""Template tag for texts that a city may word itself."""

from django import template
from django.conf import settings
from django.utils.html import conditional_escape

register = template.Library()


@register.simple_tag(takes_context=True)
def city_text(context: template.Context, key: str, default: str) -> str:
    """The text of the city's package (texts.toml), otherwise `default`. Escaped in pages, as it is in mails."""
    text = settings.CITY.text(key, default)
    return str(conditional_escape(text)) if context.autoescape else text
