"""Texts for the guests of a round: contact and day of reply, letters and mails with versions, preview, test print."""

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Organisation
from accounts.requests import UserRequest
from audit.services import record
from core.downloads import send_download
from core.permissions import oversight_required
from notices.texts.declared import text_of_key
from notices.texts.writing import wording_of
from rounds.forms.guest_letters import LetterForm, TermsForm
from rounds.models import DockingRound, LetterText, Party
from rounds.papers.pdf import PdfRenderingError, render_pdf
from rounds.papers.pictures import qr_code
from rounds.sent_texts import letter_key
from rounds.services.guest_letters import LetterWriter, Level, reset_text, text_of
from rounds.services.invitations import invitation_letter, undertaker_names
from rounds.views.staff.outbox import VIEW_PARTY
from rounds.views.staff.round_access import is_city_or_district, round_or_404

Kind = LetterText.Kind
VERSIONS_SHOWN = 10


@require_http_methods(["GET", "POST"])
@oversight_required
def letters(request: UserRequest, pk: int) -> HttpResponse:
    """The text `kind` with its preview; `?from=city` fills the form with the city's. A POST saves it for this round,
    returns to the city's, or saves the terms."""
    docking_round = round_or_404(request, VIEW_PARTY, pk=pk)
    kind = request.GET.get("kind", "")
    kind = Kind(kind) if kind in Kind.values else Kind.INVITATION
    shown = text_of(docking_round, kind).wording if request.GET.get("from") != "city" else wording_of(letter_key(kind))
    initial = {"subject": shown.subject, "body": shown.body}
    form = LetterForm(initial=initial, docking_round=docking_round, kind=kind)
    terms, status = TermsForm(docking_round=docking_round), 200
    if request.method == "POST":
        if not request.user.scope.is_city:
            raise PermissionDenied
        deed = request.POST.get("deed")
        if deed == "reset":
            return _reset(request, docking_round, kind)
        if deed == "terms":
            terms = TermsForm(request.POST, docking_round=docking_round, by=request.user)
        elif deed in ("save", "preview"):
            form = LetterForm(request.POST, docking_round=docking_round, kind=kind, by=request.user)
        else:
            raise BadRequest
        posted = terms if deed == "terms" else form
        if posted.is_valid() and deed != "preview" and posted.save():
            messages.success(request, "已保存。以后发出的都用新的文字。")
            return _back(docking_round, kind)
        status = 200 if deed == "preview" and form.is_valid() else 422
    context = _context(request, docking_round, kind, form) | {"form": form, "terms_form": terms}
    return render(request, "rounds/staff/guests/letters.html", context, status=status)


@require_safe
@oversight_required
def print_sample(request: UserRequest, pk: int) -> HttpResponse:
    """The printed letter as PDF: to the guest `?party=`, which is recorded because its code answers; else to an
    invented guest."""
    docking_round = round_or_404(request, VIEW_PARTY, pk=pk)
    party = _sample(docking_round)
    if public_id := request.GET.get("party"):
        party = get_object_or_404(_real_guests(request, docking_round), public_id=public_id)
        record("试打印邀请函", party, by=request.user)
    letter = invitation_letter(party, undertaker_names(docking_round), LetterWriter(docking_round))
    context = {"round": docking_round, "title": "邀请函（试打印）", "letters": [(letter, qr_code(letter.address))]}
    try:
        content, _pages = render_pdf(render_to_string("rounds/papers/letters.html", context))
    except PdfRenderingError as problem:
        messages.error(request, str(problem))
        return _back(docking_round, Kind.LETTER)
    return send_download(content, "邀请函（试打印）.pdf", "application/pdf")


def _real_guests(request: UserRequest, docking_round: DockingRound) -> QuerySet[Party]:
    """Whose letter this user may print: the guests that it looks after. An auditor prints none."""
    parties = Party.objects.managed_by(request.user) if is_city_or_district(request.user) else Party.objects.none()
    parties = parties.filter(docking_round=docking_round).invited()
    return parties.select_related("organisation", "docking_round__host").order_by("organisation__name", "team")


def _reset(request: UserRequest, docking_round: DockingRound, kind: Kind) -> HttpResponse:
    try:
        reset_text(docking_round, kind, by=request.user)
        messages.success(request, f"现在用{text_of(docking_round, kind).level}。以前的版本还在下面。")
    except ValidationError as refusal:
        messages.info(request, "".join(refusal.messages))
    return _back(docking_round, kind)


def _context(request: UserRequest, docking_round: DockingRound, kind: Kind, form: LetterForm) -> dict:
    versions = LetterText.objects.filter(docking_round=docking_round, kind=kind).select_related("made_by")
    writer, text = LetterWriter(docking_round), text_of_key(letter_key(kind))
    level = text_of(docking_round, kind).level
    return {
        "round": docking_round,
        "kind": kind,
        "kinds": list(Kind),
        "level": level,
        "is_own": level == Level.ROUND,
        "shared": "全市的文字" if wording_of(text.key).is_citys else "平台自带的文字",
        "text_key": text.key,
        "guests": _real_guests(request, docking_round) if kind == Kind.LETTER else (),
        "versions": versions.order_by("-number")[:VERSIONS_SHOWN],
        "placeholders": [(name, field.meaning) for name, field in text.placeholders.items()],
        "required": text.required,
        "preview": form.written(writer, _sample(docking_round)),
        "terms": writer.terms,
    }


def _sample(docking_round: DockingRound) -> Party:
    """An invented guest that is never stored."""
    organisation = Organisation(name="示例机械有限公司", kind=Organisation.Kind.FIRM)
    return Party(
        docking_round=docking_round,
        organisation=organisation,
        side="firm",
        code="xxxxxxxxxx",
        invited_at=timezone.now(),
    )


def _back(docking_round: DockingRound, kind: Kind) -> HttpResponse:
    return redirect(reverse("admin:rounds_letters", args=[docking_round.pk]) + f"?kind={kind}")
