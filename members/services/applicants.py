"""Mails to applicants."""

from django.conf import settings
from django.urls import reverse

from accounts.models import SignUp
from members.recipients import absolute
from notices.services import SingleMail, send_single_mails
from notices.texts.writing import write_text


def tell_applicant(sign_up: SignUp) -> None:
    """Mail the link of the status page to an applicant who gave an address. The mail itself says no result."""
    if not sign_up.email:
        return
    site = settings.SITE["short_name"]
    page = absolute(reverse("sign_up_state", args=[sign_up.public_id]))
    written = write_text("members.sign_up_decided", {"平台": site, "结果链接": page})
    send_single_mails([SingleMail(sign_up.email, written.subject, written.body)])
