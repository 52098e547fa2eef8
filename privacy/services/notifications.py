"""Telling who handles requests, and the parties of a consent that was withdrawn."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone

from accounts.models import Contact, ContactShare, Membership, Role
from core.workdays import add_workdays
from notices.models import NoticeKind
from notices.services import notify, settle_notices
from notices.services.notifications import NoticeDraft
from privacy.models import DataRequest

REMIND_DAYS = 3
"""Working days before the deadline from which the handlers are reminded every day."""


def tell_handlers(request: DataRequest, sentence: str, *, event: str) -> None:
    """A notice to city staff and, once the identity is verified, to the administrators of the organisations."""
    handlers = Membership.objects.active().filter(role=Role.CITY)
    users = set(handlers.values_list("user", flat=True))
    if request.verified_at:
        organisations = request.organisations.values("pk")
        administrators = Membership.objects.administrators().filter(organisation__in=organisations)
        users |= set(administrators.values_list("user", flat=True))
    text = f"{sentence}（{request.get_kind_display()}），请在 {request.due_on.month} 月 {request.due_on.day} 日前办结。"
    path = reverse("data_request", args=[request.public_id])
    about = _about(request)
    notify(NoticeDraft(user, NoticeKind.PERSONAL, text, path, about, f"{about} {event}") for user in users)


def remind_handlers() -> int:
    """Remind of requests whose deadline is near or over, once a day. Returns of how many."""
    today = timezone.localdate()
    near = DataRequest.objects.open().filter(due_on__lte=add_workdays(today, REMIND_DAYS))
    for request in near:
        sentence = "个人信息请求已经逾期" if request.is_overdue else "个人信息请求快到期"
        tell_handlers(request, sentence, event=f"remind {today}")
    return len(near)


def settle_request(request: DataRequest) -> None:
    settle_notices(_about(request), [NoticeKind.PERSONAL])


def tell_parties(contact: Contact, shares: Iterable[ContactShare]) -> None:
    """Tell those with whom the contact was shared, and the contact's organisation, which has to name another."""
    users: set[int] = set()
    for share in shares:
        if share.user_id:
            users.add(share.user_id)
        elif share.organisation_id:
            members = Membership.objects.active().filter(organisation=share.organisation_id)
            users |= set(members.values_list("user", flat=True))
    text = "一位联系人撤回了提供联系方式的同意。请不要再使用已经取得的联系方式，需要联系时请通过平台。"
    about = f"contact {contact.pk}"
    path = reverse("follow_ups")
    key = f"{about} withdrawn {timezone.now():%Y%m%d%H%M%S}"
    notify(NoticeDraft(user, NoticeKind.PERSONAL, text, path, about, key) for user in users)
    own = set(Membership.objects.active().filter(organisation=contact.organisation_id).values_list("user", flat=True))
    text = "本单位的一位联系人撤回了同意，不再向任何一方出示。请为相关的成果或需求换一位联系人。"
    notify(NoticeDraft(user, NoticeKind.PERSONAL, text, reverse("workbench"), about, key) for user in own - users)


def _about(request: DataRequest) -> str:
    return f"data_request {request.public_id}"
