"""Links by which the recorded contact of a party without users answers, without an account.

A link opens one confirmation of one version for one party. Only its hash is stored, so nobody of the staff can read it
or use it in the party's place.
"""

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import Contact, Membership, User
from audit.services import record
from core.secret_links import digest_of, new_secret
from deals.models import Confirmation
from notices.services.single_mails import SingleMail, send_single_mails
from notices.texts.writing import write_text

ANSWERING_ROLES = ("firm_officer", "institution_officer", "broker")


def confirmation_by_link(token: str) -> Confirmation | None:
    """The pending confirmation that the token opens; None if it is unknown, used, replaced or too old."""
    pending = Confirmation.objects.pending().filter(link_hash=digest_of(token), link_expires_at__gt=timezone.now())
    return pending.select_related("organisation").first() if token else None


def send_first_links(confirmations: Iterable[Confirmation]) -> None:
    """To the contacts of organisations without active users. Contracts of an official list are only announced."""
    waiting = [row for row in confirmations if row.is_pending and row.organisation_id and row.matter != "listed"]
    with_users = set(
        Membership.objects.filter(
            organisation__in=[row.organisation_id for row in waiting],
            role__in=ANSWERING_ROLES,
            user__is_active=True,
        ).values_list("organisation_id", flat=True)
    )
    for confirmation in waiting:
        if confirmation.organisation_id not in with_users:
            send_link(confirmation)


def send_link(confirmation: Confirmation) -> bool:
    """Send a new link, which replaces the earlier one. Whether there was an address to send it to."""
    address = _address(confirmation)
    if not address:
        return False
    token = new_secret(32)
    Confirmation.objects.filter(pk=confirmation.pk).update(
        link_hash=digest_of(token), link_expires_at=timezone.now() + settings.CONFIRMATION_LINK_VALID
    )
    path = reverse("confirmation_link", args=[token])
    written = write_text(
        "deals.confirmation_link",
        {
            "平台": settings.SITE["name"],
            "单位": str(confirmation.organisation),
            "身份": str(confirmation.get_role_display()),
            "核对链接": settings.SITE_ADDRESS + path,
            "天数": str(settings.CONFIRMATION_LINK_VALID.days),
        },
    )
    send_single_mails([SingleMail(address, written.subject, written.body)])
    record("发送确认链接", confirmation, by=None)
    return True


def _address(confirmation: Confirmation) -> str:
    """Of the contact with the latest consent; never one that belongs to a user of another organisation."""
    contacts = Contact.objects.filter(
        organisation=confirmation.organisation_id, consented_at__isnull=False, consented_at__lte=confirmation.asked_at
    ).exclude(email="")
    for email in contacts.order_by("-consented_at", "-pk").values_list("email", flat=True):
        others = User.objects.filter(email__iexact=email).exclude(
            memberships__organisation=confirmation.organisation_id
        )
        if not others.exists():
            return email
    return ""
