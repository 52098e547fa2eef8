"""Names of organisations in templates: `{% name_for demand.firm user demand %}`."""

from django import template

from accounts import names

register = template.Library()
register.simple_tag(names.name_for)
