"""Write and remove a note; the pages of the things that notes are about show them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.requests import UserRequest
from achievements.models import Achievement
from demands.models import Demand
from matching.models import FollowUp
from notes.models import Subject, TalkNote, subject_field
from notes.services.notes import add_note, remove_note

SUBJECTS: dict[str, tuple[Any, str]] = {
    "follow-up": (FollowUp, "follow_up"),
    "achievement": (Achievement, "achievement_detail"),
    "demand": (Demand, "demand_detail"),
}
"""What notes are about: model and name of its page, by the word in the address."""


@login_required
@require_POST
def note_add(request: UserRequest, kind: str, public_id: str) -> HttpResponse:
    model, _page = SUBJECTS[kind]
    subject = get_object_or_404(model.objects.visible_to(request.user), public_id=public_id)
    try:
        add_note(subject, by=request.user, text=request.POST.get("text", ""))
        messages.success(request, "已记下，只有本单位的人能看到。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect(_page_of(subject))


@login_required
@require_POST
def note_remove(request: UserRequest, public_id: str) -> HttpResponse:
    notes = TalkNote.objects.visible_to(request.user).select_related("follow_up", "achievement", "demand")
    note = get_object_or_404(notes, public_id=public_id)
    try:
        remove_note(note, by=request.user)
        messages.success(request, "已删除这条笔记。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect(_page_of(note.subject))


def _page_of(subject: Subject) -> str:
    _model, page = SUBJECTS[subject_field(subject).replace("_", "-")]
    return f"{reverse(page, args=[subject.public_id])}#notes"
