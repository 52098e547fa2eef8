"""The private notes of the reader's organisation beside the thing that they are about."""

from django import template
from django.urls import reverse

from core.scope import scope_of
from notes.models import NOTE_LENGTH, Subject, TalkNote, subject_field, writing_organisations

register = template.Library()
MOST_SHOWN = 50
"""Of the newest; older ones are counted."""


@register.inclusion_tag("notes/_notes.html", takes_context=True)
def notes_about(context: template.Context, subject: Subject) -> dict:
    """Empty for readers who act for no institution, firm or agency. Two queries for others."""
    user = context["request"].user
    if not writing_organisations(scope_of(user)):
        return {"may_write": False}
    notes = list(TalkNote.objects.visible_to(user).about(subject).select_related("author", "organisation"))
    return {
        "may_write": True,
        "notes": notes[:MOST_SHOWN],
        "older": max(len(notes) - MOST_SHOWN, 0),
        "names_organisation": len(writing_organisations(user.scope)) > 1,
        "add_url": reverse(f"note_add_{subject_field(subject).replace('_', '-')}", args=[subject.public_id]),
        "longest": NOTE_LENGTH,
        "csrf_token": context.get("csrf_token"),
    }
