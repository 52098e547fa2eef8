"""Texts for the guests of a round: contact and day of reply, letters and mails with versions, preview, test print."""

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Organisation
from accounts.requests import UserRequest
from core.downloads import send_download
from core.permissions import oversight_required
from rounds.forms.guest_letters import LetterForm, TermsForm
from rounds.models import DockingRound, LetterText, Party
from rounds.papers.pdf import PdfRenderingError, render_pdf
from rounds.papers.pictures import qr_code
from rounds.services.guest_letters import PLACEHOLDERS, REQUIRED, LetterWriter, reset_text, text_of
from rounds.services.invitations import invitation_letter, undertaker_names
from rounds.views.staff.outbox import VIEW_PARTY
from rounds.views.staff.round_access import round_or_404

Kind = LetterText.Kind
VERSIONS_SHOWN = 10


@require_http_methods(["GET", "POST"])
@oversight_required
def letters(request: UserRequest, pk: int) -> HttpResponse:
    """The text `kind` with its preview. A POST saves it, restores the built-in one, or saves the terms."""
    docking_round = round_or_404(request, VIEW_PARTY, pk=pk)
    kind = request.GET.get("kind", "")
    kind = Kind(kind) if kind in Kind.values else Kind.INVITATION
    subject, body = text_of(docking_round, kind)
    form = LetterForm(initial={"subject": subject, "body": body}, docking_round=docking_round, kind=kind)
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
    context = _context(docking_round, kind, form) | {"form": form, "terms_form": terms}
    return render(request, "rounds/staff/guests/letters.html", context, status=status)


@require_safe
@oversight_required
def print_sample(request: UserRequest, pk: int) -> HttpResponse:
    """The printed letter to an invented guest, as PDF: its code answers nothing."""
    docking_round = round_or_404(request, VIEW_PARTY, pk=pk)
    letter = invitation_letter(_sample(docking_round), undertaker_names(docking_round), LetterWriter(docking_round))
    context = {"round": docking_round, "title": "邀请函（试打印）", "letters": [(letter, qr_code(letter.address))]}
    try:
        content, _pages = render_pdf(render_to_string("rounds/papers/letters.html", context))
    except PdfRenderingError as problem:
        messages.error(request, str(problem))
        return _back(docking_round, Kind.LETTER)
    return send_download(content, "邀请函（试打印）.pdf")


def _reset(request: UserRequest, docking_round: DockingRound, kind: Kind) -> HttpResponse:
    try:
        reset_text(docking_round, kind, by=request.user)
        messages.success(request, "已恢复平台自带的文字。以前的版本还在下面。")
    except ValidationError as refusal:
        messages.info(request, "".join(refusal.messages))
    return _back(docking_round, kind)


def _context(docking_round: DockingRound, kind: Kind, form: LetterForm) -> dict:
    versions = LetterText.objects.filter(docking_round=docking_round, kind=kind).select_related("made_by")
    writer = LetterWriter(docking_round)
    return {
        "round": docking_round,
        "here": "letters",
        "kind": kind,
        "kinds": list(Kind),
        "is_own": LetterText.objects.current(docking_round, kind) is not None,
        "versions": versions.order_by("-number")[:VERSIONS_SHOWN],
        "placeholders": PLACEHOLDERS.items(),
        "required": REQUIRED[kind],
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
