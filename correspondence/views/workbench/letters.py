"""每月一封信: the office turns the letters on, previews them, and stops one or all of them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Contact, Organisation, User
from accounts.requests import UserRequest
from core.pagination import PAGE_SIZE
from correspondence.letter_text import month_before, recipients_of
from correspondence.models import CompleterLetter
from correspondence.models.letter import month_text
from correspondence.services import letters
from portfolio.own_items import own_item


def _institution(user: User, chosen: str) -> Organisation:
    """The user's institution with this public id, else the first one. Raises PermissionDenied for others' users."""
    own = Organisation.objects.filter(pk__in=user.scope.institution_ids).order_by("pk")
    row = own.filter(public_id=chosen).first() if chosen else own.first()
    if row is None:
        if chosen and own.exists():
            raise Http404
        raise PermissionDenied("每月来信由院校和科研院所的专员设置。")
    return row


@login_required
@require_safe
def letter_list(request: UserRequest) -> HttpResponse:
    """The letters about the month before: each as it is or would be sent."""
    institution = _institution(request.user, request.GET.get("of", "")[:10])
    month = month_before(timezone.localdate())
    people = recipients_of(institution).select_related("organisation", "letter_preference")
    if q := request.GET.get("q", "").replace("\0", "").strip()[:30]:
        people = people.filter(name__icontains=q)
    page = Paginator(people, PAGE_SIZE).get_page(request.GET.get("page"))
    contacts = list(page)
    months = letters.months_of(contacts, month, institution)
    sent = dict(CompleterLetter.objects.filter(contact__in=contacts, month=month).values_list("contact_id", "made_at"))
    context = {
        "page": page,
        "q": q,
        "institution": institution,
        "institutions": Organisation.objects.filter(pk__in=request.user.scope.institution_ids).order_by("pk"),
        "settings": letters.settings_of(institution),
        "month": month_text(month),
        "rows": [_row(contact, months[contact.pk], month, sent) for contact in contacts],
    }
    return render(request, "correspondence/workbench/letters.html", context)


def _row(contact: Contact, rows: list, month, sent: dict) -> dict:
    preference = getattr(contact, "letter_preference", None)
    text = letters.preview_of(contact, month, rows)
    return {
        "contact": contact,
        "items": len(rows),
        "item": rows[0].achievement if rows else None,
        "text": text,
        "sent_at": sent.get(contact.pk),
        "stopped": preference if preference and preference.stopped_at else None,
        "state": "sent" if contact.pk in sent else "quiet" if not text else "ready",
    }


@login_required
@require_POST
def letter_settings(request: UserRequest) -> HttpResponse:
    """`is_on` and `includes_feedback`: boxes; `of`: public id of the institution."""
    institution = _institution(request.user, request.POST.get("of", "")[:10])
    row = letters.set_letters(
        institution,
        is_on=request.POST.get("is_on") == "1",
        includes_feedback=request.POST.get("includes_feedback") == "1",
        by=request.user,
    )
    messages.success(
        request,
        "已开始：每月初发上个月的信，没有动静的不发。" if row.is_on else "已停发：不再给任何完成人发信。",
    )
    return redirect(f"{request.path.removesuffix('settings/')}?of={institution.public_id}")


@login_required
@require_POST
def letter_stop_by_office(request: UserRequest, public_id: str) -> HttpResponse:
    """`public_id`: an achievement of the person; `step`: stop or resume."""
    achievement = own_item(request.user, public_id)
    contact = get_object_or_404(Contact, pk=achievement.contact_id or 0, organisation=achievement.institution)
    try:
        if request.POST.get("step") == "resume":
            letters.resume_letters(contact, by=request.user)
            messages.success(request, f"已恢复给{contact.masked_name}发信。")
        else:
            letters.stop_letters(contact, by=request.user)
            messages.success(request, f"不再给{contact.masked_name}发信。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("letters")
