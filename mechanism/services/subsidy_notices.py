"""Notices about 专项资金: to the applicant's officers at each step, to city staff when it is their turn."""

from collections.abc import Mapping

from django.urls import reverse

from accounts.models import Membership, Role
from mechanism.models import SubsidyApplication
from notices.models import NoticeKind
from notices.services import notify, settle_notices
from notices.services.notifications import NoticeDraft
from notices.texts.writing import write_sentence

OWNERS = (Role.INSTITUTION, Role.FIRM)


def _subject(application: SubsidyApplication) -> str:
    return f"subsidy {application.public_id}"


def notify_applicant(application: SubsidyApplication, what: str, values: Mapping[str, str], event: str) -> None:
    """Tell the officers of the applicant. `what`: the text `mechanism.subsidy_…`; `event` makes the notice unique."""
    text = write_sentence(f"mechanism.subsidy_{what}", {"项目": application.title[:60], **values})
    rows = Membership.objects.filter(
        organisation=application.organisation_id, role__in=OWNERS, user__is_active=True
    ).values_list("user", flat=True)
    _notify(application, set(rows), text, reverse("subsidy", args=[application.public_id]), event)


def notify_city(application: SubsidyApplication, text: str, event: str) -> None:
    rows = Membership.objects.filter(role=Role.CITY, user__is_active=True).values_list("user", flat=True)
    path = reverse("admin:mechanism_subsidy_page", args=[application.public_id])
    _notify(application, set(rows), text, path, event)


def settle_earlier_notices(application: SubsidyApplication) -> None:
    """The notices of earlier steps are done."""
    settle_notices(_subject(application), [NoticeKind.SUBSIDY])


def _notify(application: SubsidyApplication, recipients: set[int], text: str, path: str, event: str) -> None:
    subject = _subject(application)
    notify(
        NoticeDraft(recipient, NoticeKind.SUBSIDY, text, path, subject, f"{subject} {event} {recipient}")
        for recipient in sorted(recipients)
    )
