"""Telling the people of an organisation what happens to its membership."""

from collections.abc import Collection

from django.conf import settings
from django.urls import reverse

from accounts.models import Contact, Membership, Organisation, User
from notices.models import NoticeKind
from notices.services import SingleMail, notify, send_single_mails
from notices.services.notifications import NoticeDraft
from notices.texts.writing import WrittenText


def members_page(organisation: Organisation) -> str:
    return reverse("organisation_members", args=[organisation.public_id])


def tell_members(
    organisation: Organisation, text: str, *, event: str, about: str = "", besides: Collection[int] = ()
) -> None:
    """A notice to every active member except the users `besides`. `event` makes it unique."""
    about = about or f"members {organisation.public_id}"
    users = Membership.objects.active().filter(organisation=organisation).values_list("user", flat=True)
    notify(
        NoticeDraft(user, NoticeKind.MEMBERS, text, members_page(organisation), about, f"{about} {event}"[:120])
        for user in set(users) - set(besides)
    )


def tell_user(user: User, text: str, *, organisation: Organisation, event: str) -> None:
    """A notice to one user, who need not be a member any more."""
    about = f"members {organisation.public_id}"
    notify([NoticeDraft(user.pk, NoticeKind.MEMBERS, text, reverse("workbench"), about, f"{about} {event}"[:120])])


def mail_contacts(organisation: Organisation, written: WrittenText) -> int:
    """A mail to each recorded contact and each former user of an organisation without users. Returns how many."""
    contacts = (
        Contact.objects.selectable().filter(organisation=organisation).exclude(email="").values_list("email", flat=True)
    )
    former = Membership.objects.filter(organisation=organisation).exclude(user__email="")
    addresses = {*contacts.values_list("email", flat=True), *former.values_list("user__email", flat=True)}
    return send_single_mails(SingleMail(address, written.subject, written.body) for address in sorted(addresses))


def absolute(path: str) -> str:
    return f"{settings.SITE_ADDRESS}{path}"
