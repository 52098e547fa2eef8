"""Form data as a browser submits it, and the messages of the next page."""

from django.contrib.messages import get_messages
from django.http import HttpResponse


def controls(response: HttpResponse) -> dict:
    """The data that the form of the page submits unchanged."""
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


def next_messages(response: HttpResponse) -> str:
    """The messages that the next page shows."""
    return " ".join(str(message) for message in get_messages(response.wsgi_request))
