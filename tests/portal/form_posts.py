"""Forms as a browser sends them back: every control of the page with the value it showed."""

from django.contrib.messages import get_messages


def controls(response) -> dict:
    """What the page's form would post if nobody typed anything."""
    form = response.context["form"]
    formsets = [section.formset for section in form.sections if section.formset]
    bound = [*form, *(field for formset in formsets for row in formset.forms for field in row)]
    bound += [field for formset in formsets for field in formset.management_form]
    values = {field.html_name: field.value() for field in bound}
    return {
        name: "on" if value is True else value
        for name, value in values.items()
        if value is not None and value is not False
    }


def said(response) -> str:
    """The messages that the next page will show."""
    return " ".join(str(message) for message in get_messages(response.wsgi_request))
