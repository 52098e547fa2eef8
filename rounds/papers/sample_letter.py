"""The printed letter to an invented guest, for a wording that belongs to no round: its code answers nothing."""

from types import SimpleNamespace

from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from notices.texts.declared import WrittenText
from rounds.papers.pdf import PdfRenderingError, render_pdf
from rounds.papers.pictures import qr_code
from rounds.sent_texts import PLACEHOLDERS

CODE = "xxxxxxxxxx"


def print_sample_letter(written: WrittenText) -> bytes:
    """Raises ValidationError with what is missing on this computer."""
    letter = SimpleNamespace(
        title=written.subject,
        addressee=PLACEHOLDERS["单位"].example,
        paragraphs=[line for line in written.body.splitlines() if line.strip()],
        code=CODE,
        address=settings.SITE_ADDRESS + reverse("rsvp", args=[CODE]),
        host=PLACEHOLDERS["主办"].example,
        undertaker=PLACEHOLDERS["承办"].example,
        invited_at=timezone.now(),
    )
    context = {"title": "邀请函（试打印）", "letters": [(letter, qr_code(letter.address))]}
    try:
        content, _pages = render_pdf(render_to_string("rounds/papers/letters.html", context))
    except PdfRenderingError as problem:
        raise ValidationError(str(problem)) from problem
    return content
